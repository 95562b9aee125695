//! Keys of a verifier, entry by entry, and the issuers that each of them vouches for.
//!
//! An entry is one secret, one key or one JWK Set. Keys are selected for each entry by itself: what
//! one of them holds never changes which keys of another one are tried.

mod key_ring;
mod usability;

use serde_json::Value;

use crate::encoding::json::Object;
use crate::encoding::limits::{MAX_CANDIDATES, MAX_KEY_ENTRIES, MAX_KEY_SET_BYTES};
use crate::encoding::sha256::Hasher;
use crate::error::{Error, ErrorCode};
use crate::jose::alg::Alg;
use crate::jose::jwk::{Jwk, Material};
use crate::jose::jwk_set::{self, JwkSet, Origin, SetMember, Unfit};
use crate::members::Members;
// JavaScript lends its arithmetic to the WebAssembly module, where it is faster.
#[cfg(feature = "wasm")]
use crate::signature::Host;
use crate::signature::VerificationKey;

pub(crate) use key_ring::KeyRing;
pub use usability::{KeyUsability, key_set_usability};

/// Keys for a [`Verifier`](crate::Verifier), each checked when it is added. Every call that adds
/// some makes one entry.
#[derive(Debug, Default)]
pub struct Keys {
    keys: Vec<Key>,
    entries: Vec<Entry>,
    /// The keys of all entries, each of them once.
    prepared: Vec<VerificationKey>,
    /// The numbers of each of them and its index, sorted.
    materials: Vec<(Material, usize)>,
    hasher: Option<Hasher>,
}

/// A key as one entry lists it.
#[derive(Debug)]
struct Key {
    kid: Option<String>,
    /// The issuer that its JWK names.
    issuer: Option<String>,
    /// The index of its entry.
    entry: usize,
    /// The index of the prepared key.
    prepared: usize,
}

/// One secret, one key or one JWK Set.
#[derive(Debug)]
struct Entry {
    set: JwkSet,
    issuers: Option<Vec<String>>,
    /// Whether it is a published set, which may hold other keys later.
    is_published: bool,
}

/// What the caller states about a key beside its octets.
#[derive(Clone, Debug, Default)]
pub struct KeyTags {
    /// Its `kid`. Default: the JWK's own, or none.
    pub kid: Option<String>,
    /// The one algorithm that it is for. Default: all that its type, length and members allow.
    pub alg: Option<Alg>,
    /// The issuers that it vouches for, and no others. Default: every issuer of the policy. Narrowed
    /// further by the `issuer` of a JWK, if it has one.
    pub issuers: Option<Vec<String>>,
    /// What the `use` of each JWK must be, `jwt-svid` for a SPIFFE bundle; any other JWK is unfit.
    /// Default: `sig`, or no `use`.
    pub usage: Option<String>,
}

impl Keys {
    /// No keys yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a secret for HMAC, at least as long as its hash ([RFC 7518 section 3.2]).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`] for one that is too short, printed in public documentation, or the
    /// text of another kind of key; and, as of every method here, for more than 100 entries.
    ///
    /// [RFC 7518 section 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
    pub fn secret(self, octets: &[u8], tags: &KeyTags) -> Result<Self, Error> {
        self.with(Jwk::from_secret(octets)?, tags.without_usage()?)
    }

    /// Adds the public key of a PEM text: SPKI, PKCS#1, or an X.509 certificate, whose dates and
    /// chain are not checked ([RFC 7468]).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`], blaming `pem` or the number in it.
    ///
    /// [RFC 7468]: https://www.rfc-editor.org/rfc/rfc7468
    pub fn pem(self, text: &str, tags: &KeyTags) -> Result<Self, Error> {
        self.with(Jwk::from_pem(text)?, tags.without_usage()?)
    }

    /// Adds one JWK, as JSON text ([RFC 7517 section 4]).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`], blaming the member.
    ///
    /// [RFC 7517 section 4]: https://www.rfc-editor.org/rfc/rfc7517#section-4
    pub fn jwk(self, json: &str, tags: &KeyTags) -> Result<Self, Error> {
        self.with(jwk_from(json, tags.usage.as_deref())?, tags)
    }

    /// Adds those keys of a JWK Set, as JSON text of at most 1 MiB, that can be used; members that
    /// are unknown or unfit are skipped ([RFC 7517 section 5]).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`] for what is not a JWK Set, for a set without one key that can be
    /// used (naming its members and the reasons), for one beyond the limits, and for tags that only
    /// a single key can have.
    ///
    /// [RFC 7517 section 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
    pub fn jwk_set(self, json: &str, tags: &KeyTags) -> Result<Self, Error> {
        self.set_from(json, tags, Origin::Caller)
    }

    /// Adds the keys of a JWK Set that others can read, without its secrets. It may be without any
    /// key that can be used: the next one may have some.
    ///
    /// # Errors
    ///
    /// As [`Self::jwk_set`] otherwise.
    pub fn published_jwk_set(self, json: &str, tags: &KeyTags) -> Result<Self, Error> {
        self.set_from(json, tags, Origin::Published)
    }

    /// Delegates the RSA exponentiations to `host`.
    #[cfg(feature = "wasm")]
    pub(crate) fn raised_by(mut self, host: &Host) -> Self {
        for key in &mut self.prepared {
            key.raised_by(host);
        }
        self
    }

