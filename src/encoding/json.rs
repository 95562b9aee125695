//! One JSON text: UTF-8, no duplicate names, bounded depth, finite numbers ([RFC 8259],
//! [RFC 7515 section 4]).
//!
//! One pass validates the whole text and remembers where the members of the outermost object
//! stand; a value is converted only when somebody asks for it.
//!
//! [RFC 8259]: https://www.rfc-editor.org/rfc/rfc8259
//! [RFC 7515 section 4]: https://www.rfc-editor.org/rfc/rfc7515#section-4

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::limits::MAX_DEPTH;
use super::octets::same_text;

/// A JSON object, valid throughout, its members in the order of the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object<'a> {
    text: &'a str,
    members: Vec<Member>,
}

/// Where a member stands in the text of its object.
#[derive(Clone, Copy, Debug)]
struct Member {
    name: Name,
    value: Span,
}

/// Where a name stands, inside its quotes, and as much of it as one comparison can tell apart.
#[derive(Clone, Copy, Debug)]
struct Name {
    span: Span,
    escaped: bool,
    start: Start,
}

/// The first octets of a name, eight at the most, behind them zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Start(u64);

/// From one octet of a text to before another.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
}

impl<'a> Object<'a> {
    /// Reads `text` as one JSON object, or `None` if anything in it is not as the RFCs have it.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut members = Vec::with_capacity(16);
        let mut scanner = Scanner::new(text);
        scanner.skip_whitespace();
        if scanner.peek() != Some(b'{') {
            return None;
        }
        scanner.object(0, &mut Some(&mut members))?;
        scanner.skip_whitespace();
        scanner.peek().is_none().then_some(Self { text, members })
    }

    /// The object as it is spelled, white space around it included.
    #[cfg_attr(
        not(feature = "wasm"),
        expect(dead_code, reason = "the boundary remembers")
    )]
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The value of the member called `name`.
    pub(crate) fn get(&self, name: &str) -> Option<Raw<'a>> {
        let start = Start::of(name.as_bytes(), name.len());
        let called = |member: &&Member| member.name.is(self.text, name, start);
        let member = self.members.iter().find(called)?;
        Some(Raw(member.value.of(self.text)))
    }

    /// The members, owned.
    pub(crate) fn to_map(&self) -> Map<String, Value> {
        let owned = |(name, value): (Cow<'_, str>, Raw<'a>)| (name.into_owned(), value.to_value());
        let mut map = Map::new();
        for (name, value) in self.members().map(owned) {
            map.insert(name, value);
        }
        map
    }

    /// The members in the order of the text.
    pub(crate) fn members(&self) -> impl Iterator<Item = (Cow<'a, str>, Raw<'a>)> {
        self.members
            .iter()
            .map(|member| (member.name.read(self.text), Raw(member.value.of(self.text))))
    }
}

impl Span {
    const fn len(self) -> usize {
        self.end - self.start
    }

    fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

impl Name {
    fn read(self, text: &str) -> Cow<'_, str> {
        let inner = self.span.of(text);
        if self.escaped {
            unescape(inner)
        } else {
            Cow::Borrowed(inner)
        }
    }

    /// Whether it is `name`, which has that `start`.
    #[inline(always)]
    fn is(self, text: &str, name: &str, start: Start) -> bool {
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
    fn of(octets: &[u8], length: usize) -> Self {
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

/// The text of one value inside a JSON text that was found valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// Reads `text` as one JSON value of any type.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut scanner = Scanner::new(text);
        scanner.skip_whitespace();
        let value = scanner.value(0)?.of(text);
        scanner.skip_whitespace();
        scanner.peek().is_none().then_some(Self(value))
    }

    /// The value as it is spelled.
    pub(crate) fn text(self) -> &'a str {
        self.0
    }

    /// The value if it is a string.
    pub(crate) fn as_str(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        Some(unescape(inner))
    }

