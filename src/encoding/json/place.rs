//! Where do the parts of a JSON text stand?

use std::borrow::Cow;

use super::unescape;
use crate::encoding::octets::same_text;

/// Where the members of an object stand. Kept from one text to the next, so that no call has to
/// allocate it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    pub(super) members: Vec<Member>,
    /// Of the members that are arrays of plain strings.
    pub(super) elements: Vec<Place>,
    /// What a scanner needs; empty between two texts.
    pub(super) names: Vec<Name>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) name: Name,
    pub(super) value: Place,
}

/// Where a value stands, and what can be told of it at sight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) span: Span,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A string in which nothing is escaped.
    Plain,
    /// An array of such strings, which are these elements.
    Plains(
        #[cfg_attr(
            not(feature = "wasm"),
            expect(dead_code, reason = "the boundary tells them")
        )]
        Span,
    ),
    /// Anything else.
    Other,
}

/// Where a name stands, inside its quotes, and as much of it as one comparison can tell apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub(super) span: Span,
    pub(super) escaped: bool,
    pub(super) start: Start,
}

/// The first octets of a name, eight at the most, behind them zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start(u64);

/// From one octet of a text to before another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
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

    /// Whether it is `name`, which has that `start`.
    #[inline(always)]
    pub(super) fn is(self, text: &str, name: &str, start: Start) -> bool {
        if self.escaped {
            return self.read(text) == name;
        }
        self.start == start
            && self.span.len() == name.len()
            && (name.len() <= Start::OCTETS || same_text(self.span.of(text), name))
    }

    #[inline(always)]
    fn is_same(self, text: &str, other: Self) -> bool {
        if self.escaped || other.escaped {
            return self.read(text) == other.read(text);
        }
        self.start == other.start
            && self.span.len() == other.span.len()
            && (self.span.len() <= Start::OCTETS
                || same_text(self.span.of(text), other.span.of(text)))
    }
}

impl Start {
    const OCTETS: usize = 8;

    /// That of the name which is the first `length` of `octets`.
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

/// Whether no two of `named` have the same name.
pub(super) fn are_distinct<T>(text: &str, named: &[T], name: impl Fn(&T) -> Name) -> bool {
    /// As many as are faster compared with each other than sorted.
    const FEW: usize = 24;
    if named.len() > FEW {
        let mut read: Vec<_> = named.iter().map(|one| name(one).read(text)).collect();
        read.sort_unstable();
        return !read.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
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
