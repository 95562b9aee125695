//! Finds the key for a JOSE Header ([RFC 7517 section 5]).
//!
//! [RFC 7517 section 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5

use std::collections::BTreeMap;

use super::alg::{Alg, AlgSet};
use super::jwk::{Jwk, Kind};
use crate::encoding::json::Object;
use crate::encoding::limits::{MAX_CANDIDATES, MAX_EVIDENCE_CHARS, MAX_KEYS};
use crate::error::{Error, ErrorCode};

/// The keys at hand, by the `kid` that a JOSE Header may ask for. Whatever their number, a lookup
/// costs about the same.
#[derive(Debug, Default)]
pub(crate) struct JwkSet {
    algs: AlgSet,
    named: BTreeMap<String, Vec<Entry>>,
    unnamed: Vec<Entry>,
    /// The algorithms that exactly one key fits, and that key.
    only: Vec<(Alg, usize)>,
    unfit: BTreeMap<String, Vec<Unfit>>,
}

/// A member of a set that cannot be used.
#[derive(Debug)]
pub(crate) struct Unfit {
    kid: Option<String>,
    /// What a key of its type could verify.
    type_algs: AlgSet,
    error: Error,
}

/// A key, by its number, and why it fits what it fits.
#[derive(Clone, Copy, Debug)]
struct Entry {
    index: usize,
    /// What its type could verify.
    type_algs: AlgSet,
    /// What it is strong enough for.
    strong_algs: AlgSet,
    /// What its members leave of that.
    algs: AlgSet,
}

/// Where a set comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From the caller, who may share secrets with an issuer.
    Caller,
    /// From where others can read it, too: secrets in it are none.
    Published,
}

/// Takes a `{"keys":[…]}` document apart into the keys that can be used and the members that
/// cannot.
///
/// # Errors
///
/// [`ErrorCode::KeysInvalid`], naming `keys`: it is no array, it is too long, or the caller has put
/// secrets and public keys into one set.
pub(crate) fn parse_members(
    set: &Object<'_>,
    origin: Origin,
) -> Result<(Vec<Jwk>, Vec<Unfit>), Error> {
    let members = set
        .get("keys")
        .and_then(|keys| keys.as_array())
        .ok_or_else(|| Error::keys("keys", "an array of JWKs"))?;
    if members.len() > MAX_KEYS {
        return Err(Error::keys("keys", "at most 2000 JWKs").actual(members.len()));
    }
    let (mut fit, mut unfit) = (Vec::new(), Vec::new());
    // Section 5: members that are not understood, incomplete or out of range are ignored.
    for member in members.into_iter().filter_map(|member| member.as_object()) {
        match Jwk::parse(&member) {
            Ok(jwk) if origin == Origin::Published && jwk.material.kind() == Kind::Oct => {}
            Ok(jwk) => fit.push(jwk),
            Err(error) => unfit.push(Unfit {
                kid: member
                    .get("kid")
                    .and_then(|kid| kid.as_str())
                    .map(|kid| kid.into_owned()),
                type_algs: Kind::of(&member).map(Kind::algs).unwrap_or_default(),
                error,
            }),
        }
    }
    let secrets = fit
        .iter()
        .filter(|jwk| jwk.material.kind() == Kind::Oct)
        .count();
    if secrets != 0 && secrets != fit.len() {
        let must_be = "either public keys or secrets: a set of both gives the secrets away";
        return Err(Error::keys("keys", must_be));
    }
    Ok((fit, unfit))
}

impl Unfit {
    /// `jwk`, whose numbers make no key, as `error` says.
    pub(crate) fn new(jwk: Jwk, error: Error) -> Self {
        Self {
            type_algs: jwk.material.kind().algs(),
            kid: jwk.kid,
            error,
        }
    }
}

