//! Index of a JSON object: the span, the kind and the name of each member.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::encoding::octets::{order, same_text};
use countersign_values::escape::{spells, unescape};

/// The index of one object's members. Reused from one text to the next, so that a call need not
/// allocate.
#[derive(Clone, Debug, Default)]
pub struct MemberIndex {
    pub(super) members: Vec<Member>,
    /// The elements of those members that are arrays of plain strings.
    pub(super) elements: Vec<Inside>,
    /// Scratch space of the scanner; empty between two texts.
    pub(super) names: Vec<Name>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) name: Name,
    pub(super) value: ValueSpan,
}

/// Start and end of a string inside its quotes, in a text of at most `MAX_LAYOUT_OCTETS`.
pub(super) type Inside = [u32; 2];

/// The span of a value and its kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct ValueSpan {
    pub span: Span,
    pub(super) kind: ValueKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// A string without an escape.
    Plain,
    /// An array of such strings: a range of [`MemberIndex::elements`].
    Plains(Span),
    /// Anything else.
    Other,
}

/// The span of a name inside its quotes, and its first octets for a quick comparison.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub(super) span: Span,
    pub(super) escaped: bool,
    pub(super) start: Start,
}

/// The first eight octets of a name, zero-padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start(u64);

/// A range of octets of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub(super) const fn len(self) -> usize {
        self.end - self.start
    }

    /// The span without its first and its last octet.
    pub(super) fn inside(self) -> Inside {
        [self.start + 1, self.end - 1].map(|at| u32::try_from(at).unwrap_or_default())
    }

    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

impl Name {
    pub(super) fn read(self, text: &str) -> Cow<'_, str> {
        let inner = self.span.of(text);
        if self.escaped {
            unescape(inner)
        } else {
            Cow::Borrowed(inner)
        }
    }

    /// Its octets, if there are `LENGTH` of them.
    #[inline(always)]
    pub(super) fn octets<const LENGTH: usize>(self, text: &str) -> Option<[u8; LENGTH]> {
        if self.escaped {
            return self.read(text).as_bytes().try_into().ok();
        }
        if self.span.len() != LENGTH {
            return None;
        }
        text.as_bytes()
            .get(self.span.start..)?
            .first_chunk()
            .copied()
    }

    /// Whether it is `name`, whose first octets are `start`.
    #[inline(always)]
    pub(super) fn is(self, text: &str, name: &str, start: Start) -> bool {
        if self.escaped {
            return spells(self.span.of(text), name);
        }
        self.start == start
            && self.span.len() == name.len()
            && (name.len() <= Start::OCTETS || same_text(self.span.of(text), name))
    }

    /// Whether both spell one name. Neither holds an escape.
    #[inline(always)]
    fn is_same(self, text: &str, other: Self) -> bool {
        self.start == other.start
            && self.span.len() == other.span.len()
            && (self.span.len() <= Start::OCTETS
                || same_text(self.span.of(text), other.span.of(text)))
    }
}

impl Start {
    const OCTETS: usize = 8;

    /// The start of a name, which is the first `length` of `octets`.
    pub(super) fn of(octets: &[u8], length: usize) -> Self {
        let all = match octets.first_chunk() {
            Some(chunk) => u64::from_le_bytes(*chunk),
            None => octets
                .iter()
                .rev()
                .fold(0, |all, octet| all << 8 | u64::from(*octet)),
        };
        let beyond = Self::OCTETS.saturating_sub(length) * 8;
        let mask = u32::try_from(beyond)
            .ok()
            .and_then(|beyond| u64::MAX.checked_shr(beyond));
        Self(all & mask.unwrap_or_default())
    }
}

/// Whether no two of `named` have the same name. Costs at most n log n comparisons, each name
/// unescaped once.
pub(super) fn are_distinct<T>(text: &str, named: &[T], name: impl Fn(&T) -> Name) -> bool {
    /// Up to so many, comparing all pairs is faster than sorting.
    const FEW: usize = 24;
    if named.len() > FEW || named.iter().any(|one| name(one).escaped) {
        return are_distinct_texts(named.iter().map(|one| name(one).read(text)).collect());
    }
    let mut rest = named;
    while let Some((one, others)) = rest.split_first() {
        let is_same = |other: &T| name(one).is_same(text, name(other));
        if others.iter().any(is_same) {
            return false;
        }
        rest = others;
    }
    true
}

/// Whether no two of `names` are the same. Costs at most n log n comparisons.
#[cold]
#[inline(never)]
pub fn are_distinct_texts(names: Vec<Cow<'_, str>>) -> bool {
    let start = |name: &str| Start::of(name.as_bytes(), name.len()).0;
    let mut names: Vec<_> = names.iter().map(|name| (start(name), &**name)).collect();
    // Any total order finds duplicates: the first octets and the length decide most comparisons.
    heapsort(&mut names, |(start, name), (other_start, other)| {
        let quick = start.cmp(other_start).then(name.len().cmp(&other.len()));
        quick.then_with(|| order(name.as_bytes(), other.as_bytes()))
    });
    !names
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a == b))
}

/// Sorts with at most 2 n log n comparisons, whatever the order was. A tenth of the code of the library's sort.
fn heapsort<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let is_below = |items: &[T], one: usize, other: usize| {
        let pair = items.get(one).zip(items.get(other));
        pair.is_some_and(|(one, other)| compare(one, other).is_lt())
    };
    // Moves the item at `place` down until none of the two below it, within `end`, is larger.
    let sift = |items: &mut [T], mut place: usize, end: usize| {
        loop {
            let mut child = 2 * place + 1;
            if child + 1 < end && is_below(items, child, child + 1) {
                child += 1;
            }
            if child >= end || !is_below(items, place, child) {
                return;
            }
            items.swap(place, child);
            place = child;
        }
    };
    for place in (0..items.len() / 2).rev() {
        sift(items, place, items.len());
    }
    for end in (1..items.len()).rev() {
        items.swap(0, end);
        sift(items, 0, end);
    }
}

#[cfg(test)]
mod tests {
    use super::heapsort;

    #[test]
    fn items_are_sorted_whatever_their_order_was() {
        for length in 0..40_usize {
            for step in 1..40 {
                let mut items: Vec<usize> = (0..length).map(|n| n * step % 23).collect();
                let mut sorted = items.clone();
                sorted.sort_unstable();
                heapsort(&mut items, Ord::cmp);
                assert_eq!(items, sorted);
            }
        }
    }
}
