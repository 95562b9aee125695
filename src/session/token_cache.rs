//! The cache of accepted tokens: bounded, with CLOCK (second-chance) eviction.
//!
//! An entry means "a key signed exactly these octets, and the policy accepted them". It belongs to
//! one verifier, whose keys and policy never change, so it cannot outlive either.

use std::collections::BTreeMap;

use crate::encoding::octets::{hash, same};

/// The bounds of a [`Session`](crate::Session)'s token cache, which never exceeds either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// The most tokens. Default: 1000. With 0, no token is cached.
    pub entries: usize,
    /// The most octets, of the tokens and of their claims together, with 128 for each entry. Default: 4194304 (4 MiB).
    pub bytes: usize,
}

impl CacheLimits {
    /// No token is cached.
    pub const NONE: Self = Self {
        entries: 0,
        bytes: 0,
    };
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self {
            entries: 1000,
            bytes: 4 << 20,
        }
    }
}

/// Tokens, each with its cached result and a number that identifies it while it is cached.
///
/// A full cache evicts by CLOCK: the hand visits the slots in turn, clears the reference bit of an
/// entry that was used, and removes the first entry whose bit is clear.
#[derive(Debug)]
pub(super) struct TokenCache<T> {
    limits: CacheLimits,
    slots: Vec<Option<Slot<T>>>,
    vacant: Vec<usize>,
    by_hash: BTreeMap<u64, usize>,
    hand: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Slot<T> {
    token: Box<[u8]>,
    hash: u64,
    bytes: usize,
    /// The reference bit: whether the entry was used since the hand last visited it.
    is_used: bool,
    value: T,
}

/// The octets that one entry takes beyond its content: the slot and its place in the index.
const OVERHEAD: usize = 128;

impl<T> TokenCache<T> {
    /// An empty cache, which never exceeds `limits`.
    pub(super) const fn new(limits: CacheLimits) -> Self {
        Self {
            limits,
            slots: Vec::new(),
            vacant: Vec::new(),
            by_hash: BTreeMap::new(),
            hand: 0,
            bytes: 0,
        }
    }

    /// The number and the cached result of `token`, if it is cached, all octets compared. Sets the reference bit.
    pub(super) fn find(&mut self, token: &[u8]) -> Option<(usize, &T)> {
        let number = self.number(token)?;
        let slot = self.slots.get_mut(number)?.as_mut()?;
        slot.is_used = true;
        Some((number, &slot.value))
    }

    /// Whether `token` is cached. Does not set the reference bit.
    pub(super) fn contains(&self, token: &[u8]) -> bool {
        self.number(token).is_some()
    }

    fn number(&self, token: &[u8]) -> Option<usize> {
        if self.by_hash.is_empty() {
            return None;
        }
        let number = *self.by_hash.get(&hash(token))?;
        let slot = self.slots.get(number)?.as_ref()?;
        same(&slot.token, token).then_some(number)
    }

    /// Caches `token` with the result of `value`, which takes that many `bytes`. Returns its
    /// number, or `None` if it does not fit; `value` is then not called.
    pub(super) fn insert(
        &mut self,
        token: &[u8],
        bytes: usize,
        value: impl FnOnce() -> T,
    ) -> Option<usize> {
        let bytes = token.len() + bytes + OVERHEAD;
        if self.limits.entries == 0 || bytes > self.limits.bytes {
            return None;
        }
        let hash = hash(token);
        if let Some(other) = self.by_hash.get(&hash) {
            self.remove(*other);
        }
        while self.len() >= self.limits.entries || self.bytes + bytes > self.limits.bytes {
            self.evict();
        }
        let number = self.vacant.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        *self.slots.get_mut(number)? = Some(Slot {
            token: token.into(),
            hash,
            bytes,
            is_used: false,
            value: value(),
        });
        self.by_hash.insert(hash, number);
        self.bytes += bytes;
        Some(number)
    }

    /// The number of cached tokens.
    pub(super) fn len(&self) -> usize {
        self.by_hash.len()
    }

    /// Moves the hand by one slot: clears a reference bit, or evicts.
    fn evict(&mut self) {
        let number = self.hand;
        self.hand = (number + 1) % self.slots.len().max(1);
        match self.slots.get_mut(number) {
            Some(Some(slot)) if slot.is_used => slot.is_used = false,
            _ => self.remove(number),
        }
    }

