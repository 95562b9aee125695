//! JSON scanner: checks the grammar of a whole text in one pass and converts nothing.

use super::index::{
    Inside, Member, MemberIndex, Name, Span, Start, ValueKind, ValueSpan, are_distinct,
};
use crate::encoding::decimal;
use crate::encoding::limits::{MAX_DEPTH, MAX_LAYOUT_OCTETS};
use countersign_values::plain::plain_len;

/// Where the spans of an array's elements, or of an object's members, are recorded; `None` where
/// they are only checked.
type Elements<'s> = Option<&'s mut Vec<Inside>>;
type Members<'s> = Option<&'s mut MemberIndex>;

/// A JSON text and a position in it.
pub(super) struct Scanner<'a> {
    text: &'a str,
    position: usize,
    /// The names of all open objects, the outermost object's first.
    names: Vec<Name>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self::with(text, Vec::new())
    }

    /// A scanner that reuses the allocation of `names`.
    fn with(text: &'a str, names: Vec<Name>) -> Self {
        Self {
            text,
            position: 0,
            names,
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let octet = self.peek()?;
        self.position += 1;
        Some(octet)
    }

    pub(super) fn get(&self, span: Span) -> &'a str {
        span.of(self.text)
    }

    fn expect(&mut self, octet: u8) -> Option<()> {
        (self.next()? == octet).then_some(())
    }

    pub(super) fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.position += 1;
        }
    }

    /// An object and nothing else.
    fn whole_object(&mut self, index: &mut MemberIndex) -> Option<()> {
        self.skip_whitespace();
        if self.peek() != Some(b'{') {
            return None;
        }
        self.object(0, &mut Some(index))?;
        self.skip_whitespace();
        self.peek().is_none().then_some(())
    }

    pub(super) fn value(&mut self, depth: usize) -> Option<ValueSpan> {
        let start = self.position;
        let mut kind = ValueKind::Other;
        match self.peek()? {
            b'{' => self.object(depth, &mut None)?,
            b'[' => self.array(depth, &mut None)?,
            b'"' => {
                if !self.string()?.1 {
                    kind = ValueKind::Plain;
                }
            }
            b't' => self.literal("true")?,
            b'f' => self.literal("false")?,
            b'n' => self.literal("null")?,
            _ => self.number()?,
        }
        let end = self.position;
        let span = Span { start, end };
        Some(ValueSpan { span, kind })
    }

    /// An array. Its elements are recorded in `elements` if all of them are plain strings.
    fn plains(&mut self, depth: usize, elements: &mut Vec<Inside>) -> Option<ValueSpan> {
        let (start, first) = (self.position, elements.len());
        let mut recorded = Some(elements);
        self.array(depth, &mut recorded)?;
        let kind = match recorded {
            Some(elements) => ValueKind::Plains(Span {
                start: first,
                end: elements.len(),
            }),
            None => ValueKind::Other,
        };
        let end = self.position;
        let span = Span { start, end };
        Some(ValueSpan { span, kind })
    }

    /// The next value, if it is a string without an escape. Otherwise the position stays.
    #[inline(always)]
    fn plain(&mut self) -> Option<ValueSpan> {
        let octets = self.text.as_bytes();
        let start = self.position;
        let rest = octets.get(start..)?;
        let (b'"', rest) = rest.split_first()? else {
            return None;
        };
        let end = start + 1 + plain_len(rest);
        if octets.get(end) != Some(&b'"') {
            return None;
        }
        self.position = end + 1;
        let end = self.position;
        Some(ValueSpan {
            span: Span { start, end },
            kind: ValueKind::Plain,
        })
    }

    pub(super) fn object(&mut self, depth: usize, members: &mut Members<'_>) -> Option<()> {
        self.open(b'{', depth)?;
        let first_name = self.names.len();
        if self.peek()? == b'}' {
            return self.expect(b'}');
        }
        loop {
            self.skip_whitespace();
            let name = self.name()?;
            self.skip_whitespace();
            self.expect(b':')?;
            self.skip_whitespace();
            match members {
                Some(index) => self.member(name, depth + 1, index)?,
                None => {
                    self.value(depth + 1)?;
                    self.names.push(name);
                }
            }
            self.skip_whitespace();
            match self.next()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
        let distinct = match members {
            Some(index) => are_distinct(self.text, &index.members, |member| member.name),
            None => are_distinct(self.text, self.names.get(first_name..)?, |name| *name),
        };
        self.names.truncate(first_name);
        distinct.then_some(())
    }

    /// Records the member called `name`, whose value comes next; of an array of plain strings, its elements too.
    ///
    /// A plain string goes into the index from registers. The others come through memory, where reading a value that was
    /// just written in parts makes a processor wait.
    #[inline(always)]
    fn member(&mut self, name: Name, depth: usize, index: &mut MemberIndex) -> Option<()> {
        if let Some(value) = self.plain() {
            index.members.push(Member { name, value });
            return Some(());
        }
        let is_short = self.text.len() <= MAX_LAYOUT_OCTETS;
        let value = match self.peek() {
            Some(b'[') if is_short => self.plains(depth, &mut index.elements)?,
            _ => self.value(depth)?,
        };
        index.members.push(Member { name, value });
        Some(())
    }

    /// An array. At the first element that is not a plain string, `elements` becomes `None`.
    fn array(&mut self, depth: usize, elements: &mut Elements<'_>) -> Option<()> {
        self.open(b'[', depth)?;
        if self.peek()? == b']' {
            return self.expect(b']');
        }
        let first = elements.as_ref().map_or(0, |elements| elements.len());
        loop {
            self.skip_whitespace();
            let value = match self.plain() {
                Some(value) => value,
                None => self.value(depth + 1)?,
            };
            match (value.kind, &mut *elements) {
                (_, None) => {}
                (ValueKind::Plain, Some(elements)) => elements.push(value.span.inside()),
                (_, Some(others)) => {
                    others.truncate(first);
                    *elements = None;
                }
            }
            self.skip_whitespace();
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// The next element of an open array in a valid text; `None` after the last.
    #[inline(never)]
    pub(super) fn element(&mut self) -> Option<ValueSpan> {
        if self.peek()? == b']' {
            return None;
        }
        let element = self.value(0)?;
        self.skip_whitespace();
        // A comma, or the bracket with which the array ends.
        self.next()?;
        self.skip_whitespace();
        Some(element)
    }

    pub(super) fn open(&mut self, bracket: u8, depth: usize) -> Option<()> {
        self.expect(bracket)?;
        self.skip_whitespace();
        (depth < MAX_DEPTH).then_some(())
    }

    pub(super) fn literal(&mut self, word: &str) -> Option<()> {
        let rest = self.text.get(self.position..)?;
        self.position += word.len();
        rest.starts_with(word).then_some(())
    }

    #[inline(always)]
    fn name(&mut self) -> Option<Name> {
        let (span, escaped) = self.string()?;
        let from = self.text.as_bytes().get(span.start..)?;
        let start = Start::of(from, span.len());
        Some(Name {
            span,
            escaped,
            start,
        })
    }

    /// A string: the span inside its quotes, and whether it holds an escape. Inlined, since most of
    /// a token is strings.
    #[inline(always)]
    pub(super) fn string(&mut self) -> Option<(Span, bool)> {
        match self.plain() {
            Some(ValueSpan { span, .. }) => {
                let (start, end) = (span.start + 1, span.end - 1);
                Some((Span { start, end }, false))
            }
            None => Some((self.escaped()?, true)),
        }
    }

    /// A string with an escape: the span inside its quotes.
    #[inline(never)]
    fn escaped(&mut self) -> Option<Span> {
        self.expect(b'"')?;
        let start = self.position;
        loop {
            self.position += plain_len(self.text.as_bytes().get(self.position..)?);
            match self.next()? {
                b'"' => break,
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
        let end = self.position - 1;
        Some(Span { start, end })
    }

    /// The rest of an escape, after its backslash. A lone surrogate is refused (RFC 8259 section 8.2).
    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.hexadecimal()? {
                0xD800..=0xDBFF => {
                    self.expect(b'\\')?;
                    self.expect(b'u')?;
                    matches!(self.hexadecimal()?, 0xDC00..=0xDFFF).then_some(())
                }
                0xDC00..=0xDFFF => None,
                _ => Some(()),
            },
            _ => None,
        }
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |unit, _| {
            Some((unit << 4) | char::from(self.next()?).to_digit(16)?)
        })
    }

    /// A number that a double can hold: an infinity would read as another value elsewhere.
    pub(super) fn number(&mut self) -> Option<()> {
        const ALWAYS_FINITE: usize = 300;
        let start = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        match self.next()? {
            b'0' => {}
            b'1'..=b'9' => {
                self.digits();
            }
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            (self.digits() > 0).then_some(())?;
        }
        let exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if exponent {
            self.position += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.position += 1;
            }
            (self.digits() > 0).then_some(())?;
        }
        if !exponent && self.position - start <= ALWAYS_FINITE {
            return Some(());
        }
        decimal::is_finite(self.text.get(start..self.position)?).then_some(())
    }

    fn digits(&mut self) -> usize {
        let start = self.position;
        while let Some(b'0'..=b'9') = self.peek() {
            self.position += 1;
        }
        self.position - start
    }
}

impl MemberIndex {
    /// Reads `text` as one JSON object, and records the spans of its members.
    pub(super) fn read(&mut self, text: &str) -> Option<()> {
        self.members.clear();
        self.elements.clear();
        let mut scanner = Scanner::with(text, std::mem::take(&mut self.names));
        let read = scanner.whole_object(self);
        self.names = scanner.names;
        self.names.clear();
        read
    }
}