    /// The value if it is a number.
    pub(crate) fn as_f64(self) -> Option<f64> {
        /// Digits of which a double holds every integer.
        const EXACT: usize = 15;
        let digits = self.0.as_bytes();
        if digits.len() <= EXACT && digits.iter().all(u8::is_ascii_digit) {
            let digit = |octet: &u8| f64::from(octet - b'0');
            return Some(
                digits
                    .iter()
                    .fold(0.0, |sum, octet| sum * 10.0 + digit(octet)),
            );
        }
        self.0
            .starts_with(|first: char| first == '-' || first.is_ascii_digit())
            .then(|| self.0.parse().ok())
            .flatten()
    }

    /// The value if it is a boolean.
    pub(crate) fn as_bool(self) -> Option<bool> {
        self.0.parse().ok()
    }

    /// The value if it is an object.
    pub(crate) fn as_object(self) -> Option<Object<'a>> {
        Object::parse(self.0)
    }

    /// The elements if it is an array.
    pub(crate) fn as_array(self) -> Option<Vec<Raw<'a>>> {
        let mut elements = Vec::new();
        Scanner::new(self.0).array(0, &mut Some(&mut elements))?;
        Some(elements)
    }

    /// The strings if it is an array of strings and nothing else.
    pub(crate) fn as_strings(self) -> Option<Vec<Cow<'a, str>>> {
        self.as_array()?.into_iter().map(Self::as_str).collect()
    }

    fn to_scalar(self) -> Value {
        match self.0 {
            "null" => Value::Null,
            "true" => true.into(),
            "false" => false.into(),
            text => match self.as_str() {
                Some(text) => text.into(),
                None => number(text),
            },
        }
    }

    /// The value, owned, for evidence and for data that outlives the text.
    pub(crate) fn to_value(self) -> Value {
        if let Some(object) = self.as_object() {
            return Value::Object(object.to_map());
        }
        match self.as_array() {
            Some(elements) => elements.into_iter().map(Self::to_value).collect(),
            None => self.to_scalar(),
        }
    }
}

/// Puts the string `text` behind what is in `json`.
#[cfg(any(test, feature = "wasm"))]
pub(crate) fn write_string(text: &str, json: &mut Vec<u8>) -> serde_json::Result<()> {
    if plain_len(text.as_bytes()) < text.len() {
        return serde_json::to_writer(json, text);
    }
    json.push(b'"');
    json.extend_from_slice(text.as_bytes());
    json.push(b'"');
    Ok(())
}

/// `text` as a number: an integer where 64 bits hold it, and a double otherwise, as that which is
/// minus zero.
pub(crate) fn number(text: &str) -> Value {
    let unsigned = || text.parse::<u64>().ok().map(Value::from);
    let signed = || text.parse::<i64>().ok().filter(|number| *number != 0);
    let double = || text.parse::<f64>().map_or(Value::Null, Value::from);
    unsigned()
        .or_else(|| signed().map(Value::from))
        .unwrap_or_else(double)
}

