//! A token taken apart: the JWS that is verified, and the opaque token that it may be a receipt for.

use crate::encoding::limits::MAX_RECEIPT_CHARS;
use crate::encoding::misspelling::{self, Misspelling};
use crate::encoding::octets::position;
use crate::error::{Error, ErrorCode};
use crate::jose::header::JoseHeader;
use crate::jose::jws::{Jws, Octets, around, check_length, check_token, is_b64token};
use crate::policy::{Evidence, Policy};

use super::header_cache::{CachedHeader, HeaderCache};

/// A token taken apart, not verified.
pub(super) struct Parsed<'t, 'k> {
    pub(super) jws: Jws<'t>,
    /// The result of its header's checks, if that is cached; otherwise the header is decoded.
    pub(super) header: Option<&'k CachedHeader>,
    /// The token that a receipt is for.
    pub(super) opaque: Option<&'t [u8]>,
}

impl<'t, 'k> Parsed<'t, 'k> {
    /// Splits `token` into its JWS, which is decoded into `octets`, and the opaque token after it.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::TokenMissing`], [`ErrorCode::TokenTooLarge`], [`ErrorCode::TokenMalformed`], and
    /// [`ErrorCode::ReceiptMissing`] where `policy` requires a receipt.
    pub(super) fn read(
        token: &'t [u8],
        policy: &Policy,
        headers: &'k HeaderCache,
        octets: &mut Octets,
    ) -> Result<Self, Error> {
        check_token(token, policy.max_token_bytes())?;
        let parsed = match policy.evidence() {
            Evidence::Signature => Self::signed(token, headers, octets),
            Evidence::Receipt => Self::countersigned(token, headers, octets),
        };
        parsed.map_err(|error| explained(error, token, policy.evidence()))
    }

    /// A token that its own signature vouches for.
    fn signed(
        token: &'t [u8],
        headers: &'k HeaderCache,
        octets: &mut Octets,
    ) -> Result<Self, Error> {
        // No part of a JWS that can be decoded has a tilde.
        let error = match Self::decode(token, None, headers, octets) {
            Ok(parsed) => return Ok(parsed),
            Err(error) => error,
        };
        let Some((first, _)) = receipt_and_token(token) else {
            return Err(error);
        };
        // A receipt is refused for its type; any other token with a tilde is not a JWS.
        let parsed = Self::decode(first, None, HeaderCache::NONE, octets)?;
        let header = JoseHeader::parse(&octets.header).ok();
        let is_receipt = header.is_some_and(|header| header.is_receipt());
        is_receipt
            .then_some(parsed)
            .ok_or_else(|| Error::new(ErrorCode::TokenMalformed))
    }

    /// An opaque token that the receipt before it vouches for.
    fn countersigned(
        token: &'t [u8],
        headers: &'k HeaderCache,
        octets: &mut Octets,
    ) -> Result<Self, Error> {
        let Some((receipt, opaque)) = receipt_and_token(token) else {
            return Err(Error::new(ErrorCode::ReceiptMissing));
        };
        check_length(receipt, MAX_RECEIPT_CHARS)?;
        if !is_b64token(opaque) {
            return Err(Error::new(ErrorCode::TokenMalformed));
        }
        Self::decode(receipt, Some(opaque), headers, octets)
    }

    fn decode(
        jws: &'t [u8],
        opaque: Option<&'t [u8]>,
        headers: &'k HeaderCache,
        octets: &mut Octets,
    ) -> Result<Self, Error> {
        let jws = Jws::split(jws)?;
        let header = headers.find(jws.protected());
        if header.is_none() {
            jws.decode_header(octets)?;
        }
        jws.decode_rest(octets)?;
        Ok(Self {
            jws,
            header,
            opaque,
        })
    }
}

/// The receipt before the first tilde of `token`, and the opaque token after it.
fn receipt_and_token(token: &[u8]) -> Option<(&[u8], &[u8])> {
    around(token, position(token, b'~')?)
}

/// The JWS of a token: the receipt if it has one, otherwise all of it.
///
/// # Errors
///
/// [`ErrorCode::TokenMalformed`] unless it has two dots.
pub(super) fn jws_of(token: &[u8]) -> Result<Jws<'_>, Error> {
    Jws::split(receipt_and_token(token).map_or(token, |(receipt, _)| receipt))
}

/// `error`; if `token` is malformed, with what it must be instead.
#[cold]
#[inline(never)]
fn explained(error: Error, token: &[u8], evidence: Evidence) -> Error {
    let must_be = match (error.code, evidence) {
        (ErrorCode::TokenMalformed, Evidence::Signature) => misspelling::must_be(token),
        (ErrorCode::TokenMalformed, Evidence::Receipt) => {
            Misspelling::of(token).map(Misspelling::must_be)
        }
        _ => None,
    };
    match must_be {
        Some(must_be) => error.expected(must_be),
        None => error,
    }
}