    fn remove(&mut self, number: usize) {
        if let Some(slot) = self.slots.get_mut(number).and_then(Option::take) {
            self.by_hash.remove(&slot.hash);
            self.bytes -= slot.bytes;
            self.vacant.push(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::octets::mix;

    const ROOMY: usize = 1 << 20;

    fn cache(entries: usize, bytes: usize) -> TokenCache<u32> {
        TokenCache::new(CacheLimits { entries, bytes })
    }

    #[test]
    fn a_token_is_found_by_all_of_its_octets() {
        let mut cache = cache(10, ROOMY);
        let number = cache.insert(b"a token", 0, || 7);
        assert_eq!(cache.find(b"a token"), number.map(|number| (number, &7)));
        for other in ["a toke", "a token ", "A token", "a tokeN", ""] {
            assert_eq!(cache.find(other.as_bytes()), None, "{other:?}");
        }
    }

    /// Another text with the same hash: its second word cancels the change of its first.
    fn twin(text: &[u8]) -> Vec<u8> {
        let word = |text: &[u8]| text.try_into().map(u64::from_le_bytes).unwrap_or_default();
        let (first, second) = text.split_at(8);
        let rotated = |first: &[u8]| mix(0, word(first)).rotate_left(23);
        let other = b"another.";
        let second = word(second) ^ rotated(first) ^ rotated(other);
        [other, &second.to_le_bytes()[..]].concat()
    }

    #[test]
    fn tokens_with_the_same_hash_replace_each_other() {
        let one = b"AAAAAAAAAAAAAAAA".to_vec();
        let other = twin(&one);
        assert_eq!(hash(&one), hash(&other));
        let mut cache = cache(10, ROOMY);
        cache.insert(&one, 0, || 1);
        assert_eq!(cache.find(&other), None);
        cache.insert(&other, 0, || 2);
        assert_eq!(cache.find(&one), None);
        assert_eq!(cache.find(&other).map(|(_, known)| *known), Some(2));
        assert_eq!(cache.len(), 1);
    }

    #[test]
    fn neither_limit_is_ever_exceeded() {
        for (entries, bytes) in [(0, ROOMY), (1, ROOMY), (3, ROOMY), (100, 1_000), (100, 0)] {
            let mut cache = cache(entries, bytes);
            for n in 0..500_u32 {
                let token = format!("token {n}").into_bytes();
                let number = cache.insert(&token, 50, || n);
                assert!(cache.len() <= entries && cache.bytes <= bytes);
                assert_eq!(cache.find(&token).map(|(number, _)| number), number);
            }
            assert_eq!(cache.len(), cache.slots.iter().flatten().count());
            assert!(cache.slots.len() <= entries);
        }
    }

    #[test]
    fn a_used_entry_outlives_an_unused_one() {
        let mut cache = cache(2, ROOMY);
        for token in [&b"often"[..], b"once"] {
            cache.insert(token, 0, || 0);
        }
        for n in 0..10 {
            assert!(cache.find(b"often").is_some());
            cache.insert(format!("another {n}").as_bytes(), 0, || 0);
        }
        assert!(cache.find(b"often").is_some());
        assert!(cache.find(b"once").is_none());
    }

    #[test]
    fn contains_does_not_refresh_an_entry() {
        let mut cache = cache(2, ROOMY);
        cache.insert(b"looked at", 0, || 0);
        cache.insert(b"another", 0, || 0);
        assert!(cache.contains(b"looked at") && !cache.contains(b"looked a"));
        cache.insert(b"a third", 0, || 0);
        assert!(!cache.contains(b"looked at"));
    }

    #[test]
    fn a_token_inserted_twice_is_cached_once() {
        let mut cache = cache(5, ROOMY);
        for known in 0..10 {
            cache.insert(b"token", 3, || known);
        }
        assert_eq!(cache.len(), 1);
        assert_eq!(cache.find(b"token").map(|(_, known)| *known), Some(9));
        assert_eq!(cache.bytes, "token".len() + 3 + OVERHEAD);
    }
}
