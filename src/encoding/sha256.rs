//! SHA-256 (FIPS 180-4) for identifiers, and for messages that are both signed and identified.

use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

/// The hash of `octets`.
pub fn digest(octets: &[u8]) -> [u8; 32] {
    State::START.digest(0, octets)
}

/// The hash of `parts` in `domain`. Each part follows its length, so that no two lists of parts
/// encode alike.
pub fn digest_parts(domain: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut room = [0; 2 * BLOCK];
    let mut length = 0;
    each(domain, parts, |octets| {
        let end = length + octets.len();
        if let Some(place) = room.get_mut(length..end) {
            place.copy_from_slice(octets);
        }
        length = end;
    });
    if length <= State::LONGEST_END {
        return State::START.end(&mut room, length, length);
    }
    let mut hash = Sha256::new();
    each(domain, parts, |octets| hash.update(octets));
    hash.finalize().into()
}

/// As [`digest_parts`] in the domain `countersign mac`, of the one part `tag`. The octets before the tag are a constant.
///
/// Not inlined: its callers are compiled for size.
#[inline(never)]
pub fn digest_tag(tag: &[u8; 32]) -> [u8; 32] {
    const BEFORE: &[u8; 21] = b"15:countersign mac32:";
    let mut room = [0; 2 * BLOCK];
    if let Some((before, rest)) = room.split_first_chunk_mut() {
        *before = *BEFORE;
        if let Some(place) = rest.first_chunk_mut() {
            *place = *tag;
        }
    }
    let length = BEFORE.len() + tag.len();
    State::START.end(&mut room, length, length)
}

/// Passes `domain` and each of `parts` to `put`, each after its length.
fn each(domain: &str, parts: &[&[u8]], mut put: impl FnMut(&[u8])) {
    for part in std::iter::once(&domain.as_bytes()).chain(parts) {
        put(with_colon(part.len(), &mut [b':'; DECIMAL]));
        put(part);
    }
}

/// Room for the digits of any length, and a colon.
const DECIMAL: usize = 21;

/// `length`, decimal, before the colon that ends `text`.
fn with_colon(length: usize, text: &mut [u8; DECIMAL]) -> &[u8] {
    let (mut rest, mut start) = (length, DECIMAL - 1);
    for place in text.iter_mut().rev().skip(1) {
        *place = b"0123456789".get(rest % 10).copied().unwrap_or_default();
        (rest, start) = (rest / 10, start - 1);
        if rest == 0 {
            break;
        }
    }
    text.get(start..).unwrap_or_default()
}

/// The octets of a block.
pub const BLOCK: usize = 64;

/// The chaining value between two blocks.
#[derive(Clone, Copy, Debug)]
pub struct State([u32; 8]);

impl State {
    /// Before the first block (FIPS 180-4 section 5.3.3).
    pub const START: Self = Self([
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ]);

    /// Its words.
    pub const fn words(self) -> [u32; 8] {
        self.0
    }

    /// After one block.
    pub fn after(block: &[u8; BLOCK]) -> Self {
        let Self(mut state) = Self::START;
        compress256(&mut state, &[*block]);
        Self(state)
    }

    /// The hash of the `blocks` hashed so far and of `message` after them (FIPS 180-4 section 5.1.1).
    pub fn digest(self, blocks: usize, message: &[u8]) -> [u8; 32] {
        let Self(mut state) = self;
        let (whole, rest) = message.as_chunks();
        compress256(&mut state, whole);
        let mut room = [0; 2 * BLOCK];
        if let Some(place) = room.get_mut(..rest.len()) {
            place.copy_from_slice(rest);
        }
        Self(state).end(&mut room, rest.len(), blocks * BLOCK + message.len())
    }

    /// The most octets that [`Self::end`] takes: after them come one octet and the length, of eight.
    const LONGEST_END: usize = 2 * BLOCK - 9;

