//! The layout of a Claims Set: its Claim Names and the spans of its values, from which JavaScript
//! builds the claims object without parsing the text again.
//!
//! Tokens of one issuer have the same Claim Names in the same order. These names are written once, as
//! a layout; later tokens refer to the layout by number and add only spans (`protocol.rs`).

use crate::claims::scope::Scope;
use crate::encoding::json::sight::{Names, Place, Sight, Span};
use crate::encoding::json::{Object, Raw};
use crate::encoding::limits::MAX_LAYOUT_OCTETS;
use crate::fifo::Fifo;

use super::protocol::{
    FALSE, JSON_TEXT, KIND_BITS, LAYOUTS, MAX_DOUBLES, NULL, NUMBER, TEXT, TEXTS, TRUE,
};

/// The layouts that the package has.
#[derive(Debug)]
pub(super) struct Layouts {
    known: Fifo<Names, LAYOUTS>,
    /// How many tokens had an unknown layout.
    unknown: u32,
}

/// The spans of the tokens' values.
#[derive(Default)]
pub(super) struct Spans {
    words: Vec<u32>,
    /// How many doubles the token has taken.
    doubles: usize,
}

impl Layouts {
    /// The most names of a layout.
    const NAMES: usize = 64;

    /// Once the ring is full, one unknown layout in this many evicts another, so that an attacker's
    /// tokens cannot empty it.
    const EVICTING: u32 = 64;

    pub(super) const fn new() -> Self {
        Self {
            known: Fifo::new(),
            unknown: 0,
        }
    }

    /// The number of the layout of `claims` and, if the package does not have it yet, its names;
    /// `None` if it has no layout.
    pub(super) fn number(&mut self, claims: &Object<'_>) -> Option<(usize, Option<Vec<String>>)> {
        if let Some(number) = self.known.number(|names| claims.has(names)) {
            return Some((number, None));
        }
        self.unknown = self.unknown.wrapping_add(1);
        if self.known.is_full() && !self.unknown.is_multiple_of(Self::EVICTING) {
            return None;
        }
        // In JavaScript, assigning to `__proto__` sets the prototype.
        let is_fit = |names: &Names| {
            names.iter().count() <= Self::NAMES && names.iter().all(|name| name != "__proto__")
        };
        let names = claims.names().filter(is_fit)?;
        let owned = names.iter().map(str::to_owned).collect();
        Some((self.known.insert(names), Some(owned)))
    }
}

impl Spans {
    /// The longest text, in octets, whose values JavaScript slices: in an engine, a slice may keep the
    /// whole text alive.
    const TEXT_OCTETS: usize = MAX_LAYOUT_OCTETS;

    /// Removes all spans.
    pub(super) fn clear(&mut self) {
        self.words.clear();
    }

    /// The address of the spans.
    pub(super) fn address(&self) -> usize {
        self.words.as_ptr().expose_provenance()
    }

    /// Appends the spans of the values of `claims` and of `scope`, and returns how many words were
    /// there before. `None` if there are no spans: if a scope-token is no part of the text, or the
    /// text is too long or not ASCII.
    pub(super) fn append(
        &mut self,
        claims: &Object<'_>,
        scope: &Scope<'_>,
        doubles: &mut [f64; MAX_DOUBLES],
    ) -> Option<usize> {
        if claims.text().len() > Self::TEXT_OCTETS || !claims.text().is_ascii() {
            return None;
        }
        let before = self.words.len();
        self.doubles = 0;
        for (span, sight) in claims.sights() {
            match sight {
                Sight::Plain => self.inside(TEXT, span)?,
                Sight::Plains(elements) => {
                    self.texts(elements.len(), elements.iter().map(inside))?
                }
                Sight::Other(raw) => self.other(span, raw, doubles)?,
            }
        }
        let text = claims.text().as_bytes().as_ptr_range();
        let place = |token: &str| {
            let token = token.as_bytes().as_ptr_range();
            let is_there = text.start <= token.start && token.end <= text.end;
            let start = token.start.addr().wrapping_sub(text.start.addr());
            let end = token.end.addr().wrapping_sub(text.start.addr());
            is_there.then_some((start, end))
        };
        self.texts(scope.len(), scope.iter().map(place))?;
        Some(before)
    }

    fn other(&mut self, span: Span, raw: Raw<'_>, doubles: &mut [f64; MAX_DOUBLES]) -> Option<()> {
        match raw.text() {
            "true" => self.pair(TRUE, 0, 0),
            "false" => self.pair(FALSE, 0, 0),
            "null" => self.pair(NULL, 0, 0),
            _ => match (raw.as_f64(), doubles.get_mut(self.doubles)) {
                (Some(number), Some(double)) => {
                    *double = number;
                    self.doubles += 1;
                    self.pair(NUMBER, self.doubles - 1, 0)
                }
                _ => self.pair(JSON_TEXT, span.start, span.end),
            },
        }
    }

    fn texts(
        &mut self,
        count: usize,
        places: impl Iterator<Item = Option<(usize, usize)>>,
    ) -> Option<()> {
        self.pair(TEXTS, count, 0)?;
        for place in places {
            let (start, end) = place?;
            self.put(start, end)?;
        }
        Some(())
    }

    fn inside(&mut self, kind: usize, span: Span) -> Option<()> {
        self.pair(kind, span.start + 1, span.end - 1)
    }

    fn pair(&mut self, kind: usize, number: usize, second: usize) -> Option<()> {
        self.put(number << KIND_BITS | kind, second)
    }

    fn put(&mut self, first: usize, second: usize) -> Option<()> {
        let pair = [u32::try_from(first).ok()?, u32::try_from(second).ok()?];
        self.words.extend_from_slice(&pair);
        Some(())
    }
}

/// The span of a string without its quotes.
fn inside(place: &Place) -> Option<(usize, usize)> {
    Some((place.span.start + 1, place.span.end - 1))
}
