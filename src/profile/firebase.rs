//! Firebase ID tokens and session cookies.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{DAY, HOUR, cookie, is_segment, keys_at, not_empty, rules, text_that};
use super::{bearer, without_absent};

/// The profile of Firebase ID tokens and session cookies: `{ projectId, session?, cookie? }`.
///
/// With `session`, the session cookies of the project: another issuer, other keys, at most 14 days, in
/// the cookie called `cookie` ("session" by default). Without it, ID tokens of at most an hour.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn firebase(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let project = text_that(
        &mut options,
        "projectId",
        is_segment,
        "the id of the project",
    )?;
    let session = options.flag("session")?.unwrap_or(false);
    let name = options.text("cookie")?;
    if name.is_some() && !session {
        return Err(options.mistake("cookie", "left out, unless `session` is true"));
    }
    options.finish()?;
    let name = name.unwrap_or_else(|| "session".to_owned());
    let (issuer, keys, lifetime, carriers): (_, _, u32, Value) = if session {
        let issuer = format!("https://session.firebase.google.com/{project}");
        (issuer, SESSION_KEYS, 14 * DAY, vec![cookie(&name)].into())
    } else {
        let issuer = format!("https://securetoken.google.com/{project}");
        (issuer, ID_TOKEN_KEYS, HOUR, bearer())
    };
    Ok(without_absent(vec![
        ("audience", project.into()),
        ("algorithms", vec!["RS256"].into()),
        ("claims", rules(vec![("sub", not_empty())])),
        ("requiredClaims", vec!["auth_time"].into()),
        ("maxLifetimeSeconds", lifetime.into()),
        ("carriers", carriers),
        ("refusal", "bearer".into()),
        ("keys", keys_at(keys, issuer.clone())),
        ("issuer", issuer.into()),
    ]))
}

/// Objects of `kid` to certificate.
const ID_TOKEN_KEYS: &str =
    "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com";
const SESSION_KEYS: &str = "https://www.googleapis.com/identitytoolkit/v3/relyingparty/publicKeys";