    /// The hash of a message of `total` octets, of which the first `length` octets of `room` come last. Those after them
    /// are zero.
    fn end(self, room: &mut [u8; 2 * BLOCK], length: usize, total: usize) -> [u8; 32] {
        let Self(mut state) = self;
        let last = if length + 9 <= BLOCK { 1 } else { 2 };
        let octet = room.iter_mut().skip(length).take(1);
        octet.for_each(|octet| *octet = 0x80);
        let words = room.as_chunks_mut().0;
        if let Some(end) = words.get_mut(last * BLOCK / 8 - 1) {
            *end = (8 * u64::try_from(total).unwrap_or_default()).to_be_bytes();
        }
        compress256(
            &mut state,
            room.as_chunks().0.get(..last).unwrap_or_default(),
        );
        let mut hash = [0; 32];
        let words = hash.as_chunks_mut().0.iter_mut().zip(state);
        words.for_each(|(octets, word)| *octets = word.to_be_bytes());
        hash
    }
}

/// A host-provided SHA-256 that passed the self-test.
#[derive(Clone)]
pub struct Hasher(Arc<HashFn>);

/// The hash of the concatenated parts, or `None` if the host fails.
type HashFn = dyn Fn(&[&[u8]]) -> Option<[u8; 32]> + Send + Sync;

impl Hasher {
    /// The break-even length, in octets: below it, a call into the host costs more than hashing here.
    const LEAST: usize = 256;

    /// Accepts `hash` if it agrees with this module at the padding boundaries: 64, 119, 120 and 512
    /// octets.
    pub fn self_tested(
        hash: impl Fn(&[&[u8]]) -> Option<[u8; 32]> + Send + Sync + 'static,
    ) -> Option<Self> {
        let text: Vec<u8> = (0..=255).cycle().take(2 * Self::LEAST).collect();
        let is_right = |length| {
            let (first, rest) = text.get(..length)?.split_at_checked(64)?;
            (hash(&[first, rest])? == digest(&[first, rest].concat())).then_some(())
        };
        [64, 119, 120, 2 * Self::LEAST]
            .into_iter()
            .all(|length| is_right(length).is_some())
            .then(|| Self(Arc::new(hash)))
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

/// Octets that are signed and identified: hashed once for both, or by the host's hasher.
#[derive(Debug)]
pub struct Message<'a> {
    octets: &'a [u8],
    hasher: Option<&'a Hasher>,
    precomputed: Option<&'a PrecomputedTag>,
    hashed: OnceCell<Sha256>,
}

/// A precomputed HMAC with SHA-256: the number of its secret, and the tag.
pub type PrecomputedTag = (usize, [u8; 32]);

impl<'a> Message<'a> {
    /// A message, not hashed yet.
    pub const fn new(octets: &'a [u8]) -> Self {
        Self {
            octets,
            hasher: None,
            precomputed: None,
            hashed: OnceCell::new(),
        }
    }

    /// A message, to be hashed by `hasher` if it is long enough, perhaps with a precomputed tag.
    pub fn hashed_by(
        octets: &'a [u8],
        hasher: Option<&'a Hasher>,
        precomputed: Option<&'a PrecomputedTag>,
    ) -> Self {
        Self {
            octets,
            hasher: hasher.filter(|_| octets.len() >= Hasher::LEAST),
            precomputed,
            hashed: OnceCell::new(),
        }
    }

    /// The precomputed tag, if the secret of that number made it.
    pub fn precomputed_by(&self, number: usize) -> Option<&[u8; 32]> {
        let (maker, tag) = self.precomputed?;
        (*maker == number).then_some(tag)
    }

    /// The octets themselves.
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// Their hash.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256_before(b"")
    }

    /// The hash of the octets followed by `suffix`.
    pub fn sha256_before(&self, suffix: &[u8]) -> [u8; 32] {
        self.by_hasher(&[self.octets, suffix])
            .unwrap_or_else(|| self.hashed().chain_update(suffix).finalize().into())
    }

