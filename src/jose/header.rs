//! JoseHeader, `crit` included ([RFC 7515 section 4]).
//!
//! [RFC 7515 section 4]: https://www.rfc-editor.org/rfc/rfc7515#section-4

use std::borrow::Cow;

use crate::encoding::json::{Object, Raw};
use crate::encoding::limits::{MAX_KID_BYTES, truncate};
use crate::error::{Error, ErrorCode};

use super::alg::Alg;

/// The `typ` of a receipt.
pub(crate) const RECEIPT_TYP: &str = "receipt+jwt";

/// The JOSE Header of a JWS: one JSON object, its registered members of their types.
#[derive(Clone, Debug)]
pub(crate) struct JoseHeader<'a> {
    alg: Cow<'a, str>,
    kid: Option<Cow<'a, str>>,
    typ: Option<Cow<'a, str>>,
    x5t: Option<Cow<'a, str>>,
    x5t_s256: Option<Cow<'a, str>>,
}

/// The Header Parameters that name the key of a token ([RFC 7515 section 6]). Nothing in them is
/// signed.
///
/// [RFC 7515 section 6]: https://www.rfc-editor.org/rfc/rfc7515#section-6
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyHint<'a> {
    /// The Key ID.
    pub(crate) kid: Option<&'a str>,
    /// The SHA-1 thumbprint of the key's X.509 certificate.
    pub(crate) x5t: Option<&'a str>,
    /// The SHA-256 thumbprint of the key's X.509 certificate.
    pub(crate) x5t_s256: Option<&'a str>,
}

impl<'a> JoseHeader<'a> {
    /// Reads the decoded `octets` of a JWS Protected Header. Longer than forty lines: a table of the registered Header
    /// Parameters.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::HeaderMalformed`], blaming the Header Parameter if it is a registered one;
    /// [`ErrorCode::TokenTooLarge`] for a `kid` beyond its limit; [`ErrorCode::CritNotSupported`]
    /// for any `crit`, since no extension is implemented, and for a payload that is not base64url
    /// (`b64`, RFC 7797).
    pub(crate) fn parse(octets: &'a [u8]) -> Result<Self, Error> {
        let malformed = || Error::new(ErrorCode::HeaderMalformed);
        let text = std::str::from_utf8(octets).map_err(|_| malformed())?;
        let object = Object::parse(text).ok_or_else(malformed)?;
        let (mut alg, mut kid, mut typ) = (None, None, None);
        let (mut x5t, mut x5t_s256) = (None, None);
        let mut extended = false;
        for (name, value) in object.members() {
            match name.as_ref() {
                "alg" => alg = Some(string("alg", value)?),
                "kid" => kid = Some(string("kid", value)?),
                "typ" => typ = Some(string("typ", value)?),
                "cty" => string("cty", value).map(drop)?,
                "jku" => string("jku", value).map(drop)?,
                "x5u" => string("x5u", value).map(drop)?,
                "x5t" => x5t = Some(string("x5t", value)?),
                "x5t#S256" => x5t_s256 = Some(string("x5t#S256", value)?),
                "jwk" => typed("jwk", "object", value.is_object().then_some(()))?,
                "x5c" => typed("x5c", "array of strings", value.count_strings()).map(drop)?,
                "crit" => extended = true,
                "b64" => extended |= !typed("b64", "boolean", value.as_bool())?,
                _ => {}
            }
        }
        if extended {
            return Err(Error::about(ErrorCode::CritNotSupported, "crit"));
        }
        let kid: Option<Cow<'_, str>> = kid;
        if let Some(length) = kid
            .as_ref()
            .map(|kid| kid.len())
            .filter(|len| *len > MAX_KID_BYTES)
        {
            return Err(Error::about(ErrorCode::TokenTooLarge, "kid")
                .expected(MAX_KID_BYTES)
                .actual(length));
        }
        Ok(Self {
            alg: typed("alg", "string", alg)?,
            kid,
            typ,
            x5t,
            x5t_s256,
        })
    }

    /// The algorithm that the token claims to be signed with.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::AlgNotSupported`] if it is not implemented.
    pub(crate) fn alg(&self) -> Result<Alg, Error> {
        Alg::from_name(&self.alg).ok_or_else(|| {
            Error::about(ErrorCode::AlgNotSupported, "alg").actual(truncate(&self.alg))
        })
    }

    /// The `kid`, if there is one.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The Header Parameters that identify the key.
    pub(crate) fn key_hint(&self) -> KeyHint<'_> {
        KeyHint {
            kid: self.kid(),
            x5t: self.x5t.as_deref(),
            x5t_s256: self.x5t_s256.as_deref(),
        }
    }

    /// The `typ`, if there is one.
    pub(crate) fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Whether the token says that it is a receipt.
    pub(crate) fn is_receipt(&self) -> bool {
        self.typ().is_some_and(|typ| media_type(typ) == RECEIPT_TYP)
    }
}

/// `typ` in the form in which it is compared: lower case, without the "application/" that RFC 7515
/// section 4.1.9 lets a producer leave out.
pub(crate) fn media_type(typ: &str) -> String {
    let lower = typ.to_ascii_lowercase();
    match lower.strip_prefix("application/") {
        Some(subtype) if !subtype.is_empty() && !subtype.contains('/') => subtype.to_owned(),
        _ => lower,
    }
}

fn string<'a>(name: &'static str, value: Raw<'a>) -> Result<Cow<'a, str>, Error> {
    typed(name, "string", value.as_str())
}

fn typed<T>(name: &'static str, json_type: &str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::about(ErrorCode::HeaderMalformed, name).expected(json_type))
}
