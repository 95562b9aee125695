//! Common misspellings of a Compact Serialization: text around the token, or another encoding.
//!
//! They are refused like any other malformed token. Naming them costs one scan of a refused token.

use super::octets::position;

/// What makes a text differ from the token that it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misspelling {
    /// An authentication scheme before the token, as in `Bearer …`.
    Scheme,
    /// Quotes around the token.
    Quotes,
    /// White space in or around the token, or a byte order mark before it.
    Whitespace,
    /// base64url with padding.
    Padding,
    /// base64 in place of base64url.
    Base64,
}

use Misspelling::{Base64, Padding, Quotes, Scheme, Whitespace};

impl Misspelling {
    /// The misspelling of `token`, if it has one of these.
    pub fn of(token: &[u8]) -> Option<Self> {
        const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
        let has = |octet| position(token, octet).is_some();
        let is_quote = |octet: Option<&u8>| matches!(octet, Some(b'"' | b'\'' | b'`'));
        let trimmed = token.trim_ascii();
        if is_quote(trimmed.first()) || is_quote(trimmed.last()) {
            return Some(Quotes);
        }
        if let Some(scheme) = position(trimmed, b' ').and_then(|space| trimmed.get(..space)) {
            let is_scheme = scheme.iter().all(u8::is_ascii_alphabetic);
            return Some(if is_scheme { Scheme } else { Whitespace });
        }
        if token.iter().any(u8::is_ascii_whitespace) || token.starts_with(BYTE_ORDER_MARK) {
            Some(Whitespace)
        } else if has(b'=') {
            Some(Padding)
        } else if has(b'.') && (has(b'+') || has(b'/')) {
            Some(Base64)
        } else {
            None
        }
    }

    /// The code of the warning that names it.
    pub const fn code(self) -> &'static str {
        match self {
            Scheme => "scheme_prefix",
            Quotes => "quoted",
            Whitespace => "whitespace",
            Padding => "padded",
            Base64 => "base64_alphabet",
        }
    }

    /// What the token must be instead, in words.
    pub const fn must_be(self) -> &'static str {
        match self {
            Scheme => "the token alone, without the authentication scheme before it",
            Quotes => "the token alone, without quotes around it",
            Whitespace => "the token alone, without white space or line ends",
            Padding => "base64url without padding (RFC 7515 section 2)",
            Base64 => "base64url, with - and _ in place of + and / (RFC 4648 section 5)",
        }
    }
}

/// What a malformed token must be instead, in words, if it is recognised as something else.
pub fn must_be(token: &[u8]) -> Option<&'static str> {
    if let Some(misspelling) = Misspelling::of(token) {
        return Some(misspelling.must_be());
    }
    if position(token, b'~').is_some() {
        return Some(
            "a JWS alone, without the text after ~ (an SD-JWT, RFC 9901, or a receipt's token)",
        );
    }
    match token.iter().filter(|octet| **octet == b'.').count() {
        2 => None,
        4 => Some("a signed token; five parts are an encrypted one (RFC 7516 section 7.1)"),
        _ => Some("three parts with a dot between each two (RFC 7515 section 7.1)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_is_named() {
        for (token, found) in [
            ("a.b.c", None),
            ("", None),
            ("opaque/token+", None),
            ("Bearer a.b.c", Some(Scheme)),
            ("bearer a.b.c\n", Some(Scheme)),
            ("DPoP a.b.c", Some(Scheme)),
            ("a.b c.d", Some(Whitespace)),
            ("a.b.c\n", Some(Whitespace)),
            ("\u{feff}a.b.c", Some(Whitespace)),
            ("a.\r\nb.c", Some(Whitespace)),
            ("\"a.b.c\"", Some(Quotes)),
            ("'a.b.c'\n", Some(Quotes)),
            ("\"Bearer a.b.c\"", Some(Quotes)),
            ("a=.b.c", Some(Padding)),
            ("a.b.c==", Some(Padding)),
            ("a.b+.c", Some(Base64)),
            ("a.b.c/", Some(Base64)),
        ] {
            assert_eq!(Misspelling::of(token.as_bytes()), found, "{token:?}");
        }
    }
}
