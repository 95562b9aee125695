//! The cache of accepted tokens: bounded, with CLOCK (second-chance) eviction.
//!
//! An entry means "a key signed exactly these octets, and the policy accepted them". It belongs to one verifier, whose keys
//! and policy never change, so it cannot outlive either.

use std::collections::BTreeMap;

use crate::encoding::octets::{hash, same};

/// The bounds of a cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Tokens.
    pub(crate) entries: usize,
    /// Octets, of tokens and of their cached results.
    pub(crate) bytes: usize,
}

/// Tokens, each with its cached result and a number that identifies it while it is cached.
///
/// A full cache evicts by CLOCK: the hand visits the slots in turn, clears the reference bit of an entry that was used, and
/// removes the first entry whose bit is clear.
#[derive(Debug)]
pub(crate) struct Memory<T> {
    limits: Limits,
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
    asked: bool,
    known: T,
}

/// The octets that one entry takes beyond its content: the slot and its place in the index.
const OVERHEAD: usize = 128;

impl<T> Memory<T> {
    /// An empty cache, which never exceeds `limits`.
    pub(crate) const fn new(limits: Limits) -> Self {
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
    pub(crate) fn find(&mut self, token: &[u8]) -> Option<(usize, &T)> {
        let number = self.number(token)?;
        let slot = self.slots.get_mut(number)?.as_mut()?;
        slot.asked = true;
        Some((number, &slot.known))
    }

    /// Whether `token` is cached. Does not set the reference bit.
    pub(crate) fn holds(&self, token: &[u8]) -> bool {
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

    /// Caches `token` with the result of `known`, which takes so many `bytes`. Returns its number, or `None` if it does not
    /// fit; `known` is then not called.
    pub(crate) fn insert(
        &mut self,
        token: &[u8],
        bytes: usize,
        known: impl FnOnce() -> T,
    ) -> Option<usize> {
        let bytes = token.len() + bytes + OVERHEAD;
        if self.limits.entries == 0 || bytes > self.limits.bytes {
            return None;
        }
        let hash = hash(token);
        if let Some(other) = self.by_hash.get(&hash) {
            self.forget(*other);
        }
        while self.len() >= self.limits.entries || self.bytes + bytes > self.limits.bytes {
            self.make_room();
        }
        let number = self.vacant.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        *self.slots.get_mut(number)? = Some(Slot {
            token: token.into(),
            hash,
            bytes,
            asked: false,
            known: known(),
        });
        self.by_hash.insert(hash, number);
        self.bytes += bytes;
        Some(number)
    }

    /// The number of cached tokens.
    pub(crate) fn len(&self) -> usize {
        self.by_hash.len()
    }

    /// Moves the hand by one slot: clears a reference bit, or evicts.
    fn make_room(&mut self) {
        let number = self.hand;
        self.hand = (number + 1) % self.slots.len().max(1);
        match self.slots.get_mut(number) {
            Some(Some(slot)) if slot.asked => slot.asked = false,
            _ => self.forget(number),
        }
    }

    fn forget(&mut self, number: usize) {
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

    fn memory(entries: usize, bytes: usize) -> Memory<u32> {
        Memory::new(Limits { entries, bytes })
    }

    #[test]
    fn a_token_is_found_by_all_of_its_octets() {
        let mut memory = memory(10, ROOMY);
        let number = memory.insert(b"a token", 0, || 7);
        assert_eq!(memory.find(b"a token"), number.map(|number| (number, &7)));
        for other in ["a toke", "a token ", "A token", "a tokeN", ""] {
            assert_eq!(memory.find(other.as_bytes()), None, "{other:?}");
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
        let mut memory = memory(10, ROOMY);
        memory.insert(&one, 0, || 1);
        assert_eq!(memory.find(&other), None);
        memory.insert(&other, 0, || 2);
        assert_eq!(memory.find(&one), None);
        assert_eq!(memory.find(&other).map(|(_, known)| *known), Some(2));
        assert_eq!(memory.len(), 1);
    }

    #[test]
    fn neither_limit_is_ever_exceeded() {
        for (entries, bytes) in [(0, ROOMY), (1, ROOMY), (3, ROOMY), (100, 1_000), (100, 0)] {
            let mut memory = memory(entries, bytes);
            for n in 0..500_u32 {
                let token = format!("token {n}").into_bytes();
                let number = memory.insert(&token, 50, || n);
                assert!(memory.len() <= entries && memory.bytes <= bytes);
                assert_eq!(memory.find(&token).map(|(number, _)| number), number);
            }
            assert_eq!(memory.len(), memory.slots.iter().flatten().count());
            assert!(memory.slots.len() <= entries);
        }
    }

    #[test]
    fn a_used_entry_outlives_an_unused_one() {
        let mut memory = memory(2, ROOMY);
        for token in [&b"often"[..], b"once"] {
            memory.insert(token, 0, || 0);
        }
        for n in 0..10 {
            assert!(memory.find(b"often").is_some());
            memory.insert(format!("another {n}").as_bytes(), 0, || 0);
        }
        assert!(memory.find(b"often").is_some());
        assert!(memory.find(b"once").is_none());
    }

    #[test]
    fn contains_does_not_refresh_an_entry() {
        let mut memory = memory(2, ROOMY);
        memory.insert(b"looked at", 0, || 0);
        memory.insert(b"another", 0, || 0);
        assert!(memory.holds(b"looked at") && !memory.holds(b"looked a"));
        memory.insert(b"a third", 0, || 0);
        assert!(!memory.holds(b"looked at"));
    }

    #[test]
    fn a_token_inserted_twice_is_cached_once() {
        let mut memory = memory(5, ROOMY);
        for known in 0..10 {
            memory.insert(b"token", 3, || known);
        }
        assert_eq!(memory.len(), 1);
        assert_eq!(memory.find(b"token").map(|(_, known)| *known), Some(9));
        assert_eq!(memory.bytes, "token".len() + 3 + OVERHEAD);
    }
}
