//! JWT Claims Set: the registered claims with their types, and access to any other claim.

#![expect(
    missing_docs,
    reason = "the crate is a part of countersign, and has no other users"
)]

use countersign_encoding as encoding;
use countersign_error as error;

pub mod audience;
pub mod confirmation;
pub mod layout;
pub mod numeric_date;
pub mod pointer;
pub mod scope;
mod wrong_type;

use std::borrow::Cow;

use crate::encoding::json::{MemberIndex, Object, Raw};
use crate::encoding::safe_integer;
use crate::error::{Error, ErrorCode};

use numeric_date::NumericDate;
use pointer::ClaimName;

pub use wrong_type::wrong_type;

/// The JWT Claims Set: one JSON object ([RFC 7519 section 4]).
///
/// `iss`, `sub`, `jti` and the times have their types, whatever a policy requires: a token is
/// identified by the first and expires by the last. `aud` is read where an audience is required.
///
/// [RFC 7519 section 4]: https://www.rfc-editor.org/rfc/rfc7519#section-4
#[derive(Clone, Debug)]
pub struct ClaimsSet<'a> {
    object: Object<'a>,
    pub iss: Option<Cow<'a, str>>,
    pub sub: Option<Cow<'a, str>>,
    pub jti: Option<Cow<'a, str>>,
    pub times: Times,
}

/// The time claims of a token, those present.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    pub exp: Option<NumericDate>,
    pub nbf: Option<NumericDate>,
    pub iat: Option<NumericDate>,
}

/// Whether `sub` may be an integer, as some issuers write it against RFC 7519 section 4.1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumericSubject {
    Refuse,
    /// A safe integer is read as its decimal text.
    Allow,
}

impl<'a> ClaimsSet<'a> {
    /// Reads the octets of a JWS Payload, reusing the allocations of `index`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ClaimsMalformed`] unless they are one JSON object; as [`Self::read`].
    ///
    /// Not inlined: its callers are compiled for size.
    #[inline(never)]
    pub fn parse(
        octets: &'a [u8],
        index: &'a mut MemberIndex,
        numeric_subject: NumericSubject,
    ) -> Result<Self, Error> {
        let malformed = || Error::new(ErrorCode::ClaimsMalformed);
        let text = std::str::from_utf8(octets).map_err(|_| malformed())?;
        Self::parse_text(text, index, numeric_subject)
    }

    /// Reads a JSON text as [`Self::parse`] does.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub fn parse_text(
        text: &'a str,
        index: &'a mut MemberIndex,
        numeric_subject: NumericSubject,
    ) -> Result<Self, Error> {
        let object = Object::parse_in(text, index);
        let object = object.ok_or_else(|| Error::new(ErrorCode::ClaimsMalformed))?;
        Self::read(object, numeric_subject)
    }

    /// Reads the registered claims of `object`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ClaimMalformed`] for a registered claim of another JSON type, or a time out of
    /// range.
    pub fn read(object: Object<'a>, numeric_subject: NumericSubject) -> Result<Self, Error> {
        let mut claims = Self {
            object: Object::default(),
            iss: None,
            sub: None,
            jti: None,
            times: Times::default(),
        };
        for (name, value) in object.members_of() {
            match &name {
                b"iss" => claims.iss = Some(string("iss", value)?),
                b"sub" => claims.sub = Some(subject(value, numeric_subject)?),
                b"jti" => claims.jti = Some(string("jti", value)?),
                b"exp" => claims.times.exp = Some(NumericDate::from_claim("exp", value)?),
                b"nbf" => claims.times.nbf = Some(NumericDate::from_claim("nbf", value)?),
                b"iat" => claims.times.iat = Some(NumericDate::from_claim("iat", value)?),
                _ => {}
            }
        }
        claims.object = object;
        Ok(claims)
    }

    /// The object as a whole.
    pub fn object(&self) -> &Object<'a> {
        &self.object
    }

    /// The value of the claim called `name`.
    pub fn get(&self, name: &ClaimName) -> Option<Raw<'a>> {
        name.find(&self.object)
    }

    /// The value of the top-level claim called `name`.
    pub fn member(&self, name: &str) -> Option<Raw<'a>> {
        self.object.get(name)
    }
}

fn subject(value: Raw<'_>, numeric: NumericSubject) -> Result<Cow<'_, str>, Error> {
    let integer = (numeric == NumericSubject::Allow)
        .then(|| safe_integer::safe_integer(value.text()))
        .flatten();
    integer.map_or_else(|| string("sub", value), |text| Ok(text.into()))
}

fn string<'a>(name: &'static str, value: Raw<'a>) -> Result<Cow<'a, str>, Error> {
    value
        .as_str()
        .ok_or_else(|| wrong_type(name, "string", value))
}
