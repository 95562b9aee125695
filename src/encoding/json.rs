//! One JSON text: UTF-8, no duplicate names, bounded depth, finite numbers ([RFC 8259],
//! [RFC 7515 section 4]).
//!
//! One pass validates the whole text and remembers where the members of the outermost object
//! stand; a value is converted only when somebody asks for it.
//!
//! [RFC 8259]: https://www.rfc-editor.org/rfc/rfc8259
//! [RFC 7515 section 4]: https://www.rfc-editor.org/rfc/rfc7515#section-4

mod place;
mod scanner;
#[cfg(feature = "wasm")]
mod sight;

use std::borrow::Cow;

use serde_json::{Map, Value};

use place::{Kind, Member, Start};
use scanner::{Scanner, plain_len};

pub(crate) use place::{Place, Places};
#[cfg(feature = "wasm")]
pub(crate) use {place::Span, sight::Names, sight::Sight};

/// A JSON object, valid throughout, its members in the order of the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object<'a> {
    text: &'a str,
    places: Cow<'a, Places>,
}

impl<'a> Object<'a> {
    /// Reads `text` as one JSON object, or `None` if anything in it is not as the RFCs have it.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut places = Places::default();
        places.read(text)?;
        Some(Self {
            text,
            places: Cow::Owned(places),
        })
    }

    /// Reads `text` as [`Self::parse`] does, in the room that `places` has.
    pub(crate) fn parse_in(text: &'a str, places: &'a mut Places) -> Option<Self> {
        places.read(text)?;
        Some(Self {
            text,
            places: Cow::Borrowed(places),
        })
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
        let member = self.places.members.iter().find(called)?;
        Some(Raw::at(member.value, self.text))
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
        let read = |member: &Member| {
            let value = Raw::at(member.value, self.text);
            (member.name.read(self.text), value)
        };
        self.places.members.iter().map(read)
    }
}

/// The text of one value inside a JSON text that was found valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw<'a> {
    text: &'a str,
    /// Whether it is a string in which nothing is escaped.
    is_plain: bool,
}

impl<'a> Raw<'a> {
    /// Reads `text` as one JSON value of any type.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut scanner = Scanner::new(text);
        scanner.skip_whitespace();
        let value = scanner.value(0)?;
        scanner.skip_whitespace();
        scanner.peek().is_none().then(|| Self::at(value, text))
    }

    /// The value at `place` in `text`.
    fn at(place: Place, text: &'a str) -> Self {
        Self {
            text: place.span.of(text),
            is_plain: matches!(place.kind, Kind::Plain),
        }
    }

    /// The value as it is spelled.
    pub(crate) fn text(self) -> &'a str {
        self.text
    }

    /// The value if it is a string.
    pub(crate) fn as_str(self) -> Option<Cow<'a, str>> {
        let inner = self.text.strip_prefix('"')?.strip_suffix('"')?;
        Some(if self.is_plain {
            Cow::Borrowed(inner)
        } else {
            unescape(inner)
        })
    }

    /// The value if it is a number.
    pub(crate) fn as_f64(self) -> Option<f64> {
        if let Some(number) = short_integer(self.text.as_bytes()) {
            return Some(number);
        }
        self.text
            .starts_with(|first: char| first == '-' || first.is_ascii_digit())
            .then(|| self.text.parse().ok())
            .flatten()
    }

    /// The value if it is a boolean.
    pub(crate) fn as_bool(self) -> Option<bool> {
        self.text.parse().ok()
    }

    /// The value if it is an object.
    pub(crate) fn as_object(self) -> Option<Object<'a>> {
        Object::parse(self.text)
    }

    /// The elements if it is an array, each found when it is asked for.
    pub(crate) fn elements(self) -> Option<impl Iterator<Item = Raw<'a>>> {
        let mut scanner = Scanner::new(self.text);
        scanner.open(b'[', 0)?;
        Some(std::iter::from_fn(move || {
            let element = scanner.element()?;
            Some(Raw::at(element, self.text))
        }))
    }

    /// The elements if it is an array.
    pub(crate) fn as_array(self) -> Option<Vec<Raw<'a>>> {
        self.elements().map(Iterator::collect)
    }

    /// The strings if it is an array of strings and nothing else.
    pub(crate) fn as_strings(self) -> Option<Vec<Cow<'a, str>>> {
        self.as_array()?.into_iter().map(Self::as_str).collect()
    }

    fn to_scalar(self) -> Value {
        match self.text {
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

/// The integer that `digits` spell if there are so few of them that a double holds it exactly, and
/// 32 bits each half.
fn short_integer(digits: &[u8]) -> Option<f64> {
    const HALF: usize = 7;
    if digits.len() > 2 * HALF {
        return None;
    }
    let (high, low) = digits.split_at_checked(digits.len().saturating_sub(HALF))?;
    let half = |digits: &[u8]| {
        digits.iter().try_fold(0, |sum, octet| {
            let digit = u32::from(octet.wrapping_sub(b'0'));
            (digit < 10).then_some(sum * 10 + digit)
        })
    };
    Some(f64::from(half(high)?) * 1e7 + f64::from(half(low)?))
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
                }
            }
        }
    }

    #[test]
    fn a_short_integer_is_the_double_that_its_digits_spell() {
        for text in ["0", "7", "12345678", "1700000000", "99999999999999"] {
            assert_eq!(short_integer(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in ["-1", "1.5", "1e3", "123456789012345", "/", ":", "1:1"] {
            assert_eq!(short_integer(text.as_bytes()), None, "{text}");
        }
        for length in 1..=14 {
            let text: String = "98765432109876".chars().take(length).collect();
            assert_eq!(short_integer(text.as_bytes()), text.parse().ok());
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
