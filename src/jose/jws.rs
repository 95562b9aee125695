//! A Compact Serialization taken apart, not yet trusted ([RFC 7515 section 7.1]).
//!
//! [RFC 7515 section 7.1]: https://www.rfc-editor.org/rfc/rfc7515#section-7.1

use crate::encoding::base64url;
use crate::encoding::limits::MAX_HEADER_CHARS;
use crate::encoding::sha256::Message;
use crate::error::{Error, ErrorCode};

/// A token whose parts are well spelled; what they encode is in its [`Octets`].
#[derive(Debug)]
pub(crate) struct Jws<'a> {
    /// Header, dot, payload: what was signed.
    pub(crate) signing_input: Message<'a>,
}

/// The octets that the parts of a token encode. Kept from one token to the next, so that no call
/// has to allocate them.
#[derive(Debug, Default)]
pub(crate) struct Octets {
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes `token` apart at its two dots and undoes the encoding of each part.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::TokenMalformed`] unless there are three parts, each in its one spelling;
    /// [`ErrorCode::TokenTooLarge`] for a JOSE Header beyond its limit.
    #[inline(never)]
    pub(crate) fn parse(token: &'a str, octets: &mut Octets) -> Result<Self, Error> {
        let malformed = || Error::new(ErrorCode::TokenMalformed);
        let (signing_input, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (protected, payload) = signing_input.split_once('.').ok_or_else(malformed)?;
        check_length(protected, MAX_HEADER_CHARS)?;
        base64url::decode_into(protected, &mut octets.header).ok_or_else(malformed)?;
        base64url::decode_into(payload, &mut octets.payload).ok_or_else(malformed)?;
        base64url::decode_into(signature, &mut octets.signature).ok_or_else(malformed)?;
        let signing_input = Message::new(signing_input.as_bytes());
        Ok(Self { signing_input })
    }
}

/// Whether there is a token, of at most `limit` octets.
///
/// # Errors
///
/// [`ErrorCode::TokenMissing`] for none, [`ErrorCode::TokenTooLarge`] for a longer one.
pub(crate) fn check_token(token: &str, limit: usize) -> Result<(), Error> {
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
pub(crate) fn check_length(part: &str, limit: usize) -> Result<(), Error> {
    if part.len() <= limit {
        return Ok(());
    }
    Err(Error::new(ErrorCode::TokenTooLarge)
        .expected(limit)
        .actual(part.len()))
}
