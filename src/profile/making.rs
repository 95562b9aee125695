//! Making of a profile by its name, and parts that several profiles share.

use serde_json::Value;

use crate::claims::numeric_date::NumericDate;
use crate::error::Error;
use crate::members::{Members, object};

use super::SYSTEMS;

/// The profile of the system called `name`.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option, or `profile` if
/// no system is called so. With the feature `wasm`, only the profiles that receipts or publiq need are
/// there: the npm package makes the others itself.
pub fn named(name: &str, options: Value) -> Result<Value, Error> {
    let system = SYSTEMS.iter().find(|system| system.name == name);
    let profile = system.and_then(|system| system.profile);
    let profile = profile.ok_or_else(|| Error::policy("profile", "one that is implemented"))?;
    profile(options)
}

/// The carrier of a bearer token in a request ([RFC 6750 section 2.1]).
///
/// [RFC 6750 section 2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
pub(crate) fn bearer() -> Value {
    let carrier = vec![
        ("header", "Authorization".into()),
        ("scheme", "Bearer".into()),
    ];
    vec![object(carrier)].into()
}

/// What becomes of `now` in the options of a receipt: it goes with the receipt, if it is a moment.
pub(crate) fn now(options: &mut Members) -> Result<Option<Value>, Error> {
    let now = options.take("now").map(|now| {
        let moment = now.as_f64().and_then(NumericDate::from_secs);
        let moment = moment.map(NumericDate::to_value);
        options.must("now", moment, "a NumericDate in seconds")
    });
    now.transpose()
}

/// The object of these members without those that are null, except where `null` says something.
pub(crate) fn without_absent(mut members: Vec<(&str, Value)>) -> Value {
    const NULL_SPEAKS: [&str; 2] = ["issuer", "audience"];
    members.retain(|(name, value)| !value.is_null() || NULL_SPEAKS.contains(name));
    object(members)
}
