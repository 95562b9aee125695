//! Keys of proofs, and a cache of those that are prepared.
//!
//! A client signs all its proofs under one JOSE Header, so the cache is keyed by the encoded header: a
//! key that is found is neither parsed nor checked nor prepared again.
//!
//! The sender of a proof chooses its key. So a key is kept only after its proof was accepted with a token
//! that is bound to it; at most [`MAX_PROOF_KEYS`] are kept; and once they are, one unknown key in
//! [`ADMITTED_PER`] replaces the least recently used one. A key that proves a request more often than
//! that is never dropped, however many other keys are sent.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::encoding::limits::MAX_PROOF_KEYS;
use crate::encoding::octets::same;
use crate::encoding::sha256::Message;
use crate::error::{Error, ErrorCode};
use crate::jose::alg::Alg;
use crate::jose::header::{JoseHeader, media_type};
use crate::jose::jwk::Jwk;
use crate::jose::jws::Jws;
use crate::signature::{self, VerificationKey};

use super::reading::{invalid, object};

/// The key of a proof, checked and prepared.
#[derive(Debug)]
pub(super) struct ProofKey {
    /// The header that contains it, as it is encoded.
    protected: Box<[u8]>,
    alg: Alg,
    key: VerificationKey,
    /// Its JWK Thumbprint ([RFC 7638]).
    ///
    /// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
    pub(super) jkt: String,
}

impl ProofKey {
    /// Reads the key in the header `protected`, which encodes `header`
    /// ([RFC 9449 section 4.3], steps 4 to 6 and 8).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ProofInvalid`], blaming the Header Parameter that fails.
    ///
    /// [RFC 9449 section 4.3]: https://www.rfc-editor.org/rfc/rfc9449#section-4.3
    pub(super) fn new(protected: &[u8], header: &[u8]) -> Result<Self, Error> {
        let blamed = |error: Error| match error.claim {
            Some(Cow::Borrowed(name @ ("alg" | "typ" | "jwk" | "crit"))) => invalid(name),
            _ => Error::new(ErrorCode::ProofInvalid),
        };
        let parsed = JoseHeader::parse(header).map_err(blamed)?;
        if parsed.typ().map(media_type).as_deref() != Some(PROOF_TYP) {
            return Err(invalid("typ").expected(PROOF_TYP));
        }
        let alg = parsed.alg().map_err(blamed)?;
        let other_alg = || invalid("alg").expected(Value::from_iter(algorithms()));
        if alg.is_mac() {
            return Err(other_alg());
        }
        let jwk = object(header).and_then(|header| header.get("jwk")?.as_object());
        let jwk = jwk.filter(|jwk| PRIVATE.iter().all(|name| jwk.get(name).is_none()));
        let jwk = jwk.and_then(|jwk| Jwk::parse(&jwk, None).ok());
        let jwk = jwk.ok_or_else(|| invalid("jwk"))?;
        if !jwk.algs.contains(alg) {
            return Err(other_alg());
        }
        Ok(Self {
            protected: protected.into(),
            alg,
            key: VerificationKey::new(&jwk.material).map_err(|_| invalid("jwk"))?,
            jkt: jwk.thumbprint(),
        })
    }

    /// Whether the key signed `jws`.
    pub(super) fn verifies(&self, jws: &Jws<'_>, signature: &[u8]) -> bool {
        let input = Message::new(jws.signing_input());
        signature::verify(&self.key, self.alg, &input, signature).is_some()
    }
}

/// The key in an encoded header, if it is kept.
pub(super) fn find(protected: &[u8]) -> Option<Arc<ProofKey>> {
    KEYS.try_lock().ok()?.find(protected)
}

/// Keeps the key of a proof that was accepted, unless the cache is full and it is not this key's turn.
pub(super) fn remember(key: Arc<ProofKey>) {
    if let Ok(mut keys) = KEYS.try_lock() {
        keys.remember(key);
    }
}

/// Shared by all verifiers: what is kept of a key depends on its header alone. A thread that finds it
/// locked goes on without it.
static KEYS: Mutex<ProofKeys> = Mutex::new(ProofKeys::new());

