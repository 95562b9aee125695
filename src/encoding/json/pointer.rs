//! Steps through a valid JSON text to the value that a JSON Pointer names (RFC 6901).

use std::borrow::Cow;

use countersign_values::escape::unescape;

use super::scanner::Scanner;

impl<'a> Scanner<'a> {
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
