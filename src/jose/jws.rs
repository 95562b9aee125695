//! A Compact Serialization taken apart, not yet trusted ([RFC 7515 section 7.1]).
//!
//! [RFC 7515 section 7.1]: https://www.rfc-editor.org/rfc/rfc7515#section-7.1

use crate::encoding::base64url;
use crate::encoding::json::{MemberIndex, Object};
use crate::encoding::limits::MAX_HEADER_CHARS;
use crate::encoding::octets::{last_position, position};
use crate::error::{Error, ErrorCode};

/// A token and the places of its two dots: it is moved often, and so is small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jws<'a> {
    token: &'a [u8],
    /// The position of the dot after the header.
    first: usize,
    /// The position of the dot before the signature.
    last: usize,
}

/// The octets that the parts of a token encode, and room to read them in. Kept from one token to the
/// next, so that no call has to allocate it.
#[derive(Debug, Default)]
pub(crate) struct Octets {
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    /// For the payload, if that is JSON.
    pub(crate) index: MemberIndex,
}

impl<'a> Jws<'a> {
    /// Takes `token` apart at its two dots and undoes the encoding of each part.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::TokenMalformed`] unless there are three parts, each in its one spelling;
    /// [`ErrorCode::TokenTooLarge`] for a JOSE Header beyond its limit.
    pub(crate) fn parse(token: &'a [u8], octets: &mut Octets) -> Result<Self, Error> {
        let jws = Self::split(token)?;
        jws.decode_header(octets)?;
        jws.decode_rest(octets)?;
        Ok(jws)
    }

    /// Takes `token` apart at its first and its last dot. A dot between them is in no part's
    /// spelling.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::TokenMalformed`] unless there are two.
    pub(crate) fn split(token: &'a [u8]) -> Result<Self, Error> {
        let dots = || {
            let last = last_position(token, b'.')?;
            let first = position(token.get(..last)?, b'.')?;
            Some(Self { token, first, last })
        };
        dots().ok_or_else(|| Error::new(ErrorCode::TokenMalformed))
    }

    /// The JWS Protected Header, as it is spelled.
    pub(crate) fn protected(&self) -> &'a [u8] {
        self.token.get(..self.first).unwrap_or_default()
    }

    /// Header, dot, payload: what was signed.
    pub(crate) fn signing_input(&self) -> &'a [u8] {
        self.token.get(..self.last).unwrap_or_default()
    }

    fn payload(&self) -> &'a [u8] {
        let payload = self.token.get(self.first + 1..self.last);
        payload.unwrap_or_default()
    }

    fn signature(&self) -> &'a [u8] {
        self.token.get(self.last + 1..).unwrap_or_default()
    }

    /// Undoes the encoding of the header.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub(crate) fn decode_header(&self, octets: &mut Octets) -> Result<(), Error> {
        check_length(self.protected(), MAX_HEADER_CHARS).map_err(|mut error| {
            error.claim = longest_parameter(self.protected()).map(Into::into);
            error
        })?;
        decode(self.protected(), &mut octets.header)
    }

    /// Undoes the encoding of payload and signature.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub(crate) fn decode_rest(&self, octets: &mut Octets) -> Result<(), Error> {
        decode(self.payload(), &mut octets.payload)?;
        decode(self.signature(), &mut octets.signature)
    }
}

/// The Header Parameter that takes the most room in a header beyond its limit, if it is a registered
/// one: a certificate chain in `x5c`, as a rule.
#[cold]
fn longest_parameter(protected: &[u8]) -> Option<&'static str> {
    const REGISTERED: [&str; 11] = [
        "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit",
    ];
    let mut header = Vec::new();
    base64url::decode_into(protected, &mut header)?;
    let object = Object::parse(std::str::from_utf8(&header).ok()?)?;
    let longest = object.members().max_by_key(|(_, value)| value.text().len());
    let (longest, _) = longest?;
    REGISTERED.into_iter().find(|name| *name == longest)
}

/// The octets before the one at `at`, and those after it.
pub(crate) fn around(text: &[u8], at: usize) -> Option<(&[u8], &[u8])> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Undoes the encoding of a part. One that is not in its one spelling has no octets.
fn decode(part: &[u8], octets: &mut Vec<u8>) -> Result<(), Error> {
    base64url::decode_into(part, octets).ok_or_else(|| {
        octets.clear();
        Error::new(ErrorCode::TokenMalformed)
    })
}

/// Whether `token` can travel as a bearer token (RFC 6750 section 2.1).
pub(crate) fn is_b64token(token: &[u8]) -> bool {
    let padding = token.iter().rev().take_while(|octet| **octet == b'=');
    let (body, _) = token
        .split_at_checked(token.len() - padding.count())
        .unwrap_or_default();
    // No early exit, so that the compiler uses vector instructions.
    let is_in_body = |octet: &u8| {
        octet.is_ascii_alphanumeric() | matches!(octet, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
    };
    !body.is_empty() && body.iter().fold(true, |all, octet| all & is_in_body(octet))
}

/// Whether there is a token, of at most `limit` octets.
///
/// # Errors
///
/// [`ErrorCode::TokenMissing`] for none, [`ErrorCode::TokenTooLarge`] for a longer one.
pub(crate) fn check_token(token: &[u8], limit: usize) -> Result<(), Error> {
    if token.is_empty() {
        return Err(Error::new(ErrorCode::TokenMissing));
    }
    check_length(token, limit)
}

/// Whether a part of a token has at most `limit` octets.
///
/// # Errors
///
/// [`ErrorCode::TokenTooLarge`].
pub(crate) fn check_length(part: &[u8], limit: usize) -> Result<(), Error> {
    if part.len() <= limit {
        return Ok(());
    }
    Err(Error::new(ErrorCode::TokenTooLarge)
        .expected(limit)
        .actual(part.len()))
}
