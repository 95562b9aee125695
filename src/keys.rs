//! Which keys are at hand, and whom does each vouch for?

use serde_json::Value;

use crate::encoding::json::Object;
use crate::encoding::members::Members;
#[cfg(feature = "wasm")]
use crate::encoding::sha256::Ahead;
use crate::encoding::sha256::{Hasher, Message};
use crate::error::Error;
use crate::jose::alg::{Alg, AlgSet};
use crate::jose::jwk::Jwk;
use crate::jose::jwk_set::{self, JwkSet, Origin, Unfit};
#[cfg(feature = "wasm")]
use crate::signature::Host;
use crate::signature::{self, VerificationKey};

/// Keys for a [`Verifier`](crate::Verifier), each proved fit when it is added.
#[derive(Debug, Default)]
pub struct Keys {
    jwks: Vec<Jwk>,
    /// Each of `jwks` at work.
    prepared: Vec<Prepared>,
    unfit: Vec<Unfit>,
    hasher: Option<Hasher>,
}

#[derive(Debug)]
struct Prepared {
    key: VerificationKey,
    issuers: Option<Vec<String>>,
}

/// What the caller knows of a key beyond its octets.
#[derive(Clone, Debug, Default)]
pub struct KeyTags {
    /// The `kid` that it goes by. Default: the JWK's own, or none.
    pub kid: Option<String>,
    /// The one algorithm that it is for. Default: all that its type, strength and members allow.
    pub alg: Option<Alg>,
    /// The issuers that it vouches for, and no others. Default: every issuer of the policy.
    pub issuers: Option<Vec<String>>,
}

impl Keys {
    /// No keys yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// These keys and a secret for HMAC, at least as long as its hash ([RFC 7518 section 3.2]).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid) for one that is short, known to
    /// everyone, or the text of another kind of key.
    ///
    /// [RFC 7518 section 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
    pub fn secret(self, octets: &[u8], tags: &KeyTags) -> Result<Self, Error> {
        self.with(Jwk::from_secret(octets)?, tags)
    }

    /// These keys and the public key of a PEM text: SPKI, PKCS#1, or an X.509 certificate, whose
    /// dates and chain are not checked ([RFC 7468]).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), blaming `pem` or the number in it.
    ///
    /// [RFC 7468]: https://www.rfc-editor.org/rfc/rfc7468
    pub fn pem(self, text: &str, tags: &KeyTags) -> Result<Self, Error> {
        self.with(Jwk::from_pem(text)?, tags)
    }

    /// These keys and one JWK, as JSON text ([RFC 7517 section 4]).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), blaming the member.
    ///
    /// [RFC 7517 section 4]: https://www.rfc-editor.org/rfc/rfc7517#section-4
    pub fn jwk(self, json: &str, tags: &KeyTags) -> Result<Self, Error> {
        self.with(jwk_from(json)?, tags)
    }

    /// These keys and those of a JWK Set, as JSON text, that can be used; members that are unknown
    /// or unfit are skipped ([RFC 7517 section 5]).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid) for what is no JWK Set, and for
    /// tags that one key alone can have.
    ///
    /// [RFC 7517 section 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
    pub fn jwk_set(self, json: &str, tags: &KeyTags) -> Result<Self, Error> {
        self.set_from(json, tags, Origin::Caller)
    }

    /// As [`Self::jwk_set`], of a set that others can read: secrets in it are ignored.
    ///
    /// # Errors
    ///
    /// As [`Self::jwk_set`].
    pub fn published_jwk_set(self, json: &str, tags: &KeyTags) -> Result<Self, Error> {
        self.set_from(json, tags, Origin::Published)
    }

    /// These keys, the powers of the RSA ones left to `host`.
    #[cfg(feature = "wasm")]
    pub(crate) fn raised_by(mut self, host: &Host) -> Self {
        for (jwk, prepared) in self.jwks.iter().zip(&mut self.prepared) {
            prepared.key.raised_by(host, &jwk.material);
        }
        self
    }

    /// These keys, what they sign left to `hasher`.
    #[cfg(feature = "wasm")]
    pub(crate) fn hashed_by(self, hasher: Option<Hasher>) -> Self {
        Self { hasher, ..self }
    }

    fn set_from(mut self, json: &str, tags: &KeyTags, origin: Origin) -> Result<Self, Error> {
        if tags.kid.is_some() || tags.alg.is_some() {
            let member = if tags.kid.is_some() { "kid" } else { "alg" };
            return Err(Error::keys(member, "left out: a set names its keys itself"));
        }
        let object = Object::parse(json).ok_or_else(|| Error::keys("jwks", "one JSON object"))?;
        let (fit, unfit) = jwk_set::parse_members(&object, origin)?;
        self.unfit.extend(unfit);
        for jwk in fit {
            match VerificationKey::new(&jwk.material) {
                Ok(key) => self.push(jwk, key, tags),
                Err(error) => self.unfit.push(Unfit::new(jwk, error)),
            }
        }
        Ok(self)
    }

