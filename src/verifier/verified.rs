//! The contents of a verified token.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::claims::ClaimsSet;
use crate::claims::Times;
use crate::claims::numeric_date::NumericDate;
use crate::claims::scope::Scope;
use crate::encoding::base64url;
use crate::encoding::json::Object;
use crate::encoding::sha256::{self, Message};
use crate::jose::alg::Alg;
use crate::policy::Evidence;

/// What a verified token says. Nothing but a [`Verifier`](crate::Verifier) makes one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Verified {
    /// The JOSE Header; of a countersigned token, its receipt's.
    pub header: Map<String, Value>,
    /// The JWT Claims Set; of a countersigned token, its receipt's.
    pub claims: Map<String, Value>,
    /// `exp`, in seconds since the epoch.
    pub expires_at: Option<f64>,
    /// The scope-tokens, from the claims that the policy reads them from.
    pub scope: Vec<String>,
    /// The key that signed it.
    pub key: SigningKeyName,
    /// What vouched for it.
    pub evidence: Evidence,
    /// What identifies the token whatever its spelling: a domain-separated SHA-256, base64url; of a
    /// receipt over its issuer and the token's hash, of a JWS over `iss` and `jti`, without `jti`
    /// over the JWS Signing Input (over the HMAC of it where that is the signature). Deny lists are
    /// keyed by it.
    pub id: String,
    /// How often it may be redeemed, where that is limited. Verifying never counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uses: Option<Uses>,
}

/// How the key that signed a token is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SigningKeyName {
    /// Its `kid`, if it has one.
    pub kid: Option<String>,
    /// The algorithm it signed with.
    pub alg: Alg,
}

/// How often a token may be redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Uses {
    /// The number of redemptions.
    pub limit: u32,
    /// Those left, which only a counter knows: `None`.
    pub left: Option<u32>,
}

/// An accepted token that borrows its text.
#[derive(Debug)]
pub(crate) struct Accepted<'t> {
    /// Its encoded header.
    pub(crate) protected: &'t [u8],
    /// Whether the checks of its header were cached.
    pub(crate) is_header_cached: bool,
    pub(crate) claims: ClaimsSet<'t>,
    pub(crate) scope: Scope<'t>,
    pub(crate) alg: Alg,
    /// The number of the key that signed it.
    pub(crate) key: usize,
    pub(crate) kid: Option<&'t str>,
    pub(super) evidence: Evidence,
    pub(super) has_receipt: bool,
    pub(super) id: [u8; 32],
    pub(crate) uses: Option<u32>,
}

/// An accepted token, owned: an entry of the token cache.
#[derive(Debug)]
pub(crate) struct CachedToken {
    pub(super) claims: Box<str>,
    pub(super) times: Times,
    /// Whether its uses are limited.
    pub(super) limited: bool,
    /// Whether it is bound by `cnf`.
    pub(super) bound: bool,
    pub(super) alg: Alg,
    pub(super) key: usize,
    pub(super) has_receipt: bool,
}

impl Accepted<'_> {
    /// The JOSE Header, JSON.
    pub(crate) fn header(&self) -> Vec<u8> {
        let mut header = Vec::new();
        // It was decoded before, or is equal to one that was.
        base64url::decode_into(self.protected, &mut header).unwrap_or_default();
        header
    }

    /// Its [`Verified::id`].
    pub(crate) fn id(&self) -> [u8; 43] {
        base64url::encode_sha256(&self.id)
    }

    /// Its entry for a token cache.
    pub(crate) fn to_cached(&self) -> CachedToken {
        CachedToken {
            claims: self.claims.object().text().into(),
            times: self.claims.times,
            limited: self.uses.is_some(),
            bound: self.claims.member("cnf").is_some(),
            alg: self.alg,
            key: self.key,
            has_receipt: self.has_receipt,
        }
    }

    /// Its contents, owned.
    pub(crate) fn to_verified(&self) -> Verified {
        let header = self.header();
        let header = std::str::from_utf8(&header).ok().and_then(Object::parse);
        Verified {
            header: header.unwrap_or_default().to_map(),
            claims: self.claims.object().to_map(),
            expires_at: self.claims.times.exp.map(NumericDate::secs),
            scope: self.scope.iter().map(str::to_owned).collect(),
            key: SigningKeyName {
                kid: self.kid.map(str::to_owned),
                alg: self.alg,
            },
            evidence: self.evidence,
            id: self.id().into_iter().map(char::from).collect(),
            uses: self.uses.map(|limit| Uses { limit, left: None }),
        }
    }
}

/// The [`Verified::id`] of a token with these parts; `ath` is that of its receipt.
pub(super) fn identity(
    claims: &ClaimsSet<'_>,
    ath: Option<&str>,
    alg: Alg,
    input: &Message<'_>,
    signature: &[u8],
) -> [u8; 32] {
    let iss = claims.iss.as_deref();
    // An absent issuer is not an empty one.
    let known: &[u8] = if iss.is_some() { b"issuer" } else { b"" };
    let iss = iss.unwrap_or_default().as_bytes();
    match (ath, claims.jti.as_deref()) {
        (Some(ath), _) => {
            sha256::digest_parts("countersign receipt", &[known, iss, ath.as_bytes()])
        }
        (None, Some(jti)) => sha256::digest_parts("countersign jti", &[known, iss, jti.as_bytes()]),
        // A hash of the JWS Signing Input already, and the only one that the key makes of it.
        (None, None) if alg.is_mac() => match signature.try_into() {
            Ok(tag) => sha256::digest_tag(tag),
            Err(_) => sha256::digest_parts("countersign mac", &[signature]),
        },
        // There is no space in a JWS Signing Input: nothing else that is hashed ends like this.
        (None, None) => input.sha256_before(b" countersign jws"),
    }
}
