//! JSON: UTF-8, no duplicate names, bounded depth, finite numbers ([RFC 8259], [RFC 7515
//! section 4]).
//!
//! One pass validates the whole text and records the spans of the outermost object's members. A
//! value is converted only when it is read, in one pass over its own text.
//!
//! [RFC 8259]: https://www.rfc-editor.org/rfc/rfc8259
//! [RFC 7515 section 4]: https://www.rfc-editor.org/rfc/rfc7515#section-4

mod form;
mod index;
mod pointer;
mod scanner;

use std::borrow::Cow;

use serde_json::{Map, Value};

use countersign_error::EvidenceValue;
use countersign_values::escape::unescape;
use countersign_values::owned::value_of;
use countersign_values::write::write_count;

use super::decimal;
use super::limits::MAX_EVIDENCE_OCTETS;
use index::{Member, Start, ValueKind, ValueSpan};
use scanner::Scanner;

pub use countersign_values::owned::number;
pub use countersign_values::write;
pub use index::{MemberIndex, are_distinct_texts};
pub use {form::Form, form::Names, index::Span};

/// A JSON object, valid throughout, its members in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Object<'a> {
    text: &'a str,
    index: Cow<'a, MemberIndex>,
}

impl<'a> Object<'a> {
    /// Reads `text` as one JSON object, or `None` if it breaks a rule of this module.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut index = MemberIndex::default();
        index.read(text)?;
        Some(Self {
            text,
            index: Cow::Owned(index),
        })
    }

    /// Reads `text` as [`Self::parse`] does, reusing the allocations of `index`.
    pub fn parse_in(text: &'a str, index: &'a mut MemberIndex) -> Option<Self> {
        index.read(text)?;
        Some(Self {
            text,
            index: Cow::Borrowed(index),
        })
    }

    /// The object as it is spelled, with the white space around it.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The value of the member called `name`.
    pub fn get(&self, name: &str) -> Option<Raw<'a>> {
        let start = Start::of(name.as_bytes(), name.len());
        let called = |member: &&Member| member.name.is(self.text, name, start);
        let member = self.index.members.iter().find(called)?;
        Some(Raw::at(member.value, self.text))
    }

    /// The members whose names have `LENGTH` octets, in the order of the text. A name is an array, which is
    /// compared in one operation.
    pub fn members_of<const LENGTH: usize>(&self) -> impl Iterator<Item = ([u8; LENGTH], Raw<'a>)> {
        self.index.members.iter().filter_map(|member| {
            let name = member.name.octets(self.text)?;
            Some((name, Raw::at(member.value, self.text)))
        })
    }

    /// The value that a path of names and array indices leads to, as a JSON Pointer has them
    /// ([RFC 6901 section 4]). One pass, however long the path is.
    ///
    /// [RFC 6901 section 4]: https://www.rfc-editor.org/rfc/rfc6901#section-4
    pub fn find(&self, path: &[String]) -> Option<Raw<'a>> {
        let (first, rest) = path.split_first()?;
        let value = self.get(first)?;
        if rest.is_empty() {
            return Some(value);
        }
        let mut scanner = Scanner::new(value.text);
        rest.iter().try_for_each(|token| scanner.step(token))?;
        Some(Raw::at(scanner.value(0)?, value.text))
    }

    /// The members, owned.
    pub fn to_map(&self) -> Map<String, Value> {
        match value_of(self.text) {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// The members in the order of the text.
    pub fn members(&self) -> impl Iterator<Item = (Cow<'a, str>, Raw<'a>)> {
        let read = |member: &Member| {
            let value = Raw::at(member.value, self.text);
            (member.name.read(self.text), value)
        };
        self.index.members.iter().map(read)
    }
}

/// The text of one value inside a valid JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    text: &'a str,
    kind: ValueKind,
}

