//! Parts that several profiles have in common: options, claim rules and members of a policy.

use serde_json::Value;

use crate::error::Error;
use crate::members::{Members, object};
use crate::policy::rule::one_or_many;

/// An hour and a day, in seconds.
pub(super) const HOUR: u32 = 3600;
pub(super) const DAY: u32 = 24 * HOUR;

/// The option called `name`, which may not be left out, as one string or several.
pub(super) fn names(
    options: &mut Members,
    name: &str,
    must_be: &'static str,
) -> Result<Vec<String>, Error> {
    let texts = options.texts(name)?;
    options.must(name, texts, must_be)
}

/// The option called `name`, which may not be left out, as a string that `is_fit`.
pub(super) fn text_that(
    options: &mut Members,
    name: &str,
    is_fit: impl Fn(&str) -> bool,
    must_be: &'static str,
) -> Result<String, Error> {
    let text = options.text(name)?.filter(|text| is_fit(text));
    options.must(name, text, must_be)
}

/// The option called `name`, if it is given, as a string that `is_fit`.
pub(super) fn text_if_given(
    options: &mut Members,
    name: &str,
    is_fit: impl Fn(&str) -> bool,
    must_be: &'static str,
) -> Result<Option<String>, Error> {
    let text = options.text(name)?;
    text.map(|text| options.must(name, Some(text).filter(|text| is_fit(text)), must_be))
        .transpose()
}

/// The option called `name`, if it is given, as a string or strings that each `is_fit`.
pub(super) fn texts_that(
    options: &mut Members,
    name: &str,
    is_fit: impl Fn(&str) -> bool,
    must_be: &'static str,
) -> Result<Option<Vec<String>>, Error> {
    let texts = options.texts(name)?;
    texts
        .map(|texts| {
            let are_fit = texts.iter().all(|text| is_fit(text));
            options.must(name, Some(texts).filter(|_| are_fit), must_be)
        })
        .transpose()
}

/// Whether `text` is the name of a host, in lower case, without scheme, port and path.
pub(super) fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_fit =
            |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
        !label.is_empty() && label.bytes().all(is_fit)
    };
    text.contains('.') && text.split('.').all(is_label)
}

/// Whether `text` is one segment of a path, of unreserved characters (RFC 3986 section 2.3).
pub(super) fn is_segment(text: &str) -> bool {
    let is_fit = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    !["", ".", ".."].contains(&text) && text.bytes().all(is_fit)
}

/// Whether `text` is an https URL, or one of http, without query, fragment and slash at its end.
pub(super) fn is_base_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let is_fit = |octet: u8| octet.is_ascii_graphic() && !b"?#{}\\@".contains(&octet);
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && rest.bytes().all(is_fit))
        && !text.ends_with('/')
}

/// Whether `text` is a UUID in lower case, as issuers write the id of a tenant.
pub(super) fn is_uuid(text: &str) -> bool {
    let is_hex = |octet: u8| octet.is_ascii_digit() || (b'a'..=b'f').contains(&octet);
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|octet| octet == b'-' || is_hex(octet))
}

/// Whether `text` is an id of decimal digits.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

/// The rule of a claim that must not be there.
pub(super) fn absent() -> Value {
    object(vec![("absent", true.into())])
}

/// The rule of a claim that must be there, and not empty.
pub(super) fn not_empty() -> Value {
    object(vec![("notEmpty", true.into())])
}

/// The rule of a claim that may be absent, and is otherwise `value`.
pub(super) fn absent_or(value: impl Into<Value>) -> Value {
    object(vec![("absentOr", value.into())])
}

/// The rule of a claim that contains all of `values`.
pub(super) fn contains(values: Vec<String>) -> Value {
    object(vec![("contains", values.into())])
}

/// The rule of a claim that is one of `values`.
pub(super) fn one_of(values: &[String]) -> Value {
    one_or_many(values)
}

/// Adds to `claims` the rules of an access token that an ID token never satisfies: it has no nonce of
/// a sign-in and no hash of another token (OpenID Connect Core sections 2 and 3.3.2.11).
pub(super) fn refuse_id_tokens(claims: &mut Vec<(&str, Value)>) {
    for name in ["nonce", "at_hash", "c_hash", "s_hash"] {
        claims.push((name, absent()));
    }
}

/// The carrier that is the header called `name`, without a scheme.
pub(super) fn header(name: &str) -> Value {
    object(vec![("header", name.into())])
}

/// The carrier that is the cookie called `name`.
pub(super) fn cookie(name: &str) -> Value {
    object(vec![("cookie", name.into())])
}

/// The source of published keys at `url`, which vouch for `issuer` alone.
pub(super) fn keys_at(url: &str, issuer: impl Into<Value>) -> Value {
    object(vec![("url", url.into()), ("issuer", issuer.into())])
}

/// `rules`, or null if there are none.
pub(super) fn rules(rules: Vec<(&str, Value)>) -> Value {
    if rules.is_empty() {
        return Value::Null;
    }
    object(rules)
}

/// Asymmetric algorithms: those that published keys can verify.
pub(super) fn asymmetric() -> Value {
    let all = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
        "Ed25519",
    ];
    all.to_vec().into()
}
