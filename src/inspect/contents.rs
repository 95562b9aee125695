//! The parts of an untrusted token, each decoded and parsed once.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::claims::numeric_date::NumericDate;
use crate::claims::{ClaimsSet, NumericSubject};
use crate::encoding::base64url;
use crate::encoding::json::{Object, Raw};
use crate::error::{Error, ErrorCode};
use crate::jose::alg::Alg;
use crate::jose::header::JoseHeader;
use crate::jose::jws::{Jws, Octets, is_b64token};

/// What a token is, by its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Three parts: a JWS Compact Serialization (RFC 7515 section 7.1).
    Jws,
    /// Five parts: a JWE Compact Serialization (RFC 7516 section 7.1).
    Jwe,
    /// Any other text of token characters: only its issuer can read it.
    Opaque,
    /// A receipt before an opaque token.
    Countersigned,
    /// Not a token.
    Malformed,
}

/// The times of a token, as of the moment of inspection.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Time {
    /// `iat`, in seconds since the epoch.
    pub issued_at: Option<f64>,
    /// `nbf`, in seconds since the epoch.
    pub not_before: Option<f64>,
    /// `exp`, in seconds since the epoch.
    pub expires_at: Option<f64>,
    /// Whether the token is valid at that moment.
    pub state: TimeState,
    /// The seconds until `exp`; negative after it.
    pub seconds_left: Option<f64>,
}

/// Whether a token is valid at a moment, by its times alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeState {
    /// Before `nbf`.
    NotYetValid,
    /// From `nbf` on, and before `exp`.
    Current,
    /// At `exp` or after it.
    Expired,
    /// There is no `exp`.
    NeverExpires,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Jws => "jws",
            Self::Jwe => "jwe",
            Self::Opaque => "opaque",
            Self::Countersigned => "countersigned",
            Self::Malformed => "malformed",
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl TimeState {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::NotYetValid => "not_yet_valid",
            Self::Current => "current",
            Self::Expired => "expired",
            Self::NeverExpires => "never_expires",
        }
    }
}

impl Serialize for TimeState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What can be read of a token.
pub(super) struct Contents<'a> {
    pub(super) kind: Kind,
    /// The whole token.
    pub(super) token: &'a str,
    pub(super) parts: Vec<&'a str>,
    pub(super) header: Option<Object<'a>>,
    pub(super) claims: Option<Object<'a>>,
    pub(super) time: Option<Time>,
    /// What is signed, if the JWS is well formed.
    pub(super) signing_input: Option<&'a [u8]>,
    /// The octets of the JWS Signature, empty if it is malformed.
    pub(super) signature: &'a [u8],
    /// Whether a JWS comes before the first tilde of a token that is not countersigned.
    pub(super) is_sd_jwt: bool,
}

impl<'a> Contents<'a> {
    /// Reads `token`, decoded into `octets`, as of `now`; returns why it cannot be read, too.
    pub(super) fn read(
        token: &'a str,
        now: NumericDate,
        octets: &'a mut Octets,
    ) -> (Self, Option<Error>) {
        let mut contents = Self {
            kind: shape(token),
            token,
            parts: Vec::new(),
            header: None,
            claims: None,
            time: None,
            signing_input: None,
            signature: &[],
            is_sd_jwt: false,
        };
        let error = contents.read_parts(now, octets).err();
        (contents, error)
    }

    fn read_parts(&mut self, now: NumericDate, octets: &'a mut Octets) -> Result<(), Error> {
        let malformed = || Error::new(ErrorCode::TokenMalformed);
        match (self.kind, self.token.split_once('~')) {
            (Kind::Malformed, _) => {
                self.parts.push(self.token);
                Err(malformed())
            }
            (Kind::Jwe, _) => {
                self.parts.extend(self.token.split('.'));
                let header = self.parts.first().copied().unwrap_or_default();
                let decoded = base64url::decode_into(header.as_bytes(), &mut octets.header);
                self.header = decoded.and_then(|()| object(&octets.header));
                Err(malformed())
            }
            (Kind::Jws, _) => self.read_jws(self.token, now, octets),
            (_, Some((first, opaque))) => {
                let jws = Jws::parse(first.as_bytes(), &mut *octets).is_ok();
                let is_receipt = jws && is_receipt(&octets.header);
                if is_receipt && !opaque.is_empty() {
                    self.kind = Kind::Countersigned;
                    let read = self.read_jws(first, now, octets);
                    self.parts.push(opaque);
                    return read;
                }
                self.is_sd_jwt = jws && !is_receipt;
                self.parts.push(self.token);
                Ok(())
            }
            (_, None) => {
                self.parts.push(self.token);
                Ok(())
            }
        }
    }