impl<'a> Raw<'a> {
    /// Reads `text` as one JSON value of any type.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut scanner = Scanner::new(text);
        scanner.skip_whitespace();
        let value = scanner.value(0)?;
        scanner.skip_whitespace();
        scanner.peek().is_none().then(|| Self::at(value, text))
    }

    /// The value at `place` in `text`.
    fn at(place: ValueSpan, text: &'a str) -> Self {
        Self {
            text: place.span.of(text),
            kind: place.kind,
        }
    }

    /// The value as it is spelled.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// The value if it is a string.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        if !self.is_string() {
            return None;
        }
        let inner = self.text.get(1..self.text.len() - 1)?;
        Some(match self.kind {
            ValueKind::Plain => Cow::Borrowed(inner),
            _ => unescape(inner),
        })
    }

    /// The value if it is a number.
    pub fn as_f64(self) -> Option<f64> {
        if let Some(number) = short_integer(self.text.as_bytes()) {
            return Some(number);
        }
        decimal::to_f64(self.text)
    }

    /// The value if it is a boolean.
    pub fn as_bool(self) -> Option<bool> {
        self.text.parse().ok()
    }

    /// Whether the value is an object.
    pub fn is_object(self) -> bool {
        self.text.starts_with('{')
    }

    /// Whether the value is a string.
    pub fn is_string(self) -> bool {
        self.text.starts_with('"')
    }

    /// How many strings the value has, if it is an array of strings and nothing else. The index has
    /// the count for an array of plain strings.
    pub fn count_strings(self) -> Option<usize> {
        if let ValueKind::Plains(elements) = self.kind {
            return Some(elements.len());
        }
        let mut elements = self.elements()?;
        elements.try_fold(0, |count, element| element.is_string().then_some(count + 1))
    }

    /// The value if it is an object.
    pub fn as_object(self) -> Option<Object<'a>> {
        Object::parse(self.text)
    }

    /// The elements if it is an array, each scanned when the iterator reaches it.
    pub fn elements(self) -> Option<impl Iterator<Item = Raw<'a>>> {
        let mut scanner = Scanner::new(self.text);
        scanner.open(b'[', 0)?;
        Some(std::iter::from_fn(move || {
            let element = scanner.element()?;
            Some(Raw::at(element, self.text))
        }))
    }

    /// The elements if it is an array.
    pub fn as_array(self) -> Option<Vec<Raw<'a>>> {
        self.elements().map(Iterator::collect)
    }

    /// The strings if it is an array of strings and nothing else.
    pub fn as_strings(self) -> Option<Vec<Cow<'a, str>>> {
        self.as_array()?.into_iter().map(Self::as_str).collect()
    }

    /// The value, owned, for data that outlives the text.
    pub fn to_value(self) -> Value {
        value_of(self.text)
    }

    /// The value, owned, for evidence; its length in words if its text is longer than evidence may
    /// be.
    pub fn evidence(self) -> EvidenceValue {
        match self.text.len() {
            #[cfg(not(inspection_alone))]
            ..=MAX_EVIDENCE_OCTETS => self.to_value(),
            #[cfg(inspection_alone)]
            ..=MAX_EVIDENCE_OCTETS => EvidenceValue::Json(self.text.to_owned()),
            length => {
                let mut words = String::new();
                write_count(length, &mut words);
                words.push_str(" octets of JSON");
                words.as_str().into()
            }
        }
    }
}

/// The integer that `digits` spell, if there are at most 16. Above 2^53 it is rounded once, to the nearest double.
fn short_integer(digits: &[u8]) -> Option<f64> {
    match digits.split_last_chunk() {
        Some((before, last)) => {
            Some(f64::from(few_digits(before)?) * 1e8 + f64::from(eight_digits(last)?))
        }
        None => few_digits(digits).map(f64::from),
    }
}

/// The integer that at most eight digits spell.
fn few_digits(digits: &[u8]) -> Option<u32> {
    if digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0, |sum, octet| {
        let digit = u32::from(octet.wrapping_sub(b'0'));
        (digit < 10).then_some(sum * 10 + digit)
    })
}