    /// The hash of `prefix` followed by the octets, if the host hashes this message.
    pub fn sha256_behind(&self, prefix: &[u8]) -> Option<[u8; 32]> {
        self.by_hasher(&[prefix, self.octets])
    }

    fn by_hasher(&self, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let Hasher(hash) = self.hasher?;
        hash(parts)
    }

    fn hashed(&self) -> Sha256 {
        let hashed = || Sha256::new_with_prefix(self.octets);
        self.hashed.get_or_init(hashed).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_hashed_once_has_the_same_hashes() {
        for length in [0, 1, 55, 56, 63, 64, 65, 300] {
            let octets = vec![7; length];
            let message = Message::new(&octets);
            assert_eq!(
                message.sha256_before(b" end"),
                digest(&[&octets[..], b" end"].concat())
            );
            assert_eq!(message.sha256(), digest(&octets));
            assert_eq!(message.sha256_before(b""), digest(&octets));
            assert_eq!(message.octets(), octets);
            assert_eq!(message.sha256_behind(b"start"), None);
        }
    }

    #[test]
    fn a_message_is_hashed_as_by_the_crate() {
        let block = [0xA5; BLOCK];
        for length in 0..330 {
            let octets = vec![7; length];
            let alone: [u8; 32] = Sha256::digest(&octets).into();
            let behind = Sha256::new_with_prefix(block).chain_update(&octets);
            let behind: [u8; 32] = behind.finalize().into();
            assert_eq!(State::START.digest(0, &octets), alone);
            assert_eq!(State::after(&block).digest(1, &octets), behind);
            assert_eq!(digest(&octets), alone);
        }
    }

    #[test]
    fn a_tag_is_hashed_as_the_one_part_of_its_domain() {
        for octet in [0, 7, 0xFF] {
            let tag = [octet; 32];
            assert_eq!(digest_tag(&tag), digest_parts("countersign mac", &[&tag]));
        }
    }

    #[test]
    fn a_length_is_written_in_decimal() {
        for length in [0, 1, 9, 10, 99, 100, 1_048_576, usize::MAX] {
            let text = with_colon(length, &mut [b':'; DECIMAL]).to_vec();
            assert_eq!(String::from_utf8(text), Ok(format!("{length}:")));
        }
    }

    fn honest(parts: &[&[u8]]) -> [u8; 32] {
        digest(&parts.concat())
    }

    #[test]
    fn a_host_sha256_is_used_only_after_agreeing_at_the_padding_boundaries() {
        assert!(Hasher::self_tested(|parts| Some(honest(parts))).is_some());
        assert!(Hasher::self_tested(|_| None).is_none());
        for wrong_at in [64, 119, 120, 512] {
            let nearly = move |parts: &[&[u8]]| {
                let mut hash = honest(parts);
                if parts.concat().len() == wrong_at {
                    *hash.last_mut()? ^= 1;
                }
                Some(hash)
            };
            assert!(Hasher::self_tested(nearly).is_none(), "{wrong_at}");
        }
    }

    #[test]
    fn a_message_that_the_host_fails_to_hash_is_hashed_here() {
        let calls = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let fails_after = 4;
        let hasher = {
            let calls = Arc::clone(&calls);
            Hasher::self_tested(move |parts| {
                let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                (call < fails_after).then(|| honest(parts))
            })
        };
        let calls_made = || calls.load(std::sync::atomic::Ordering::Relaxed) - fails_after;
        let (short, long) = (vec![7; Hasher::LEAST - 1], vec![7; Hasher::LEAST]);
        let message = Message::hashed_by(&short, hasher.as_ref(), None);
        assert_eq!((message.sha256(), calls_made()), (digest(&short), 0));
        let message = Message::hashed_by(&long, hasher.as_ref(), None);
        assert_eq!((message.sha256(), calls_made()), (digest(&long), 1));
        assert_eq!(message.sha256_behind(b"start"), None);
    }
}
