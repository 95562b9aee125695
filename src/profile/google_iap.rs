//! Tokens of Google's Identity-Aware Proxy.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{header, keys_at, not_empty, one_of, rules, texts_that};
use super::without_absent;

/// The profile of tokens of Google's Identity-Aware Proxy: `{ audience, hostedDomain? }`.
///
/// `audience` is the path of the app or of the backend service. ES256, in the header
/// `x-goog-iap-jwt-assertion`. At most ten minutes, and twice the thirty seconds by which Google's clocks
/// may differ.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn google_iap(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let must_be = "the path of the resource: /projects/…/apps/… or /projects/…/backendServices/…";
    let is_path = |text: &str| text.starts_with("/projects/");
    let audience = texts_that(&mut options, "audience", is_path, must_be)?;
    let audience = options.must("audience", audience, must_be)?;
    let domain = options.texts("hostedDomain")?;
    options.finish()?;
    let issuer = "https://cloud.google.com/iap";
    let mut claims = vec![("sub", not_empty())];
    claims.extend(domain.map(|domains| ("hd", one_of(&domains))));
    Ok(without_absent(vec![
        ("issuer", issuer.into()),
        ("audience", one_of(&audience)),
        ("algorithms", vec!["ES256"].into()),
        ("claims", rules(claims)),
        ("maxLifetimeSeconds", 660.into()),
        ("carriers", vec![header("x-goog-iap-jwt-assertion")].into()),
        ("refusal", "bearer".into()),
        (
            "keys",
            keys_at("https://www.gstatic.com/iap/verify/public_key-jwk", issuer),
        ),
    ]))
}
