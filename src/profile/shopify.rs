//! Shopify session tokens.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{is_host, not_empty, one_of, rules, texts_that};
use super::{bearer, without_absent};

/// The profile of Shopify session tokens: `{ apiKey, shop? }`.
///
/// HS256 with the app's secret, which the caller gives. `shop` is the host of a shop, or several; without
/// it every shop is accepted, and `dest` says which one it is. `iss` is of the same shop as `dest`. At most
/// a minute.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn shopify(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let key = options.text("apiKey")?;
    let key = options.must("apiKey", key, "the client id of the app")?;
    let must_be = "the host of the shop, such as example.myshopify.com, or several";
    let shops = texts_that(&mut options, "shop", is_host, must_be)?;
    options.finish()?;
    let of = |shop: &String| format!("https://{shop}");
    let shops: Option<Vec<_>> = shops.map(|shops| shops.iter().map(of).collect());
    let (issuer, dest) = match shops {
        None => ("{dest}/admin".into(), not_empty()),
        Some(shops) => {
            let issuers: Vec<_> = shops.iter().map(|shop| format!("{shop}/admin")).collect();
            (one_of(&issuers), one_of(&shops))
        }
    };
    Ok(without_absent(vec![
        ("issuer", issuer),
        ("audience", key.into()),
        ("algorithms", vec!["HS256"].into()),
        ("claims", rules(vec![("dest", dest)])),
        ("requiredClaims", vec!["nbf", "jti"].into()),
        ("maxLifetimeSeconds", 60.into()),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
    ]))
}
