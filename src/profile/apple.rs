//! ID tokens of Sign in with Apple.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{keys_at, names, not_empty, one_of, rules};
use super::{bearer, without_absent};

/// The profile of ID tokens of Sign in with Apple: `{ clientId, emailVerified? }`.
///
/// `emailVerified` asks for `email_verified`, which Apple writes as a boolean or as a string.
/// A sign-in expects its nonce: `expected.nonce`.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn apple(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let clients = names(
        &mut options,
        "clientId",
        "the Services ID or the bundle id, or several",
    )?;
    let verified = options.flag("emailVerified")?;
    options.finish()?;
    let issuer = "https://appleid.apple.com";
    let mut claims = vec![("sub", not_empty())];
    if verified == Some(true) {
        claims.push((
            "email_verified",
            vec![Value::from(true), "true".into()].into(),
        ));
    }
    Ok(without_absent(vec![
        ("issuer", issuer.into()),
        ("audience", one_of(&clients)),
        ("algorithms", vec!["RS256"].into()),
        ("claims", rules(claims)),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        (
            "keys",
            keys_at("https://appleid.apple.com/auth/keys", issuer),
        ),
    ]))
}
