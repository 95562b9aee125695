//! Juspay client auth tokens.

use serde_json::Value;

use crate::claims::numeric_date::NumericDate;
use crate::date_time;
use crate::error::Error;
use crate::members::{Members, object};
use crate::policy::expected::is_id;

use super::{bearer, now};

/// The profile of Juspay client auth tokens: `{ merchantId, environment, kind }`, `environment`
/// "sandbox" or "production", `kind` "order" or "customer".
///
/// The tokens are opaque: only the receipt of the backend that obtained one vouches for it. It
/// binds to `order_id` or `customer_id`, by kind.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn juspay(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let context = Context::take(&mut options)?;
    options.finish()?;
    Ok(object(vec![
        ("issuer", context.issuer.into()),
        ("audience", Value::Null),
        ("evidence", "receipt".into()),
        ("bind", vec![context.bound].into()),
        ("claims", context.into_claims()),
        ("carriers", bearer()),
        ("refusal", "juspay".into()),
    ]))
}

/// What the tokens of that profile are countersigned with: its options and `{ id, expires, uses?,
/// now? }`. A client auth token may be used 30 times unless `uses` says otherwise.
pub(crate) fn receipt(options: Value) -> Result<Value, Error> {
    const USES: u32 = 30;
    let mut options = Members::of(options, "")?;
    let context = Context::take(&mut options)?;
    let id = options.take("id").filter(is_id);
    let expires = options
        .take("expires")
        .as_ref()
        .and_then(date_time::from_value);
    let expires = expires.map(NumericDate::to_value);
    let many = (1, u32::MAX);
    let uses = options.whole("uses", many, "a whole number, at least 1")?;
    let must_be = "a NumericDate in seconds, or RFC 3339 text with a zone";
    let expires = options.must("expires", expires, must_be)?;
    let must_be = "the id of the order or the customer: a string or a safe integer";
    let id = options.must("id", id, must_be)?;
    let mut receipt = vec![
        ("issuer", context.issuer.into()),
        ("expires", expires),
        ("uses", uses.unwrap_or(USES).into()),
        ("bind", object(vec![(context.bound, id)])),
        ("claims", context.into_claims()),
    ];
    if let Some(now) = now(&mut options)? {
        receipt.push(("now", now));
    }
    options.finish()?;
    Ok(object(receipt))
}

/// Whose tokens they are, and what for.
struct Context {
    merchant_id: String,
    issuer: &'static str,
    bound: &'static str,
}

impl Context {
    fn take(options: &mut Members) -> Result<Self, Error> {
        const ENVIRONMENT: &str = "\"sandbox\" or \"production\"";
        const KIND: &str = "\"order\" or \"customer\"";
        let merchant_id = options.text("merchantId")?;
        let issuer = options.choice(
            "environment",
            &[
                ("sandbox", "https://sandbox.juspay.in"),
                ("production", "https://api.juspay.in"),
            ],
            ENVIRONMENT,
        )?;
        let bound = options.choice(
            "kind",
            &[("order", "order_id"), ("customer", "customer_id")],
            KIND,
        )?;
        Ok(Self {
            merchant_id: options.must("merchantId", merchant_id, "the merchant's id")?,
            issuer: options.must("environment", issuer, ENVIRONMENT)?,
            bound: options.must("kind", bound, KIND)?,
        })
    }

    /// The claim that says so.
    fn into_claims(self) -> Value {
        object(vec![("merchant_id", self.merchant_id.into())])
    }
}