/// Keys, each with the time of its last use, counted in uses.
#[derive(Debug)]
struct ProofKeys {
    kept: Vec<(Arc<ProofKey>, u64)>,
    uses: u64,
    /// How many keys were offered since the last one was kept.
    offered: u32,
}

impl ProofKeys {
    const fn new() -> Self {
        Self {
            kept: Vec::new(),
            uses: 0,
            offered: 0,
        }
    }

    fn find(&mut self, protected: &[u8]) -> Option<Arc<ProofKey>> {
        let found = |(key, _): &&mut (Arc<ProofKey>, u64)| same(&key.protected, protected);
        let (key, last_use) = self.kept.iter_mut().find(found)?;
        self.uses += 1;
        *last_use = self.uses;
        Some(Arc::clone(key))
    }

    fn remember(&mut self, key: Arc<ProofKey>) {
        if self
            .kept
            .iter()
            .any(|(kept, _)| same(&kept.protected, &key.protected))
        {
            return;
        }
        self.uses += 1;
        let entry = (key, self.uses);
        if self.kept.len() < MAX_PROOF_KEYS {
            self.kept.push(entry);
            return;
        }
        self.offered += 1;
        if self.offered < ADMITTED_PER {
            return;
        }
        self.offered = 0;
        if let Some(oldest) = self.kept.iter_mut().min_by_key(|(_, last_use)| *last_use) {
            *oldest = entry;
        }
    }
}

/// Of how many unknown keys one is kept, once the cache is full.
const ADMITTED_PER: u32 = 64;

/// The algorithms that proofs may be signed with: every asymmetric one that is implemented
/// ([RFC 9449 section 4.3], step 5).
///
/// [RFC 9449 section 4.3]: https://www.rfc-editor.org/rfc/rfc9449#section-4.3
fn algorithms() -> impl Iterator<Item = &'static str> {
    let asymmetric = Alg::ALL.into_iter().filter(|alg| !alg.is_mac());
    asymmetric.map(Alg::name)
}

/// The members of private keys and secrets of any type (RFC 7518 section 6). A proof must not have one
/// (step 7), whatever its value and the type of the key.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The `typ` of a proof (RFC 9449 section 4.2).
const PROOF_TYP: &str = "dpop+jwt";

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test should panic")]
mod tests {
    use super::*;

    /// A key as it is kept, under a header that differs in an unregistered member.
    fn key(number: usize) -> Arc<ProofKey> {
        let header = format!(
            r#"{{"typ":"dpop+jwt","alg":"EdDSA","n":{number},"jwk":{{"kty":"OKP","crv":"Ed25519",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}}}"#
        );
        Arc::new(ProofKey::new(number.to_string().as_bytes(), header.as_bytes()).unwrap())
    }

    fn has(keys: &mut ProofKeys, number: usize) -> bool {
        keys.find(number.to_string().as_bytes()).is_some()
    }

    #[test]
    fn a_key_in_use_outlives_any_number_of_other_keys() {
        let mut keys = ProofKeys::new();
        keys.remember(key(0));
        for number in 1..10_000 {
            keys.remember(key(number));
            assert!(number % 60 != 0 || has(&mut keys, 0), "{number}");
            assert!(keys.kept.len() <= MAX_PROOF_KEYS);
        }
        assert!(!has(&mut keys, 1), "the oldest are replaced");
    }

    #[test]
    fn one_unknown_key_in_64_replaces_the_least_recently_used_one() {
        let mut keys = ProofKeys::new();
        for number in 0..MAX_PROOF_KEYS + 63 {
            keys.remember(key(number));
        }
        assert!(has(&mut keys, 0), "63 keys were offered");
        for number in 0..MAX_PROOF_KEYS {
            assert!(number == 1 || has(&mut keys, number));
        }
        keys.remember(key(1000));
        assert!(has(&mut keys, 1000));
        assert!(!has(&mut keys, 1));
        keys.remember(key(1000));
        assert_eq!(keys.kept.len(), MAX_PROOF_KEYS);
    }

    #[test]
    fn a_key_is_found_by_its_whole_header() {
        let mut keys = ProofKeys::new();
        keys.remember(key(12));
        for other in ["1", "123", "", "13"] {
            assert!(keys.find(other.as_bytes()).is_none(), "{other}");
        }
        assert!(has(&mut keys, 12));
    }
}
