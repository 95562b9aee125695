//! A fixed-size FIFO ring: the last few items of a kind, each with a number.

/// At most `MOST` items: a full ring replaces the oldest one.
#[derive(Debug)]
pub(crate) struct Recent<T, const MOST: usize> {
    things: Vec<T>,
    #[cfg_attr(
        not(any(test, feature = "wasm")),
        expect(dead_code, reason = "only the boundary inserts")
    )]
    oldest: usize,
}

impl<T, const MOST: usize> Recent<T, MOST> {
    /// An empty ring.
    pub(crate) const fn new() -> Self {
        Self {
            things: Vec::new(),
            oldest: 0,
        }
    }

    /// The first item that satisfies `is`.
    pub(crate) fn find(&self, is: impl Fn(&T) -> bool) -> Option<&T> {
        self.things.iter().find(|thing| is(thing))
    }
}

#[cfg(any(test, feature = "wasm"))]
impl<T, const MOST: usize> Recent<T, MOST> {
    /// The number of the first item that satisfies `is`.
    pub(crate) fn number(&self, is: impl Fn(&T) -> bool) -> Option<usize> {
        self.things.iter().position(is)
    }

    /// Whether the next item replaces another one.
    pub(crate) fn is_full(&self) -> bool {
        self.things.len() >= MOST
    }

    /// Adds `thing` and returns its number, which it keeps until it is replaced.
    pub(crate) fn insert(&mut self, thing: T) -> usize {
        if !self.is_full() {
            self.things.push(thing);
            return self.things.len() - 1;
        }
        let number = self.oldest;
        self.oldest = (number + 1) % MOST;
        if let Some(place) = self.things.get_mut(number) {
            *place = thing;
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_item_is_replaced_first() {
        let mut recent = Recent::<usize, 3>::new();
        for thing in 0..10 {
            assert_eq!(recent.is_full(), thing >= 3);
            assert_eq!(recent.insert(thing), thing % 3);
            for known in thing.saturating_sub(2)..=thing {
                assert_eq!(recent.number(|other| *other == known), Some(known % 3));
                assert_eq!(recent.find(|other| *other == known), Some(&known));
            }
            let gone = thing.checked_sub(3);
            assert_eq!(
                gone.and_then(|gone| recent.number(|other| *other == gone)),
                None
            );
        }
    }
}