    fn with(mut self, mut jwk: Jwk, tags: &KeyTags) -> Result<Self, Error> {
        if let Some(kid) = &tags.kid {
            if jwk.kid.as_ref().is_some_and(|own| own != kid) {
                return Err(Error::keys("kid", "the one that the JWK has itself"));
            }
            jwk.kid = Some(kid.clone());
        }
        if let Some(alg) = tags.alg {
            jwk = jwk.restrict(alg)?;
        }
        let key = VerificationKey::new(&jwk.material)?;
        self.push(jwk, key, tags);
        Ok(self)
    }

    fn push(&mut self, jwk: Jwk, key: VerificationKey, tags: &KeyTags) {
        self.jwks.push(jwk);
        self.prepared.push(Prepared {
            key,
            issuers: tags.issuers.clone(),
        });
    }
}

/// The JWK Thumbprint of the key in `jwk`, JSON text, base64url of its SHA-256 ([RFC 7638]).
///
/// # Errors
///
/// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), blaming the member.
///
/// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
pub fn thumbprint(jwk: &str) -> Result<String, Error> {
    jwk_from(jwk).map(|jwk| jwk.thumbprint())
}

fn jwk_from(json: &str) -> Result<Jwk, Error> {
    let object = Object::parse(json).ok_or_else(|| Error::keys("jwk", "one JSON object"))?;
    Jwk::parse(&object)
}

/// The keys of a verifier, found by `alg` and `kid`, each by its number.
#[derive(Debug)]
pub(crate) struct KeyRing {
    jwks: Vec<Jwk>,
    prepared: Vec<Prepared>,
    set: JwkSet,
    hasher: Option<Hasher>,
}

impl From<Keys> for KeyRing {
    fn from(keys: Keys) -> Self {
        Self {
            set: JwkSet::new(&keys.jwks, keys.unfit),
            jwks: keys.jwks,
            prepared: keys.prepared,
            hasher: keys.hasher,
        }
    }
}

impl KeyRing {
    /// What the keys allow.
    pub(crate) fn algs(&self) -> AlgSet {
        self.set.algs()
    }

    /// The keys to try, in order.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeyNotFound`](crate::ErrorCode::KeyNotFound) and
    /// [`ErrorCode::KeyRejected`](crate::ErrorCode::KeyRejected).
    pub(crate) fn select(
        &self,
        alg: Alg,
        kid: Option<&str>,
    ) -> Result<impl Iterator<Item = usize>, Error> {
        self.set.select(alg, kid)
    }

    /// What is signed, to be hashed as these keys have it.
    pub(crate) fn message<'a>(&'a self, octets: &'a [u8]) -> Message<'a> {
        Message::new(octets).hashed_by(self.hasher.as_ref())
    }

    /// Whether the key of that number signed `signing_input` by `alg`.
    pub(crate) fn signed(
        &self,
        number: usize,
        alg: Alg,
        signing_input: &Message<'_>,
        signature: &[u8],
    ) -> bool {
        if let Some(tag) = signing_input.made_by(number) {
            return alg == Alg::Hs256 && signature::is_tag(tag, signature);
        }
        self.prepared.get(number).is_some_and(|prepared| {
            signature::verify(&prepared.key, alg, signing_input, signature).is_ok()
        })
    }

    /// Whether [`Self::macs`] is faster than one MAC at a time: not where a host hashes.
    #[cfg(feature = "wasm")]
    pub(crate) fn has_lanes(&self) -> bool {
        signature::HAS_LANES && self.hasher.is_none()
    }

    /// What secrets make of messages, HMAC with SHA-256, where the number of one is given.
    #[cfg(feature = "wasm")]
    pub(crate) fn macs(&self, tasks: &[Option<(usize, &[u8])>]) -> Vec<Option<Ahead>> {
        let secrets = tasks.iter().map(|task| {
            let (number, message) = (*task)?;
            Some((&self.prepared.get(number)?.key, message))
        });
        let tags = signature::macs(secrets);
        let ahead = |(task, tag): (&Option<(usize, _)>, Option<_>)| Some(((*task)?.0, tag?));
        tasks.iter().zip(tags).map(ahead).collect()
    }

    /// The `kid` of the key of that number.
    pub(crate) fn kid(&self, number: usize) -> Option<&str> {
        self.jwks.get(number)?.kid.as_deref()
    }

    /// The issuers that the key of that number vouches for, if it is tagged with any.
    pub(crate) fn issuers(&self, number: usize) -> Option<&[String]> {
        self.prepared.get(number)?.issuers.as_deref()
    }
}

impl KeyTags {
    /// Reads tags from data: `{ kid?, alg?, issuer? }`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), blaming the member.
    pub fn from_value(value: Value) -> Result<Self, Error> {
        let mut members = Members::of(value, "")?.of_keys();
        let alg = members.text("alg")?;
        let alg = alg
            .map(|name| {
                Alg::from_name(&name)
                    .ok_or_else(|| members.mistake("alg", "an algorithm that is implemented"))
            })
            .transpose()?;
        let tags = Self {
            kid: members.text("kid")?,
            alg,
            issuers: members.texts("issuer")?,
        };
        members.finish()?;
        Ok(tags)
    }
}
