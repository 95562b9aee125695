//! The confirmation claim `cnf`: which key or certificate the presenter of a token must possess
//! ([RFC 7800 section 3.1], [RFC 9449 section 6.1], [RFC 8705 section 3.1]).
//!
//! [RFC 7800 section 3.1]: https://www.rfc-editor.org/rfc/rfc7800#section-3.1
//! [RFC 9449 section 6.1]: https://www.rfc-editor.org/rfc/rfc9449#section-6.1
//! [RFC 8705 section 3.1]: https://www.rfc-editor.org/rfc/rfc8705#section-3.1

use std::borrow::Cow;

use crate::encoding::json::Raw;

/// What a token is bound to, by one or both of the methods that are implemented.
#[derive(Debug)]
pub struct Confirmation<'a> {
    /// The JWK Thumbprint of a DPoP key, base64url SHA-256 (`jkt`).
    pub jkt: Option<Cow<'a, str>>,
    /// The thumbprint of a client certificate, base64url SHA-256 (`x5t#S256`).
    pub x5t_s256: Option<Cow<'a, str>>,
}

impl<'a> Confirmation<'a> {
    /// Reads the value of `cnf`. `None` unless it is an object with at least one member, all of them
    /// thumbprints by an implemented method: a binding that is not understood cannot be proved.
    pub fn parse(value: Raw<'a>) -> Option<Self> {
        let mut confirmation = Self {
            jkt: None,
            x5t_s256: None,
        };
        for (name, value) in value.as_object()?.members() {
            let thumbprint = value.as_str().filter(|text| is_thumbprint(text))?;
            match name.as_ref() {
                "jkt" => confirmation.jkt = Some(thumbprint),
                "x5t#S256" => confirmation.x5t_s256 = Some(thumbprint),
                _ => return None,
            }
        }
        let is_bound = confirmation.jkt.is_some() || confirmation.x5t_s256.is_some();
        is_bound.then_some(confirmation)
    }
}

/// Whether `text` has the form of a SHA-256 in base64url.
pub fn is_thumbprint(text: &str) -> bool {
    let is_digit = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_';
    text.len() == SHA256_CHARS && text.bytes().all(is_digit)
}

/// The length of a SHA-256 in base64url.
const SHA256_CHARS: usize = 43;