    fn read_jws(
        &mut self,
        jws: &'a str,
        now: NumericDate,
        octets: &'a mut Octets,
    ) -> Result<(), Error> {
        self.parts.extend(jws.split('.'));
        let parsed = Jws::parse(jws.as_bytes(), &mut *octets);
        let Octets {
            header,
            payload,
            signature,
            index,
        } = octets;
        self.header = object(header);
        let text = std::str::from_utf8(payload).ok();
        self.claims = text.and_then(|text| Object::parse_in(text, index));
        self.signing_input = parsed.as_ref().ok().map(|jws| jws.signing_input());
        self.signature = signature;
        parsed?;
        JoseHeader::parse(header)?;
        let claims = self.claims.clone();
        let claims = claims.ok_or_else(|| Error::new(ErrorCode::ClaimsMalformed))?;
        let times = ClaimsSet::read(claims.clone(), NumericSubject::Allow)?.times;
        self.time = Some(Time {
            issued_at: times.iat.map(NumericDate::secs),
            not_before: times.nbf.map(NumericDate::secs),
            expires_at: times.exp.map(NumericDate::secs),
            state: match (times.nbf, times.exp) {
                (_, Some(exp)) if now >= exp => TimeState::Expired,
                (Some(nbf), _) if now < nbf => TimeState::NotYetValid,
                (_, Some(_)) => TimeState::Current,
                (_, None) => TimeState::NeverExpires,
            },
            seconds_left: times.exp.map(|exp| exp.secs_since(now)),
        });
        ClaimsSet::read(claims, NumericSubject::Refuse).map(drop)
    }

    /// The claim called `name`.
    pub(super) fn claim(&self, name: &str) -> Option<Raw<'a>> {
        self.claims.as_ref()?.get(name)
    }

    /// The text of the claim called `name`, empty if it is not a string.
    pub(super) fn claim_text(&self, name: &str) -> Cow<'a, str> {
        self.claim(name).and_then(Raw::as_str).unwrap_or_default()
    }

    /// The Header Parameter called `name`.
    pub(super) fn parameter(&self, name: &str) -> Option<Raw<'a>> {
        self.header.as_ref()?.get(name)
    }

    /// The text of the Header Parameter called `name`, empty if it is not a string.
    pub(super) fn parameter_text(&self, name: &str) -> Cow<'a, str> {
        self.parameter(name)
            .and_then(Raw::as_str)
            .unwrap_or_default()
    }
}

/// What `token` is by its characters and its dots. Whether a receipt comes before a tilde only its
/// header can tell.
pub(super) fn shape(token: &str) -> Kind {
    if !is_b64token(token.as_bytes()) {
        return Kind::Malformed;
    }
    if token.contains('~') {
        return Kind::Opaque;
    }
    match token.matches('.').count() {
        2 => Kind::Jws,
        4 => Kind::Jwe,
        _ => Kind::Opaque,
    }
}

/// The algorithm that a JOSE Header names, if it is implemented.
pub(super) fn alg(header: Option<&str>) -> Option<Alg> {
    let header = header.and_then(Object::parse)?;
    Alg::from_name(&header.get("alg")?.as_str()?)
}

fn object(octets: &[u8]) -> Option<Object<'_>> {
    std::str::from_utf8(octets).ok().and_then(Object::parse)
}

fn is_receipt(header: &[u8]) -> bool {
    JoseHeader::parse(header).is_ok_and(|header| header.is_receipt())
}