/// The text inside the quotes of a valid string, its escapes undone.
fn unescape(inner: &str) -> Cow<'_, str> {
    if plain_len(inner.as_bytes()) == inner.len() {
        return Cow::Borrowed(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut chars = escaped.chars();
        match chars.next() {
            Some('u') => {
                let unit = code_unit(&mut chars);
                let low = || {
                    let mut ahead = chars.clone();
                    (ahead.next(), ahead.next()) == (Some('\\'), Some('u'))
                };
                if (0xD800..0xDC00).contains(&unit) && low() {
                    chars.nth(1);
                    let pair = [unit, code_unit(&mut chars)];
                    text.extend(char::decode_utf16(pair).flatten());
                } else {
                    text.extend(char::decode_utf16([unit]).flatten());
                }
            }
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(other) => text.push(other),
            None => {}
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The UTF-16 code unit that the next four hexadecimal digits spell.
fn code_unit(chars: &mut std::str::Chars<'_>) -> u16 {
    chars.by_ref().take(4).fold(0, |unit, digit| {
        let digit = digit
            .to_digit(16)
            .and_then(|digit| u16::try_from(digit).ok());
        (unit << 4) | digit.unwrap_or_default()
    })
}

/// Where the elements of the outermost array, or the members of the outermost object, are put.
type Elements<'s, 'a> = Option<&'s mut Vec<Raw<'a>>>;
type Members<'s> = Option<&'s mut Vec<Member>>;

struct Scanner<'a> {
    text: &'a str,
    position: usize,
    /// The names of the objects that are open, one behind the other.
    names: Vec<Name>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            position: 0,
            names: Vec::new(),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let octet = self.peek()?;
        self.position += 1;
        Some(octet)
    }

    fn expect(&mut self, octet: u8) -> Option<()> {
        (self.next()? == octet).then_some(())
    }

    fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.position += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Option<Span> {
        let start = self.position;
        match self.peek()? {
            b'{' => self.object(depth, &mut None)?,
            b'[' => self.array(depth, &mut None)?,
            b'"' => self.string().map(drop)?,
            b't' => self.literal("true")?,
            b'f' => self.literal("false")?,
            b'n' => self.literal("null")?,
            _ => self.number()?,
        }
        let end = self.position;
        Some(Span { start, end })
    }

    fn object(&mut self, depth: usize, members: &mut Members<'_>) -> Option<()> {
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
            let value = self.value(depth + 1)?;
            match members {
                Some(members) => members.push(Member { name, value }),
                None => self.names.push(name),
            }
            self.skip_whitespace();
            match self.next()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
        let distinct = match members {
            Some(members) => are_distinct(self.text, members, |member| member.name),
            None => are_distinct(self.text, self.names.get(first_name..)?, |name| *name),
        };
        self.names.truncate(first_name);
        distinct.then_some(())
    }

    fn array(&mut self, depth: usize, elements: &mut Elements<'_, 'a>) -> Option<()> {
        self.open(b'[', depth)?;
        if self.peek()? == b']' {
            return self.expect(b']');
        }
        loop {
            self.skip_whitespace();
            let value = self.value(depth + 1)?;
            if let Some(elements) = elements {
                elements.push(Raw(value.of(self.text)));
            }
            self.skip_whitespace();
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    fn open(&mut self, bracket: u8, depth: usize) -> Option<()> {
        self.expect(bracket)?;
        self.skip_whitespace();
        (depth < MAX_DEPTH).then_some(())
    }

    fn literal(&mut self, word: &str) -> Option<()> {
        let rest = self.text.get(self.position..)?;
        self.position += word.len();
        rest.starts_with(word).then_some(())
    }

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

    /// Where a string stands, inside its quotes, and whether anything in it is escaped.
    fn string(&mut self) -> Option<(Span, bool)> {
        self.expect(b'"')?;
        let start = self.position;
        let mut escaped = false;
        loop {
            self.position += plain_len(self.text.as_bytes().get(self.position..)?);
            match self.next()? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return None,
            }
        }
        let end = self.position - 1;
        Some((Span { start, end }, escaped))
    }

    /// What follows a backslash. A surrogate stands in a pair or not at all (RFC 8259 section 8.2).
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
    fn number(&mut self) -> Option<()> {
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
        let number: f64 = self.text.get(start..self.position)?.parse().ok()?;
        number.is_finite().then_some(())
    }

    fn digits(&mut self) -> usize {
        let start = self.position;
        while let Some(b'0'..=b'9') = self.peek() {
            self.position += 1;
        }
        self.position - start
    }
}

/// Whether no two of `named` have the same name.
fn are_distinct<T>(text: &str, named: &[T], name: impl Fn(&T) -> Name) -> bool {
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

/// How many of the first `octets` may stand in a string as they are.
#[cfg(target_feature = "simd128")]
fn plain_len(octets: &[u8]) -> usize {
    use core::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, v128_or};
    let (vectors, rest) = octets.as_chunks();
    let mut plain = 0;
    for vector in vectors {
        let vector = super::vector::load(vector);
        let quote = u8x16_eq(vector, u8x16_splat(b'"'));
        let backslash = u8x16_eq(vector, u8x16_splat(b'\\'));
        let control = u8x16_lt(vector, u8x16_splat(0x20));
        let found = u8x16_bitmask(v128_or(v128_or(quote, backslash), control));
        if found != 0 {
            return plain + usize::try_from(found.trailing_zeros()).unwrap_or_default();
        }
        plain += super::vector::OCTETS;
    }
    plain + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// How many of the first `octets` may stand in a string as they are. Eight are looked at together:
/// the lowest of them that may not is found exactly.
#[cfg(not(target_feature = "simd128"))]
fn plain_len(octets: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let is = |word: u64, octet: u8| below(word ^ u64::from_ne_bytes([octet; 8]), 1);
    let mut plain = 0;
    let (words, rest) = octets.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        let found = (is(word, b'"') | is(word, b'\\') | below(word, 0x20)) & HIGH;
        if found != 0 {
            return plain + usize::try_from(found.trailing_zeros() / 8).unwrap_or_default();
        }
        plain += 8;
    }
    plain + rest.iter().position(is_special).unwrap_or(rest.len())
}

fn is_special(octet: &u8) -> bool {
    matches!(octet, b'"' | b'\\' | 0..0x20)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// serde_json is the oracle, where it rounds as the nearest double demands.
    #[test]
    fn a_number_is_an_integer_where_64_bits_hold_it() {
        for text in [
            "0",
            "-0",
            "-0.0",
            "7",
            "-7",
            "0.5",
            "-1.5e3",
            "1E2",
            "1700000000",
            "9007199254740993",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            "1e21",
        ] {
            let expected: Option<Value> = serde_json::from_str(text).ok();
            assert_eq!(Some(number(text)), expected, "{text}");
            assert_eq!(Raw::parse(text).map(Raw::to_value), expected, "{text}");
        }
    }

    /// Every octet that may stand in UTF-8 text, at every place of strings of every length up to two
    /// vectors.
    #[wasm_bindgen_test(unsupported = test)]
    fn a_string_ends_at_its_quote_and_holds_no_control_character() {
        for length in 0..34 {
            for at in 0..length {
                for octet in 0..0x80_u8 {
                    let mut text = vec![b'x'; length];
                    text.iter_mut()
                        .skip(at)
                        .take(1)
                        .for_each(|place| *place = octet);
                    let text = String::from_utf8(text).unwrap_or_default();
                    for json in [format!("\"{text}\""), format!("[\"{text}\",\"\"]")] {
                        let expected: Option<Value> = serde_json::from_str(&json).ok();
                        assert_eq!(Raw::parse(&json).map(Raw::to_value), expected, "{json}");
                    }
                    let mut written = Vec::new();
                    assert!(write_string(&text, &mut written).is_ok());
                    assert_eq!(Some(written), serde_json::to_vec(&text).ok());
                }
            }
        }
    }

    #[test]
    fn a_value_holds_what_its_text_says() {
        let text = r#" { "a" : [ null , true, false, "\u00e9\n", {} , [ ] , -1 ], "b": "" } "#;
        let expected: Option<Value> = serde_json::from_str(text).ok();
        assert_eq!(Raw::parse(text).map(Raw::to_value), expected);
        assert!(expected.is_some());
    }
    #[test]
    fn a_name_stands_once_however_many_there_are_and_however_it_is_spelled() {
        for count in 1..60 {
            let names: Vec<_> = (0..count).map(|n| format!(r#""n{n:02}":{{}}"#)).collect();
            let object = |names: &[String]| format!("{{{}}}", names.join(","));
            assert!(Object::parse(&object(&names)).is_some(), "{count}");
            for at in 0..count {
                for again in [format!(r#""n{at:02}":1"#), format!(r#""\u006e{at:02}":1"#)] {
                    let mut twice = names.clone();
                    twice.insert(count - at, again);
                    let text = object(&twice);
                    assert!(Object::parse(&text).is_none(), "{text}");
                    assert!(Raw::parse(&format!("[{text}]")).is_none(), "{text}");
                }
            }
        }
    }
}
