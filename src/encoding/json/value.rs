//! Conversion of a valid JSON text, or a part of it, in one pass.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::escape::unescape;
use super::index::Span;
use super::number;
use super::scanner::Scanner;

impl<'a> Scanner<'a> {
    /// The value at the position, owned. The position ends after it.
    pub(super) fn convert(&mut self) -> Option<Value> {
        match self.peek()? {
            b'{' => {
                let mut map = Map::new();
                self.open(b'{', 0)?;
                while let Some(name) = self.next_name()? {
                    map.insert(name.into_owned(), self.convert()?);
                    self.end_element(b'}')?;
                }
                Some(Value::Object(map))
            }
            b'[' => {
                let mut values = Vec::new();
                self.open(b'[', 0)?;
                while self.peek()? != b']' {
                    values.push(self.convert()?);
                    self.end_element(b']')?;
                }
                self.next()?;
                Some(Value::Array(values))
            }
            b'"' => self.text().map(|text| Value::String(text.into_owned())),
            b't' => self.literal("true").map(|()| true.into()),
            b'f' => self.literal("false").map(|()| false.into()),
            b'n' => self.literal("null").map(|()| Value::Null),
            _ => {
                let start = self.position();
                self.number()?;
                let end = self.position();
                Some(number(self.get(Span { start, end })))
            }
        }
    }

    /// Moves from the start of an object or array to that of the value that a Reference Token of a
    /// JSON Pointer names in it.
    pub(super) fn step(&mut self, token: &str) -> Option<()> {
        match self.peek()? {
            b'{' => {
                self.open(b'{', 0)?;
                while let Some(name) = self.next_name()? {
                    if name == token {
                        return Some(());
                    }
                    self.value(0)?;
                    self.end_element(b'}')?;
                }
                None
            }
            b'[' => {
                let index = index(token)?;
                self.open(b'[', 0)?;
                for _ in 0..index {
                    self.element()?;
                }
                (self.peek()? != b']').then_some(())
            }
            _ => None,
        }
    }

    /// The next name of an open object, the position moved to its value; `None` inside if there is
    /// none, the position moved after the object.
    #[inline(never)]
    fn next_name(&mut self) -> Option<Option<Cow<'a, str>>> {
        if self.peek()? == b'}' {
            self.next()?;
            return Some(None);
        }
        let name = self.text()?;
        self.skip_whitespace();
        self.next()?;
        self.skip_whitespace();
        Some(Some(name))
    }

    /// Moves from the end of an element to the start of the next, or to the `bracket`.
    #[inline(never)]
    fn end_element(&mut self, bracket: u8) -> Option<()> {
        self.skip_whitespace();
        if self.peek()? != bracket {
            self.next()?;
            self.skip_whitespace();
        }
        Some(())
    }

    /// The string at the position, its escapes replaced.
    #[inline(never)]
    fn text(&mut self) -> Option<Cow<'a, str>> {
        let (span, escaped) = self.string()?;
        let inner = self.get(span);
        Some(if escaped {
            unescape(inner)
        } else {
            Cow::Borrowed(inner)
        })
    }
}

/// An array index: decimal digits without a leading zero (RFC 6901 section 4).
fn index(token: &str) -> Option<usize> {
    let plain = token == "0" || !token.starts_with(['0', '+']);
    plain.then(|| token.parse().ok()).flatten()
}