impl JwkSet {
    /// A set of `keys`, each of which goes by its position.
    pub(crate) fn new(keys: &[Jwk], unfit: Vec<Unfit>) -> Self {
        let mut set = Self::default();
        for (index, jwk) in keys.iter().enumerate() {
            let entry = Entry {
                index,
                type_algs: jwk.material.kind().algs(),
                strong_algs: jwk.material.algs(),
                algs: jwk.algs,
            };
            set.algs = set.algs.union(jwk.algs);
            match &jwk.kid {
                Some(kid) => add(set.named.entry(kid.clone()).or_default(), entry),
                None => add(&mut set.unnamed, entry),
            }
        }
        for alg in set.algs.iter() {
            let mut fit = keys
                .iter()
                .enumerate()
                .filter(|(_, jwk)| jwk.algs.contains(alg));
            if let (Some((index, _)), None) = (fit.next(), fit.next()) {
                set.only.push((alg, index));
            }
        }
        for mut member in unfit {
            if let Some(kid) = member.kid.take() {
                set.unfit.entry(kid).or_default().push(member);
            }
        }
        set
    }

    /// Every algorithm that some key of this set fits.
    pub(crate) const fn algs(&self) -> AlgSet {
        self.algs
    }

    /// The keys to try on a token of `alg` and `kid`, by their numbers, at most
    /// [`MAX_CANDIDATES`]: those that fit and have its `kid`, else those that fit and have none. A
    /// token without a `kid` may also mean the only key that fits.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeyRejected`] if a key with this `kid` is of the right type but must not be
    /// used; [`ErrorCode::KeyNotFound`] if there is no such key.
    pub(crate) fn select(
        &self,
        alg: Alg,
        kid: Option<&str>,
    ) -> Result<impl Iterator<Item = usize>, Error> {
        let named = kid
            .and_then(|kid| self.named.get(kid))
            .map_or(&[][..], Vec::as_slice);
        let fits = |entries: &[Entry]| entries.iter().any(|entry| entry.algs.contains(alg));
        let (entries, only) = if fits(named) {
            (named, None)
        } else if fits(&self.unnamed) {
            (self.unnamed.as_slice(), None)
        } else {
            let only = self
                .only
                .iter()
                .find(|(fit, _)| *fit == alg && kid.is_none());
            let (_, index) = only.ok_or_else(|| self.refusal(alg, kid, named))?;
            (&[][..], Some(*index))
        };
        let candidates = entries
            .iter()
            .filter(move |entry| entry.algs.contains(alg))
            .map(|entry| entry.index);
        Ok(candidates.chain(only).take(MAX_CANDIDATES))
    }

    /// Why there is no key for `alg` and `kid`, given the fit keys that have that `kid`.
    fn refusal(&self, alg: Alg, kid: Option<&str>, named: &[Entry]) -> Error {
        let Some(kid) = kid else {
            return Error::about(ErrorCode::KeyNotFound, "kid");
        };
        let fit = named.iter().find_map(|entry| entry.rejection(alg));
        let unfit = self.unfit.get(kid).into_iter().flatten();
        fit.or_else(|| unfit.into_iter().find_map(|member| member.rejection(alg)))
            .unwrap_or_else(|| {
                let kid: String = kid.chars().take(MAX_EVIDENCE_CHARS).collect();
                Error::about(ErrorCode::KeyNotFound, "kid").actual(kid)
            })
    }
}

impl Entry {
    /// Why this key, though of the type that `alg` needs, does not fit it.
    fn rejection(&self, alg: Alg) -> Option<Error> {
        if !self.type_algs.contains(alg) {
            return None;
        }
        if !self.strong_algs.contains(alg) {
            let strong = "a secret as long as the hash";
            return Some(Error::about(ErrorCode::KeyRejected, "k").expected(strong));
        }
        let allowed: Vec<_> = self.algs.iter().map(Alg::name).collect();
        let error = Error::about(ErrorCode::KeyRejected, "alg").expected(alg.name());
        Some(error.actual(allowed.join(" ")))
    }
}

impl Unfit {
    /// Why this member, though of the type that `alg` needs, does not fit it.
    fn rejection(&self, alg: Alg) -> Option<Error> {
        self.type_algs.contains(alg).then(|| Error {
            code: ErrorCode::KeyRejected,
            ..self.error.clone()
        })
    }
}

/// Adds `entry` unless, for everything it fits, there are as many candidates as are ever tried.
fn add(entries: &mut Vec<Entry>, entry: Entry) {
    let wanted = |alg| {
        let earlier = entries
            .iter()
            .filter(|entry| entry.algs.contains(alg))
            .count();
        earlier < MAX_CANDIDATES
    };
    if entry.algs.iter().any(wanted) {
        entries.push(entry);
    }
}
