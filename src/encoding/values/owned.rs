//! Conversion of a valid JSON text to owned data, in one pass.

use serde_json::{Map, Value};

use super::decimal;
use super::escape::unescape;
use super::plain::plain_len;

/// The value that `text` spells, which a scanner has found valid.
pub fn value_of(text: &str) -> Value {
    Reader { rest: text }.value().unwrap_or_default()
}

/// `text` as a number: an integer if 64 bits hold it, otherwise a double. Minus zero is a double.
pub fn number(text: &str) -> Value {
    let unsigned = || text.parse::<u64>().ok().map(Value::from);
    let signed = || text.parse::<i64>().ok().filter(|number| *number != 0);
    let double = || decimal::to_f64(text).map_or(Value::Null, Value::from);
    unsigned()
        .or_else(|| signed().map(Value::from))
        .unwrap_or_else(double)
}

/// What is left of a valid text.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// The next value.
    fn value(&mut self) -> Option<Value> {
        Some(match self.peek()? {
            b'{' => Value::Object(self.members()?),
            b'[' => Value::Array(self.elements()?),
            b'"' => Value::String(self.string()?),
            b't' => {
                self.take("true".len());
                true.into()
            }
            b'f' => {
                self.take("false".len());
                false.into()
            }
            b'n' => {
                self.take("null".len());
                Value::Null
            }
            _ => {
                let is_other = |octet: &u8| !b"+-.0123456789Ee".contains(octet);
                let end = self.rest.bytes().position(|octet| is_other(&octet));
                number(self.take(end.unwrap_or(self.rest.len())))
            }
        })
    }

    fn members(&mut self) -> Option<Map<String, Value>> {
        let mut map = Map::new();
        self.take(1);
        while self.peek()? != b'}' {
            let name = self.string()?;
            map.insert(name, self.value()?);
        }
        self.take(1);
        Some(map)
    }

    fn elements(&mut self) -> Option<Vec<Value>> {
        let mut values = Vec::new();
        self.take(1);
        while self.peek()? != b']' {
            values.push(self.value()?);
        }
        self.take(1);
        Some(values)
    }

    /// The first octet of the next value, or a closing bracket. White space and separators are skipped alike: a valid text
    /// has them where they belong.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let octet = self.rest.bytes().next()?;
            if !b" \t\n\r,:".contains(&octet) {
                return Some(octet);
            }
            self.take(1);
        }
    }

    /// The next string.
    fn string(&mut self) -> Option<String> {
        self.peek()?;
        self.take(1);
        let mut end = 0;
        loop {
            let octets = self.rest.as_bytes().get(end..)?;
            end += plain_len(octets);
            match self.rest.as_bytes().get(end)? {
                b'"' => break,
                // An escape, whose second octet may be a quote.
                _ => end += 2,
            }
        }
        let text = unescape(self.take(end)).into_owned();
        self.take(1);
        Some(text)
    }

    /// The next `octets` octets; they are whole characters.
    fn take(&mut self, octets: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(octets).unwrap_or_default();
        self.rest = rest;
        taken
    }
}
