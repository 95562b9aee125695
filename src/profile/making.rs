//! Parts that several profiles share.

use serde_json::Value;

use crate::claims::numeric_date::NumericDate;
use crate::error::Error;
use crate::members::{Members, object};

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
