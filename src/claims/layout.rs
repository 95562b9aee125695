//! The layout of a Claims Set: the spans of its values, from which JavaScript builds the claims object
//! without parsing the text again.
//!
//! Each value takes two words. The low [`KIND_BITS`] of the first word are a kind, the others a number:
//!
//! | kind | number, second word |
//! | --- | --- |
//! | [`TEXT`] | start and end of the string inside its quotes |
//! | [`TEXTS`] | the count of strings, 0; a pair (start, end) for each of them follows |
//! | [`NUMBER`] | index among the record's doubles, 0 |
//! | [`JSON`] | start and end of any other value, which JavaScript parses |
//! | [`TRUE`], [`FALSE`], [`NULL`] | 0, 0 |
//!
//! The scope-tokens come before the values, as [`TEXTS`].

use crate::encoding::json::{Form, Object, Raw, Span};
use crate::encoding::limits::MAX_LAYOUT_OCTETS;
use crate::encoding::octets::is_ascii;

use super::scope::Scope;

pub const TEXT: usize = 0;
pub const TEXTS: usize = 1;
pub const NUMBER: usize = 2;
pub const JSON: usize = 3;
pub const TRUE: usize = 4;
pub const FALSE: usize = 5;
pub const NULL: usize = 6;

/// How many bits a kind takes.
pub const KIND_BITS: usize = 3;

/// The most doubles of one token. Most tokens have `exp`, `iat` and `nbf`, and no other number.
pub const DOUBLES: usize = 8;

/// The spans of the tokens' values.
#[derive(Debug, Default)]
pub struct Layout {
    pairs: Vec<[u32; 2]>,
    /// How many doubles the token has taken.
    doubles: usize,
}

impl Layout {
    /// The longest text, in octets, whose values JavaScript slices: in an engine, a slice may keep the
    /// whole text alive.
    const TEXT_OCTETS: usize = MAX_LAYOUT_OCTETS;

    /// Removes all spans.
    pub fn clear(&mut self) {
        self.pairs.clear();
    }

    /// The address of the spans.
    pub fn address(&self) -> usize {
        self.pairs.as_ptr().expose_provenance()
    }

    /// Appends the spans of `scope` and of the values of `claims`, and returns how many words were
    /// there before. `None` if there are no spans: if a scope-token is no part of the text, or the
    /// text is too long or not ASCII.
    ///
    /// Not inlined: its callers are compiled for size.
    #[inline(never)]
    pub fn note(
        &mut self,
        claims: &Object<'_>,
        scope: &Scope<'_>,
        doubles: &mut [f64; DOUBLES],
    ) -> Option<usize> {
        let text = claims.text().as_bytes();
        if text.len() > Self::TEXT_OCTETS || !is_ascii(text) {
            return None;
        }
        let before = 2 * self.pairs.len();
        self.doubles = 0;
        self.scope(scope, text)?;
        for (span, form) in claims.forms() {
            match form {
                Form::Plain => self.inside(TEXT, span)?,
                Form::Plains(elements) => {
                    self.pair(TEXTS, elements.len(), 0)?;
                    self.pairs.extend_from_slice(elements);
                }
                Form::Other(raw) => self.other(span, raw, doubles)?,
            }
        }
        Some(before)
    }

    /// Appends the spans of the scope-tokens, unless one is no part of `text`. They are counted on the way.
    fn scope(&mut self, scope: &Scope<'_>, text: &[u8]) -> Option<()> {
        let text = text.as_ptr_range();
        self.pair(TEXTS, 0, 0)?;
        let first = self.pairs.len();
        for token in scope.iter() {
            let token = token.as_bytes().as_ptr_range();
            if token.start < text.start || text.end < token.end {
                return None;
            }
            let start = token.start.addr() - text.start.addr();
            let end = token.end.addr() - text.start.addr();
            self.put(start, end)?;
        }
        let count = self.pairs.len() - first;
        let [kind, _] = self.pairs.get_mut(first - 1)?;
        *kind |= u32::try_from(count << KIND_BITS).ok()?;
        Some(())
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

    fn inside(&mut self, kind: usize, span: Span) -> Option<()> {
        self.pair(kind, span.start + 1, span.end - 1)
    }

    fn pair(&mut self, kind: usize, number: usize, second: usize) -> Option<()> {
        self.put(number << KIND_BITS | kind, second)
    }

    fn put(&mut self, first: usize, second: usize) -> Option<()> {
        let pair = [u32::try_from(first).ok()?, u32::try_from(second).ok()?];
        self.pairs.push(pair);
        Some(())
    }
}
