//! Was exactly this token verified before? The bounded cache.
//!
//! An entry means "a key signed exactly these octets, and the policy let them pass". It lives in the
//! memory of one verifier, whose keys and policy never change, so it cannot outlive either.

use std::collections::BTreeMap;

use crate::encoding::octets::same;

/// How much is remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Tokens.
    pub(crate) entries: usize,
    /// Octets, of tokens and of what is kept beside them.
    pub(crate) bytes: usize,
}

/// Tokens, each with what is known of it and a number that it goes by while it is remembered.
///
/// When it is full, the hand goes round and takes the first token that nobody asked for since the
/// hand last came by.
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
    /// Asked for since the hand last came by.
    asked: bool,
    known: T,
}

/// What one entry takes beyond its octets: the slot and the way to it.
const OVERHEAD: usize = 128;

impl<T> Memory<T> {
    /// Remembers nothing yet, and never more than `limits`.
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

    /// The number of `token` and what is known of it, if it is remembered: all octets compared.
    pub(crate) fn find(&mut self, token: &[u8]) -> Option<(usize, &T)> {
        let number = self.number(token)?;
        let slot = self.slots.get_mut(number)?.as_mut()?;
        slot.asked = true;
        Some((number, &slot.known))
    }

    /// Whether `token` is remembered. Nobody has asked for it by that.
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

    /// Remembers `token`, of which `known` gives what is known, in so many `bytes`; returns its
    /// number, or `None` where it is not remembered, and then nobody asks for what is known.
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

    /// How many tokens are remembered.
    pub(crate) fn len(&self) -> usize {
        self.by_hash.len()
    }

    /// Moves the hand by one slot.
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

/// Where to look for a token, by its end: that is where its signature stands. Tokens of one hash
/// share one place, and no more than that: whether it is the same token, all of its octets decide.
fn hash(token: &[u8]) -> u64 {
    const END: usize = 128;
    let end = token
        .last_chunk::<END>()
        .map_or(token, |end| end.as_slice());
    let (words, rest) = end.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest.iter().map(|octet| u64::from(*octet));
    words.chain(rest).fold(0, mix)
}

fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    /// Another text of the same hash: what its first word changes, its second takes back.
    fn twin(text: &[u8]) -> Vec<u8> {
        let word = |text: &[u8]| text.try_into().map(u64::from_le_bytes).unwrap_or_default();
        let (first, second) = text.split_at(8);
        let rotated = |first: &[u8]| mix(0, word(first)).rotate_left(23);
        let other = b"another.";
        let second = word(second) ^ rotated(first) ^ rotated(other);
        [other, &second.to_le_bytes()[..]].concat()
    }

    #[test]
    fn tokens_of_one_hash_take_turns() {
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
    fn neither_limit_is_ever_passed() {
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
    fn a_token_asked_for_outlives_one_that_is_not() {
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
    fn looking_whether_a_token_is_there_keeps_it_no_longer() {
        let mut memory = memory(2, ROOMY);
        memory.insert(b"looked at", 0, || 0);
        memory.insert(b"another", 0, || 0);
        assert!(memory.holds(b"looked at") && !memory.holds(b"looked a"));
        memory.insert(b"a third", 0, || 0);
        assert!(!memory.holds(b"looked at"));
    }

    #[test]
    fn a_token_inserted_twice_is_remembered_once() {
        let mut memory = memory(5, ROOMY);
        for known in 0..10 {
            memory.insert(b"token", 3, || known);
        }
        assert_eq!(memory.len(), 1);
        assert_eq!(memory.find(b"token").map(|(_, known)| *known), Some(9));
        assert_eq!(memory.bytes, "token".len() + 3 + OVERHEAD);
    }
}
