//! Index of a JSON object: the span, the kind and the name of each member.

use std::borrow::Cow;

use super::escape::{spells, unescape};
use crate::encoding::octets::{order, same_text};

/// The index of one object's members. Reused from one text to the next, so that a call need not
/// allocate.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub(super) members: Vec<Member>,
    /// The elements of those members that are arrays of plain strings.
    pub(super) elements: Vec<Place>,
    /// Scratch space of the scanner; empty between two texts.
    pub(super) names: Vec<Name>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) name: Name,
    pub(super) value: Place,
}

/// The span of a value and its kind.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub span: Span,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A string without an escape.
    Plain,
    /// An array of such strings: a range of [`Places::elements`].
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
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub(super) const fn len(self) -> usize {
        self.end - self.start
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
        return are_distinct_sorted(named.iter().map(|one| name(one).read(text)).collect());
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

#[cold]
#[inline(never)]
fn are_distinct_sorted(names: Vec<Cow<'_, str>>) -> bool {
    let start = |name: &str| Start::of(name.as_bytes(), name.len()).0;
    let mut names: Vec<_> = names.iter().map(|name| (start(name), &**name)).collect();
    // Any total order finds duplicates: the first octets and the length decide most comparisons.
    names.sort_unstable_by(|(start, name), (other_start, other)| {
        let quick = start.cmp(other_start).then(name.len().cmp(&other.len()));
        quick.then_with(|| order(name.as_bytes(), other.as_bytes()))
    });
    !names
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a == b))
}
