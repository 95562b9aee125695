//! JWT Claims Set: the registered claims with their types, and access to any other claim.

pub(crate) mod audience;
#[cfg(not(inspection_alone))]
pub(crate) mod confirmation;
#[cfg(not(inspection_alone))]
pub(crate) mod date_time;
pub(crate) mod numeric_date;
#[cfg(not(inspection_alone))]
pub(crate) mod pointer;
#[cfg(not(inspection_alone))]
pub(crate) mod scope;

use std::borrow::Cow;

use crate::encoding::json::{Object, Places, Raw};
use crate::error::{Error, ErrorCode};

use numeric_date::NumericDate;
#[cfg(not(inspection_alone))]
use pointer::ClaimName;

/// The JWT Claims Set: one JSON object ([RFC 7519 section 4]).
///
/// `iss`, `sub`, `jti` and the times have their types, whatever a policy requires: a token is
/// identified by the first and expires by the last. `aud` is read where an audience is required.
///
/// [RFC 7519 section 4]: https://www.rfc-editor.org/rfc/rfc7519#section-4
#[derive(Clone, Debug)]
pub(crate) struct ClaimsSet<'a> {
    object: Object<'a>,
    pub(crate) iss: Option<Cow<'a, str>>,
    pub(crate) sub: Option<Cow<'a, str>>,
    pub(crate) jti: Option<Cow<'a, str>>,
    pub(crate) times: Times,
}

/// The time claims of a token, those present.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    pub(crate) exp: Option<NumericDate>,
    pub(crate) nbf: Option<NumericDate>,
    pub(crate) iat: Option<NumericDate>,
}

impl<'a> ClaimsSet<'a> {
    /// Reads the octets of a JWS Payload, reusing the allocations of `places`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ClaimsMalformed`] unless they are one JSON object; as [`Self::read`].
    pub(crate) fn parse(octets: &'a [u8], places: &'a mut Places) -> Result<Self, Error> {
        let malformed = || Error::new(ErrorCode::ClaimsMalformed);
        let text = std::str::from_utf8(octets).map_err(|_| malformed())?;
        Self::parse_text(text, places)
    }

    /// Reads a JSON text as [`Self::parse`] does.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub(crate) fn parse_text(text: &'a str, places: &'a mut Places) -> Result<Self, Error> {
        let object =
            Object::parse_in(text, places).ok_or(Error::new(ErrorCode::ClaimsMalformed))?;
        Self::read(object)
    }

    /// Reads the registered claims of `object`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ClaimMalformed`] for a registered claim of another JSON type, or a time out of
    /// range.
    pub(crate) fn read(object: Object<'a>) -> Result<Self, Error> {
        let mut claims = Self {
            object: Object::default(),
            iss: None,
            sub: None,
            jti: None,
            times: Times::default(),
        };
        for (name, value) in object.members() {
            match name.as_ref() {
                "iss" => claims.iss = Some(string("iss", value)?),
                "sub" => claims.sub = Some(string("sub", value)?),
                "jti" => claims.jti = Some(string("jti", value)?),
                "exp" => claims.times.exp = Some(NumericDate::from_claim("exp", value)?),
                "nbf" => claims.times.nbf = Some(NumericDate::from_claim("nbf", value)?),
                "iat" => claims.times.iat = Some(NumericDate::from_claim("iat", value)?),
                _ => {}
            }
        }
        claims.object = object;
        Ok(claims)
    }

    /// The object as a whole.
    pub(crate) fn object(&self) -> &Object<'a> {
        &self.object
    }

    /// The value of the claim called `name`.
    #[cfg(not(inspection_alone))]
    pub(crate) fn get(&self, name: &ClaimName) -> Option<Raw<'a>> {
        name.find(&self.object)
    }

    /// The value of the top-level claim called `name`.
    pub(crate) fn member(&self, name: &str) -> Option<Raw<'a>> {
        self.object.get(name)
    }
}

fn string<'a>(name: &'static str, value: Raw<'a>) -> Result<Cow<'a, str>, Error> {
    value
        .as_str()
        .ok_or_else(|| wrong_type(name, "string", value))
}

/// The refusal of a claim whose JSON type is not `json_type`.
pub(crate) fn wrong_type(
    name: impl Into<Cow<'static, str>>,
    json_type: &str,
    value: Raw<'_>,
) -> Error {
    Error::about(ErrorCode::ClaimMalformed, name)
        .expected(json_type)
        .actual(value.evidence())
}
