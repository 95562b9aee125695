//! Cashfree SDK auth tokens.

use serde_json::Value;

use crate::claims::numeric_date::NumericDate;
use crate::date_time;
use crate::error::Error;
use crate::members::{Members, object};
use crate::policy::expected::is_id;

use super::{bearer, now};

/// The profile of Cashfree SDK auth tokens: `{ appId, product?, environment }`, `product` "VKYC"
/// unless it says otherwise, `environment` "sandbox" or "production".
///
/// Opaque or JWT, the tokens carry nothing that a merchant could verify: only the receipt of the
/// backend that obtained one vouches for it. It binds to `vkyc_request_id`; `identifier_type` and
/// `identifier_value` may be expected too.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn cashfree(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let context = Context::take(&mut options)?;
    options.finish()?;
    Ok(object(vec![
        ("issuer", context.issuer.into()),
        ("audience", Value::Null),
        ("evidence", "receipt".into()),
        ("claims", context.into_claims()),
        ("bind", vec!["vkyc_request_id"].into()),
        ("carriers", bearer()),
        ("refusal", "cashfree".into()),
    ]))
}

/// What the tokens of that profile are countersigned with: its options and `{ vkycRequestId,
/// user?: { type, value }, expires | response: { expiry?, expires_at? }, now? }`.
pub(crate) fn receipt(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let context = Context::take(&mut options)?;
    let expires = expiry(&mut options)?;
    let request = options.take("vkycRequestId").filter(is_id);
    let must_be = "the id of the VKYC request: a string or a safe integer";
    let request = options.must("vkycRequestId", request, must_be)?;
    let mut bind = vec![("vkyc_request_id", request)];
    if let Some(user) = options.take("user") {
        let mut user = Members::of(user, "user")?;
        let (kind, value) = (user.text("type")?, user.take("value").filter(is_id));
        let kind = user.must("type", kind, "the identifier_type, e.g. \"userId\"")?;
        let must_be = "the identifier_value: a string or a safe integer";
        let value = user.must("value", value, must_be)?;
        user.finish()?;
        bind.push(("identifier_type", kind.into()));
        bind.push(("identifier_value", value));
    }
    let mut receipt = vec![
        ("issuer", context.issuer.into()),
        ("expires", expires),
        ("bind", object(bind)),
        ("claims", context.into_claims()),
    ];
    if let Some(now) = now(&mut options)? {
        receipt.push(("now", now));
    }
    options.finish()?;
    Ok(object(receipt))
}

/// The expiry, given or from the issuer's answer, whose reference names the field in two ways.
fn expiry(options: &mut Members) -> Result<Value, Error> {
    const MUST_BE: &str = "a NumericDate, RFC 3339 text, or \"YYYY-MM-DD HH:MM:SS IST\"";
    let given = options.take("expires");
    let (expires, name) = match (given, options.take("response")) {
        (Some(expires), None) => (moment(expires), "expires"),
        (None, Some(response)) => {
            let mut answer = Members::of(response, "response")?;
            let fields = [answer.text("expiry")?, answer.text("expires_at")?];
            answer.finish()?;
            let mut moments = fields.into_iter().flatten().map(|text| moment(text.into()));
            match (moments.next(), moments.next()) {
                (Some(one), None) => (one, "response"),
                (Some(one), Some(other)) if one == other => (one, "response"),
                (Some(_), Some(_)) => {
                    let must_be = "one moment: `expiry` and `expires_at` disagree";
                    return Err(options.mistake("response", must_be));
                }
                (None, _) => {
                    let must_be = "an answer with `expiry` or `expires_at`";
                    return Err(options.mistake("response", must_be));
                }
            }
        }
        _ => return Err(options.mistake("expires", "given, unless `response` is")),
    };
    options.must(name, expires, MUST_BE)
}

/// A moment as Cashfree writes one, as a NumericDate.
fn moment(value: Value) -> Option<Value> {
    let ist = value.as_str().and_then(date_time::cashfree);
    ist.or_else(|| date_time::from_value(&value))
        .map(NumericDate::to_value)
}

/// Whose tokens they are, and what for.
struct Context {
    app_id: String,
    product: String,
    issuer: &'static str,
}

impl Context {
    fn take(options: &mut Members) -> Result<Self, Error> {
        const ENVIRONMENT: &str = "\"sandbox\" or \"production\"";
        let app_id = options.text("appId")?;
        let product = options.text("product")?;
        let issuer = options.choice(
            "environment",
            &[
                ("sandbox", "https://sandbox.cashfree.com"),
                ("production", "https://api.cashfree.com"),
            ],
            ENVIRONMENT,
        )?;
        Ok(Self {
            app_id: options.must("appId", app_id, "the app's id")?,
            product: product.unwrap_or_else(|| "VKYC".to_owned()),
            issuer: options.must("environment", issuer, ENVIRONMENT)?,
        })
    }

    /// The claims that say so.
    fn into_claims(self) -> Value {
        object(vec![
            ("app_id", self.app_id.into()),
            ("product", self.product.into()),
        ])
    }
}
