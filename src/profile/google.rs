//! Google ID tokens.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{DAY, keys_at, names, not_empty, one_of, rules};
use super::{bearer, without_absent};

/// The profile of Google ID tokens: `{ clientId, hostedDomain?, emailVerified? }`.
///
/// Of a sign-in with Google: its access tokens are opaque. `iss` comes with and without https. `hd` is
/// the domain of a Workspace; the domain of an address proves none. At most a day.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn google(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let clients = names(&mut options, "clientId", "the id of the client, or several")?;
    let domain = options.texts("hostedDomain")?;
    let verified = options.flag("emailVerified")?;
    options.finish()?;
    let issuers = vec!["https://accounts.google.com", "accounts.google.com"];
    let mut claims = vec![("sub", not_empty())];
    claims.extend(domain.map(|domains| ("hd", one_of(&domains))));
    if verified == Some(true) {
        claims.push(("email_verified", true.into()));
    }
    Ok(without_absent(vec![
        ("issuer", issuers.clone().into()),
        ("audience", one_of(&clients)),
        ("algorithms", vec!["RS256"].into()),
        ("claims", rules(claims)),
        ("maxLifetimeSeconds", DAY.into()),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        (
            "keys",
            keys_at("https://www.googleapis.com/oauth2/v3/certs", issuers),
        ),
    ]))
}
