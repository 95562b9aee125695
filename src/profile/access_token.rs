//! JWT access tokens ([RFC 9068]).
//!
//! [RFC 9068]: https://www.rfc-editor.org/rfc/rfc9068

use serde_json::Value;

use crate::error::Error;
use crate::members::Members;

use super::{bearer, without_absent};

/// The profile of [RFC 9068]: `{ issuer, audience, scope? }`, each as in a policy.
///
/// Requires `typ` at+jwt (section 2.1) and the claims of section 2.2.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
///
/// # Examples
///
/// ```
/// use countersign::{Policy, profile};
/// use serde_json::json;
///
/// let profile = profile::access_token(json!({
///     "issuer": "https://issuer.example",
///     "audience": "https://api.example",
/// }))?;
/// let policy = Policy::from_value(json!({ "profile": profile, "scope": "orders:read" }))?;
/// # Ok::<(), countersign::Error>(())
/// ```
///
/// [RFC 9068]: https://www.rfc-editor.org/rfc/rfc9068#section-4
pub fn access_token(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let issuer = options.text("issuer")?;
    let audience = options.text("audience")?;
    let issuer = options.must("issuer", issuer, "the issuer of the tokens")?;
    let audience = options.must("audience", audience, "this resource server")?;
    let scope = options.take("scope");
    options.finish()?;
    Ok(without_absent(vec![
        ("issuer", issuer.into()),
        ("audience", audience.into()),
        ("typ", "at+jwt".into()),
        ("scope", scope.into()),
        (
            "requiredClaims",
            vec!["sub", "client_id", "iat", "jti"].into(),
        ),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
    ]))
}
