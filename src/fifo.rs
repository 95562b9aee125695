//! A fixed-size FIFO ring: the last few items of a kind, each with a number.

/// At most `MOST` items: a full ring replaces the oldest one.
#[derive(Debug)]
pub(crate) struct Fifo<T, const MOST: usize> {
    items: Vec<T>,
    oldest: usize,
}

impl<T, const MOST: usize> Fifo<T, MOST> {
    /// An empty ring.
    pub(crate) const fn new() -> Self {
        Self {
            items: Vec::new(),
            oldest: 0,
        }
    }

    /// The first item that satisfies `is`.
    pub(crate) fn find(&self, is: impl Fn(&T) -> bool) -> Option<&T> {
        self.items.get(self.number(is)?)
    }

    /// The number of the first item that satisfies `is`.
    pub(crate) fn number(&self, is: impl Fn(&T) -> bool) -> Option<usize> {
        self.items.iter().position(is)
    }

    /// Whether the next item replaces another one.
    pub(crate) fn is_full(&self) -> bool {
        self.items.len() >= MOST
    }

    /// Adds `item` and returns its number, which it keeps until it is replaced.
    pub(crate) fn insert(&mut self, item: T) -> usize {
        if !self.is_full() {
            self.items.push(item);
            return self.items.len() - 1;
        }
        let number = self.oldest;
        self.oldest = (number + 1) % MOST;
        if let Some(place) = self.items.get_mut(number) {
            *place = item;
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_item_is_replaced_first() {
        let mut ring = Fifo::<usize, 3>::new();
        for item in 0..10 {
            assert_eq!(ring.is_full(), item >= 3);
            assert_eq!(ring.insert(item), item % 3);
            for known in item.saturating_sub(2)..=item {
                assert_eq!(ring.number(|other| *other == known), Some(known % 3));
                assert_eq!(ring.find(|other| *other == known), Some(&known));
            }
            let gone = item.checked_sub(3);
            assert_eq!(
                gone.and_then(|gone| ring.number(|other| *other == gone)),
                None
            );
        }
    }
}
