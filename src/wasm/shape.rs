//! How does the package put together what a token says, without reading it again?
//!
//! The core knows already where every value stands. Tokens of one issuer have the same Claim Names
//! in the same order: those are told once, as a shape, and from then on the places alone. Each value
//! takes two words, in the first of which a kind stands below a number:
//!
//! | kind | number, second word |
//! | --- | --- |
//! | [`TEXT`] | where in the text it starts, where it ends |
//! | [`TEXTS`] | how many texts, 0; behind them a pair for each of these |
//! | [`NUMBER`] | which of the doubles it is, 0 |
//! | [`JSON`] | where it starts, where it ends: anything else, to be parsed |
//! | [`TRUE`], [`FALSE`], [`NULL`] | 0, 0 |
//!
//! Behind the values stand the scope-tokens, as texts.

use crate::claims::scope::Scope;
use crate::encoding::json::{Names, Object, Place, Raw, Sight, Span};
use crate::encoding::limits::MAX_LAYOUT_OCTETS;
use crate::recent::Recent;

const TEXT: u32 = 0;
const TEXTS: u32 = 1;
const NUMBER: u32 = 2;
const JSON: u32 = 3;
const TRUE: u32 = 4;
const FALSE: u32 = 5;
const NULL: u32 = 6;

/// How many bits a kind takes.
const KIND_BITS: u32 = 3;

/// The most doubles of one token: it has three times, and seldom another number.
pub(super) const DOUBLES: usize = 8;

/// The shapes that the package has been told.
#[derive(Debug)]
pub(super) struct Shapes {
    told: Recent<Names, 16>,
    strangers: u32,
}

/// Where the values of tokens stand.
#[derive(Default)]
pub(super) struct Places {
    words: Vec<u32>,
    /// How many doubles the token has taken.
    doubles: usize,
}

impl Shapes {
    /// The most names of a shape.
    const NAMES: usize = 64;

    /// Of how many tokens without a known shape one is learned from, where another must go for it.
    const SELDOM: u32 = 64;

    pub(super) const fn new() -> Self {
        Self {
            told: Recent::new(),
            strangers: 0,
        }
    }

    /// The number of the shape of `claims` and, if it has to be told, its names; nothing if it is
    /// none.
    pub(super) fn number(&mut self, claims: &Object<'_>) -> Option<(usize, Option<Vec<String>>)> {
        if let Some(number) = self.told.number(|names| claims.has(names)) {
            return Some((number, None));
        }
        self.strangers = self.strangers.wrapping_add(1);
        if self.told.is_full() && !self.strangers.is_multiple_of(Self::SELDOM) {
            return None;
        }
        // Assigning to a member of that name is something else in JavaScript.
        let is_told = |names: &Names| {
            names.iter().count() <= Self::NAMES && names.iter().all(|name| name != "__proto__")
        };
        let names = claims.names().filter(is_told)?;
        let told = names.iter().map(str::to_owned).collect();
        Some((self.told.insert(names), Some(told)))
    }
}

impl Places {
    /// The longest text whose values are cut out of it, in octets: whoever keeps one of them may keep
    /// all of the text.
    const TEXT_OCTETS: usize = MAX_LAYOUT_OCTETS;

    /// Forgets all places.
    pub(super) fn clear(&mut self) {
        self.words.clear();
    }

    /// Where in the memory the places stand.
    pub(super) fn address(&self) -> usize {
        self.words.as_ptr().expose_provenance()
    }

    /// Notes the places of the values of `claims` and of `scope` behind those before, and returns
    /// how many words those are; nothing if there are no places: if a scope-token stands nowhere in
    /// the text, if that is long, or if an octet of it is not a character.
    pub(super) fn note(
        &mut self,
        claims: &Object<'_>,
        scope: &Scope<'_>,
        doubles: &mut [f64; DOUBLES],
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

    fn other(&mut self, span: Span, raw: Raw<'_>, doubles: &mut [f64; DOUBLES]) -> Option<()> {
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
                _ => self.pair(JSON, span.start, span.end),
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
            self.put(u32::try_from(start).ok()?, end)?;
        }
        Some(())
    }

    fn inside(&mut self, kind: u32, span: Span) -> Option<()> {
        self.pair(kind, span.start + 1, span.end - 1)
    }

    fn pair(&mut self, kind: u32, number: usize, second: usize) -> Option<()> {
        let number = u32::try_from(number).ok()?;
        self.put(number << KIND_BITS | kind, second)
    }

    fn put(&mut self, first: u32, second: usize) -> Option<()> {
        let pair = [first, u32::try_from(second).ok()?];
        self.words.extend_from_slice(&pair);
        Some(())
    }
}

/// Where a string stands inside its quotes.
fn inside(place: &Place) -> Option<(usize, usize)> {
    Some((place.span.start + 1, place.span.end - 1))
}
