//! Keys of a verifier as tokens select them: by the header, entry by entry.

use crate::encoding::limits::truncate;
use crate::encoding::mac::is_tag;
use crate::encoding::sha256::{Hasher, Message, PrecomputedTag};
use crate::error::{Error, ErrorCode};
use crate::jose::alg::{Alg, AlgSet};
use crate::jose::header::KeyHint;
use crate::signature::{self, VerificationKey};

use super::{Entry, Key, Keys};

/// The keys of a verifier, found by the header of a token, each by its number.
#[derive(Debug)]
pub(crate) struct KeyRing {
    keys: Vec<Key>,
    entries: Vec<Entry>,
    prepared: Vec<VerificationKey>,
    algs: AlgSet,
    hasher: Option<Hasher>,
}

impl From<Keys> for KeyRing {
    fn from(keys: Keys) -> Self {
        let algs = |algs: AlgSet, entry: &Entry| algs.union(entry.set.algs());
        Self {
            algs: keys.entries.iter().fold(AlgSet::EMPTY, algs),
            keys: keys.keys,
            entries: keys.entries,
            prepared: keys.prepared,
            hasher: keys.hasher,
        }
    }
}

impl KeyRing {
    /// The algorithms that some key allows.
    pub(crate) const fn algs(&self) -> AlgSet {
        self.algs
    }

    /// Whether the keys are all there are: none of them comes from a published set.
    pub(crate) fn is_fixed(&self) -> bool {
        !self.entries.iter().any(|entry| entry.is_published)
    }

    /// The numbers of the keys to try on a token of `alg`, at most eight of each entry, in order: first
    /// those of entries in which a key has the name that the token states.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeyRejected`] if a key that the token may mean is of the right type but must not
    /// be used; [`ErrorCode::KeyNotFound`] if there is no such key.
    pub(crate) fn select<'a>(
        &'a self,
        alg: Alg,
        hint: KeyHint<'a>,
    ) -> Result<impl Iterator<Item = usize> + Clone + use<'a>, Error> {
        let sets = move |is_named| {
            let sets = self.entries.iter().map(|entry| &entry.set);
            sets.filter(move |set| set.is_named(alg, hint) == is_named)
        };
        let both = sets(true).chain(sets(false));
        let candidates = both.flat_map(move |set| set.candidates(alg, hint));
        match candidates.clone().next() {
            Some(_) => Ok(candidates),
            None => Err(self.refusal(alg, hint)),
        }
    }

    /// Whether in some entry more keys fit than [`Self::select`] returns.
    pub(crate) fn has_more(&self, alg: Alg, hint: KeyHint<'_>) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.set.has_more(alg, hint))
    }

    /// Whether a key that the token may mean is of the type that `alg` needs, but cannot be used: then
    /// that is the reason to refuse it.
    pub(crate) fn has_unfit(&self, alg: Alg, hint: KeyHint<'_>) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.set.unfitness(alg, hint).is_some())
    }

    /// What a secret must be to be long enough for `alg`, if there is one that is not.
    pub(crate) fn weakness(&self, alg: Alg) -> Option<String> {
        let mut entries = self.entries.iter();
        entries.find_map(|entry| entry.set.weakness(alg))
    }

    /// The indexes of the entries in which no key has the `kid` of a token.
    pub(crate) fn lacking(&self, hint: KeyHint<'_>) -> Vec<usize> {
        let entries = self.entries.iter().enumerate();
        let lacking = entries.filter(|(_, entry)| entry.set.lacks(hint));
        lacking.map(|(index, _)| index).collect()
    }

    /// The message `octets`, hashed by the host if these keys delegate it, perhaps with a precomputed tag.
    pub(crate) fn message<'a>(
        &'a self,
        octets: &'a [u8],
        tag: Option<&'a PrecomputedTag>,
    ) -> Message<'a> {
        Message::hashed_by(octets, self.hasher.as_ref(), tag)
    }

    /// The first of `candidates` that signed `signing_input` by `alg`. A key that several entries
    /// list is tried once.
    pub(crate) fn signer(
        &self,
        candidates: impl Iterator<Item = usize> + Clone,
        alg: Alg,
        signing_input: &Message<'_>,
        signature: &[u8],
    ) -> Option<usize> {
        let earlier = candidates.clone();
        let mut tried = candidates.enumerate();
        let (_, signer) = tried.find(|(count, number)| {
            let is_tried = earlier
                .clone()
                .take(*count)
                .any(|one| self.is_twin(one, *number));
            !is_tried && self.signed(*number, alg, signing_input, signature)
        })?;
        Some(signer)
    }

    /// Whether two numbers are listings of the same key.
    pub(crate) fn is_twin(&self, one: usize, other: usize) -> bool {
        let prepared = |number: usize| Some(self.keys.get(number)?.prepared);
        prepared(one) == prepared(other)
    }

    fn signed(
        &self,
        number: usize,
        alg: Alg,
        signing_input: &Message<'_>,
        signature: &[u8],
    ) -> bool {
        if let Some(tag) = signing_input.precomputed_by(number) {
            return alg == Alg::Hs256 && is_tag(tag, signature);
        }
        self.prepared(number)
            .is_some_and(|key| signature::verify(key, alg, signing_input, signature).is_some())
    }

    /// Whether [`Self::macs`] is faster than one MAC at a time: not where a host hashes.
    pub(crate) fn has_lanes(&self) -> bool {
        signature::HAS_LANES && self.hasher.is_none()
    }

    /// The HMAC-SHA-256 tags of messages, each by the secret with the number paired with it.
    pub(crate) fn macs(&self, tasks: &[Option<(usize, &[u8])>]) -> Vec<Option<PrecomputedTag>> {
        let secrets = tasks.iter().map(|task| {
            let (number, message) = (*task)?;
            Some((self.prepared(number)?, message))
        });
        let tags = signature::macs(secrets);
        let ahead = |(task, tag): (&Option<(usize, _)>, Option<_>)| Some(((*task)?.0, tag?));
        tasks.iter().zip(tags).map(ahead).collect()
    }

    fn prepared(&self, number: usize) -> Option<&VerificationKey> {
        self.prepared.get(self.keys.get(number)?.prepared)
    }

    /// The `kid` of the key of that number.
    pub(crate) fn kid(&self, number: usize) -> Option<&str> {
        self.keys.get(number)?.kid.as_deref()
    }

    /// The issuers that the caller tagged the key of that number with, if any.
    pub(crate) fn issuers(&self, number: usize) -> Option<&[String]> {
        let entry = self.keys.get(number)?.entry;
        self.entries.get(entry)?.issuers.as_deref()
    }

    /// The issuer that the JWK of that number names, if it does.
    pub(crate) fn own_issuer(&self, number: usize) -> Option<&str> {
        self.keys.get(number)?.issuer.as_deref()
    }

    fn refusal(&self, alg: Alg, hint: KeyHint<'_>) -> Error {
        let mut entries = self.entries.iter();
        let rejection = entries.find_map(|entry| entry.set.rejection(alg, hint));
        rejection.unwrap_or_else(|| {
            let error = Error::about(ErrorCode::KeyNotFound, "kid");
            match hint.kid {
                Some(kid) => error.actual(truncate(kid)),
                None => error,
            }
        })
    }
}
