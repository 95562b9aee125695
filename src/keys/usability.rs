//! The usability of each member of a JWK Set, for people who look for a key that is not found.

use serde::Serialize;
#[cfg(feature = "wasm")]
use serde_json::Value;

use crate::encoding::json::Object;
use crate::encoding::limits::{MAX_KID_BYTES, truncate};
use crate::error::Error;
use crate::jose::alg::Alg;
use crate::jose::jwk_set::{self, Origin, SetMember, reason};
#[cfg(feature = "wasm")]
use crate::members::object;
use crate::signature::VerificationKey;

use super::set_object;

/// One member of a JWK Set, and whether a verifier can use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeyUsability {
    /// Its `kid`, cut to 1024 characters.
    pub kid: Option<String>,
    /// Its `kty`, cut to 64 characters, as `alg` and `use` are.
    pub kty: Option<String>,
    /// Its `alg`.
    pub alg: Option<String>,
    /// Its `use`.
    pub r#use: Option<String>,
    /// The algorithms that it may verify; empty if it cannot be used.
    pub algorithms: Vec<Alg>,
    /// Whether it can be used.
    pub usable: bool,
    /// Why it cannot be used, in words.
    pub reason: Option<String>,
    /// Its JWK Thumbprint (RFC 7638), if it can be used.
    pub thumbprint: Option<String>,
}

#[cfg(feature = "wasm")]
impl KeyUsability {
    /// This report as JSON.
    pub(crate) fn to_value(&self) -> Value {
        let algorithms: Vec<_> = self.algorithms.iter().map(|alg| alg.name()).collect();
        object(vec![
            ("kid", self.kid.clone().into()),
            ("kty", self.kty.clone().into()),
            ("alg", self.alg.clone().into()),
            ("use", self.r#use.clone().into()),
            ("algorithms", algorithms.into()),
            ("usable", self.usable.into()),
            ("reason", self.reason.clone().into()),
            ("thumbprint", self.thumbprint.clone().into()),
        ])
    }
}

/// Reports on each member of a JWK Set, JSON text, in the order of the set. Of a set that others
/// publish, secrets cannot be used.
///
/// # Errors
///
/// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid) for what is not a JWK Set, or beyond
/// the limits of one.
pub fn key_set_usability(jwk_set: &str, is_published: bool) -> Result<Vec<KeyUsability>, Error> {
    let object = set_object(jwk_set)?;
    let origin = if is_published {
        Origin::Published
    } else {
        Origin::Caller
    };
    let members = jwk_set::parse_members(&object, origin, None)?;
    let spelled = jwk_set::elements(&object)?;
    let reports = spelled.into_iter().zip(members).map(|(spelled, member)| {
        let object = spelled.as_object().unwrap_or_default();
        let jwk = match member {
            SetMember::Key(jwk) => VerificationKey::new(&jwk.material).map(|_| jwk),
            SetMember::Unfit(unfit) => Err(unfit.error),
        };
        KeyUsability {
            kid: text(&object, "kid").map(|kid| kid.chars().take(MAX_KID_BYTES).collect()),
            kty: text(&object, "kty").map(|kty| truncate(&kty)),
            alg: text(&object, "alg").map(|alg| truncate(&alg)),
            r#use: text(&object, "use").map(|usage| truncate(&usage)),
            algorithms: jwk.iter().flat_map(|jwk| jwk.algs.iter()).collect(),
            usable: jwk.is_ok(),
            reason: jwk.as_ref().err().map(reason),
            thumbprint: jwk.ok().map(|jwk| jwk.thumbprint()),
        }
    });
    Ok(reports.collect())
}

fn text(object: &Object<'_>, name: &str) -> Option<String> {
    Some(object.get(name)?.as_str()?.into_owned())
}
