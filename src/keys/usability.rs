//! The usability of each member of a JWK Set, for people who look for a key that is not found.

use serde::Serialize;

use crate::encoding::json::Object;
#[cfg(feature = "wasm")]
use crate::encoding::json::write::{name_member, write_array, write_string, write_text};
use crate::encoding::limits::{MAX_KID_BYTES, truncate};
use crate::error::Error;
use crate::jose::alg::Alg;
use crate::jose::jwk_set::{self, Origin, SetMember, reason};
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
    /// Writes this report as JSON text.
    pub(crate) fn write(&self, json: &mut String) {
        let member = |name, text: &Option<String>, json: &mut String| {
            name_member(name, json);
            write_text(text.as_deref(), json);
        };
        json.push('{');
        member("kid", &self.kid, json);
        member("kty", &self.kty, json);
        member("alg", &self.alg, json);
        member("use", &self.r#use, json);
        name_member("algorithms", json);
        write_array(&self.algorithms, json, |alg, json| {
            write_string(alg.name(), json)
        });
        name_member("usable", json);
        json.push_str(if self.usable { "true" } else { "false" });
        member("reason", &self.reason, json);
        member("thumbprint", &self.thumbprint, json);
        json.push('}');
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
