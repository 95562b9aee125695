//! Escapes in JSON strings (RFC 8259 section 7), of texts that the scanner has found valid.

use std::borrow::Cow;
use std::str::Chars;

use super::plain::plain_len;

/// The text inside the quotes of a valid string, its escapes replaced.
pub fn unescape(inner: &str) -> Cow<'_, str> {
    if plain_len(inner.as_bytes()) == inner.len() {
        return Cow::Borrowed(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut chars = escaped.chars();
        text.extend(escape(&mut chars));
        rest = chars.as_str();
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Whether the text inside the quotes of a valid string is `text`, its escapes replaced. Allocates
/// nothing, and stops at the first difference.
pub fn spells(inner: &str, text: &str) -> bool {
    let mut chars = inner.chars();
    let mut next = || match chars.next()? {
        '\\' => escape(&mut chars),
        plain => Some(plain),
    };
    text.chars().all(|wanted| next() == Some(wanted)) && next().is_none()
}

/// The character that an escape means. `chars` follow its backslash.
fn escape(chars: &mut Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        'u' => {
            let unit = code_unit(chars);
            if !(0xD800..0xDC00).contains(&unit) {
                return char::from_u32(u32::from(unit));
            }
            // A valid text has the other half of the pair here, after `\u`.
            chars.nth(1);
            let pair = [unit, code_unit(chars)];
            return char::decode_utf16(pair).next()?.ok();
        }
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    })
}

/// The UTF-16 code unit that the next four hexadecimal digits spell.
fn code_unit(chars: &mut Chars<'_>) -> u16 {
    chars.by_ref().take(4).fold(0, |unit, digit| {
        let digit = digit
            .to_digit(16)
            .and_then(|digit| u16::try_from(digit).ok());
        (unit << 4) | digit.unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_spells_the_text_that_its_escapes_give_and_no_other() {
        for (inner, text) in [
            ("", ""),
            ("abc", "abc"),
            (r"\u0061bc", "abc"),
            (r"ab\u0063", "abc"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"\uD83D\uDE00!", "\u{1F600}!"),
            (r"\u00e9é", "éé"),
        ] {
            assert_eq!(unescape(inner), text);
            assert!(spells(inner, text));
            for other in [format!("{text}x"), format!("x{text}"), "q".to_owned()] {
                assert!(!spells(inner, &other), "{inner} {other}");
            }
            let mut shorter = text.to_owned();
            if shorter.pop().is_some() {
                assert!(!spells(inner, &shorter), "{inner} {shorter}");
            }
        }
    }
}