/// The integer that eight digits spell. Neighbours are joined in one word: to four numbers of two digits, two of four, one
/// of eight.
fn eight_digits(digits: &[u8; 8]) -> Option<u32> {
    const fn each(octet: u8) -> u64 {
        u64::from_ne_bytes([octet; 8])
    }
    let digits = u64::from_le_bytes(*digits) ^ each(b'0');
    // The highest bit of an octet is set if its digit is above 9. A carry out of an octet needs one whose highest bit is set
    // already.
    if (digits.wrapping_add(each(0x76)) | digits) & each(0x80) != 0 {
        return None;
    }
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let all = fours * 10_000 + (fours >> 32);
    u32::try_from(all & 0xffff_ffff).ok()
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

    /// Every ASCII octet at every position of strings of every length up to two vectors.
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
                }
            }
        }
    }

    #[test]
    fn a_short_integer_is_the_double_that_its_digits_spell() {
        for text in [
            "0",
            "7",
            "12345678",
            "1700000000",
            "9007199254740993",
            "9999999999999999",
        ] {
            assert_eq!(short_integer(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in ["-1", "1.5", "1e3", "12345678901234567", "/", ":", "1:1"] {
            assert_eq!(short_integer(text.as_bytes()), None, "{text}");
        }
        for length in 1..=16 {
            let text: String = "9876543210987654".chars().take(length).collect();
            assert_eq!(short_integer(text.as_bytes()), text.parse().ok());
        }
    }

    /// Every octet at each place of numbers of every length that is read so.
    #[test]
    fn a_short_integer_has_digits_only() {
        for length in 1..=16 {
            for at in 0..length {
                for octet in 0..=255 {
                    let mut text = vec![b'5'; length];
                    text.iter_mut()
                        .skip(at)
                        .take(1)
                        .for_each(|place| *place = octet);
                    let digits = octet.is_ascii_digit().then_some(text.as_slice());
                    let expected = digits.and_then(|digits| std::str::from_utf8(digits).ok());
                    let expected = expected.and_then(|digits| digits.parse().ok());
                    assert_eq!(short_integer(&text), expected, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn a_value_holds_what_its_text_states() {
        let text = r#" { "a" : [ null , true, false, "\u00e9\n", {} , [ ] , -1 ], "b": "" } "#;
        let expected: Option<Value> = serde_json::from_str(text).ok();
        assert_eq!(Raw::parse(text).map(Raw::to_value), expected);
        assert!(expected.is_some());
    }

    /// Names that take eight octets or more, and share a start, are sorted by their rest.
    #[test]
    fn long_names_that_share_a_start_are_told_apart() {
        for count in [2, 24, 25, 60] {
            for length in [7, 8, 9, 15, 16, 17, 40] {
                let name = |n: usize| format!(r#""{:x>length$}{n:02}":1"#, "");
                let mut names: Vec<_> = (0..count).map(name).collect();
                assert!(Object::parse(&format!("{{{}}}", names.join(","))).is_some());
                names.push(name(count / 2));
                assert!(Object::parse(&format!("{{{}}}", names.join(","))).is_none());
            }
        }
    }

    #[test]
    fn a_path_leads_through_objects_and_arrays_as_a_pointer_does() {
        let text =
            r#" {"a":{"b":[ {"c~/":0}, {"\u0063":[10,[ ],"x" , {"d":{}} ]} ]},"":{"":1},"z":"s"} "#;
        let object = Object::parse(text).unwrap_or_default();
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        for path in [
            "a",
            "a/b",
            "a/b/0",
            "a/b/1/c",
            "a/b/1/c/0",
            "a/b/1/c/1",
            "a/b/1/c/2",
            "a/b/1/c/3",
            "a/b/1/c/3/d",
            "a/b/1/c/4",
            "a/b/1/c/-",
            "a/b/1/c/00",
            "a/b/1/c/+1",
            "a/b/2",
            "a/b/c",
            "a/x",
            "",
            "/",
            "z",
            "z/0",
            "a/b/1/c/0/0",
            "a/b/0/c~1",
        ] {
            let pointer = format!("/{path}");
            let tokens: Vec<_> = path.split('/').map(str::to_owned).collect();
            let found = object.find(&tokens).map(Raw::to_value);
            assert_eq!(found.as_ref(), value.pointer(&pointer), "{pointer}");
        }
    }

    #[test]
    fn a_name_occurs_once_whatever_its_spelling() {
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