    /// Delegates SHA-256 of long messages to `hasher`.
    #[cfg(feature = "wasm")]
    pub(crate) fn hashed_by(self, hasher: Option<Hasher>) -> Self {
        Self { hasher, ..self }
    }

    fn set_from(mut self, json: &str, tags: &KeyTags, origin: Origin) -> Result<Self, Error> {
        if tags.kid.is_some() || tags.alg.is_some() {
            let member = if tags.kid.is_some() { "kid" } else { "alg" };
            let must_be = "left out: each key of a set has its own";
            return Err(Error::keys(member, must_be));
        }
        let members = jwk_set::parse_members(&set_object(json)?, origin, tags.usage.as_deref())?;
        let is_published = origin == Origin::Published;
        self.enter(tags, is_published)?;
        let mut unfit = Vec::new();
        for (index, member) in members.into_iter().enumerate() {
            match member {
                SetMember::Key(jwk) => match self.prepare(&jwk.material) {
                    Ok(prepared) => self.push(jwk, prepared),
                    Err(error) => unfit.push(Unfit::new(index, jwk, error)),
                },
                SetMember::Unfit(member) => unfit.push(member),
            }
        }
        let Some(entry) = self.entries.last_mut() else {
            return Ok(self);
        };
        if !is_published && entry.set.algs().is_empty() {
            return Err(jwk_set::no_usable_key(&unfit));
        }
        for member in unfit {
            entry.set.add_unfit(member);
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
        let prepared = self.prepare(&jwk.material)?;
        self.enter(tags, false)?;
        self.push(jwk, prepared);
        Ok(self)
    }

    /// Begins an entry.
    fn enter(&mut self, tags: &KeyTags, is_published: bool) -> Result<(), Error> {
        if self.entries.len() >= MAX_KEY_ENTRIES {
            let must_be = "at most 100 entries: put keys of one issuer into one JWK Set";
            return Err(Error::keys("keys", must_be));
        }
        if tags.issuers.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::keys("issuer", "left out or not empty"));
        }
        self.entries.push(Entry {
            set: JwkSet::default(),
            issuers: tags.issuers.clone(),
            is_published,
        });
        Ok(())
    }

    /// The index of the prepared key of `material`. A key that is listed twice is prepared once.
    fn prepare(&mut self, material: &Material) -> Result<usize, Error> {
        let known = self
            .materials
            .binary_search_by(|(one, _)| one.cmp(material));
        match known {
            Ok(known) => Ok(self.materials.get(known).map_or(0, |(_, number)| *number)),
            Err(place) => {
                let number = self.prepared.len();
                self.prepared.push(VerificationKey::new(material)?);
                self.materials.insert(place, (material.clone(), number));
                Ok(number)
            }
        }
    }

    /// Adds a key to the last entry.
    fn push(&mut self, jwk: Jwk, prepared: usize) {
        let number = self.keys.len();
        let Some((entry, last)) = self
            .entries
            .len()
            .checked_sub(1)
            .zip(self.entries.last_mut())
        else {
            return;
        };
        last.set.add(number, &jwk);
        self.keys.push(Key {
            kid: jwk.kid,
            issuer: jwk.issuer,
            entry,
            prepared,
        });
    }
}

/// The JWK Thumbprint of the key in `jwk`, JSON text, base64url of its SHA-256 ([RFC 7638]).
///
/// # Errors
///
/// [`ErrorCode::KeysInvalid`], blaming the member.
///
/// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
pub fn thumbprint(jwk: &str) -> Result<String, Error> {
    jwk_from(jwk, None).map(|jwk| jwk.thumbprint())
}

/// The refusal of a token that none of the keys tried has signed. If more keys fit it than are tried,
/// one of the others may have.
pub(crate) fn no_signer(has_more: bool) -> Error {
    if !has_more {
        return Error::new(ErrorCode::SignatureInvalid);
    }
    let must_be = format!(
        "of one of the first {MAX_CANDIDATES} keys that fit: of one entry no more are tried, and more fit"
    );
    Error::about(ErrorCode::KeyNotFound, "kid").expected(must_be)
}

fn jwk_from(json: &str, usage: Option<&str>) -> Result<Jwk, Error> {
    let object = Object::parse(json).ok_or_else(|| Error::keys("jwk", "one JSON object"))?;
    Jwk::parse(&object, usage)
}

/// A JWK Set that is not too long, its members unread.
fn set_object(json: &str) -> Result<Object<'_>, Error> {
    if json.len() > MAX_KEY_SET_BYTES {
        return Err(Error::keys("keys", "a set of at most 1048576 octets").actual(json.len()));
    }
    Object::parse(json).ok_or_else(|| Error::keys("jwks", "one JSON object"))
}

impl KeyTags {
    /// Reads tags from data: `{ kid?, alg?, issuer?, use? }`.
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
            usage: usage(members.text("use")?)?,
        };
        members.finish()?;
        Ok(tags)
    }

    /// These tags, of a key that is not a JWK and has no `use`.
    #[inline(never)]
    fn without_usage(&self) -> Result<&Self, Error> {
        match self.usage {
            Some(_) => Err(Error::keys("use", "left out: only a JWK has a use")),
            None => Ok(self),
        }
    }
}

/// `usage`, unless it is the use of keys that verify nothing.
pub(crate) fn usage(usage: Option<String>) -> Result<Option<String>, Error> {
    match usage.as_deref() {
        Some("enc") => Err(Error::keys("use", "a use of keys for signatures")),
        _ => Ok(usage),
    }
}
