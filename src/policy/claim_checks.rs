//! Claim checks: one value against one requirement.

use serde_json::Value;

use crate::claims::audience::Audience;
use crate::claims::pointer::ClaimName;
use crate::claims::scope::Scope;
use crate::claims::{ClaimsSet, wrong_type};
use crate::encoding::json::Raw;
use crate::encoding::octets::same_text;
use crate::error::{Error, ErrorCode};

use super::ForeignAudience;
use super::expected::Expected;
use super::recorder::Recorder;
use super::rule::{ClaimRule, MAX_SAFE_INTEGER, ScopeRule, one_or_many};

/// Checks a registered string claim against the values allowed, if the policy lists any.
pub(super) fn check_member(
    step: &'static str,
    name: &'static str,
    value: Option<&str>,
    allowed: &[String],
    recorder: &mut Recorder,
) -> Result<(), Error> {
    if allowed.is_empty() {
        recorder.skip(step, Some(name));
        return Ok(());
    }
    let outcome = match value {
        None => Err(Error::about(ErrorCode::ClaimMissing, name).expected(one_or_many(allowed))),
        Some(value) if allowed.iter().any(|allowed| same_text(allowed, value)) => Ok(()),
        Some(value) => Err(Error::about(ErrorCode::ClaimMismatch, name)
            .expected(one_or_many(allowed))
            .actual(value)),
    };
    recorder.step(step, Some(name), outcome, || {
        (Some(one_or_many(allowed)), value.map(Value::from))
    })
}

/// Checks the `nonce` of an ID token against the one expected, if the request expects one.
pub(super) fn check_nonce(
    claims: &ClaimsSet<'_>,
    expected: &Expected,
    recorder: &mut Recorder,
) -> Result<(), Error> {
    let Some(wanted) = &expected.nonce else {
        recorder.skip("nonce", Some("nonce"));
        return Ok(());
    };
    let raw = claims.member("nonce");
    let nonce = raw.and_then(Raw::as_str);
    match (raw, &nonce) {
        (Some(raw), None) => {
            let outcome = Err(wrong_type("nonce", "string", raw));
            recorder.step("nonce", Some("nonce"), outcome, || {
                (Some(wanted.as_str().into()), Some(raw.evidence()))
            })
        }
        _ => {
            let allowed = expected.nonce.as_slice();
            check_member("nonce", "nonce", nonce.as_deref(), allowed, recorder)
        }
    }
}

/// Checks that the token names an audience of every list in `wanted`.
pub(super) fn audience_outcome(
    name: &str,
    value: Option<Raw<'_>>,
    wanted: [&[String]; 2],
    foreign: ForeignAudience,
) -> Result<(), Error> {
    let mismatch = |code, allowed: &[String]| {
        let mut error = Error::about(code, name.to_owned()).expected(one_or_many(allowed));
        error.actual = value.map(Raw::evidence);
        error
    };
    let [first, second] = wanted;
    let known = if first.is_empty() { second } else { first };
    let value = value.ok_or_else(|| mismatch(ErrorCode::ClaimMissing, known))?;
    let audience = Audience::from_claim(name, value)?;
    for allowed in wanted.into_iter().filter(|allowed| !allowed.is_empty()) {
        let is_allowed = |name: &str| allowed.iter().any(|one| same_text(one, name));
        if !audience.any(&is_allowed) {
            return Err(mismatch(ErrorCode::ClaimMismatch, allowed));
        }
    }
    let is_foreign = |name: &str| !known.iter().any(|one| same_text(one, name));
    if foreign == ForeignAudience::Refuse && audience.any(&is_foreign) {
        return Err(mismatch(ErrorCode::ClaimMismatch, known));
    }
    Ok(())
}

/// Checks one claim against a rule that expresses a permission: a claim that does not satisfy it
/// means too little privilege (RFC 6750 section 3.1), not an invalid token.
pub(super) fn check_permission(
    claims: &ClaimsSet<'_>,
    name: &ClaimName,
    rule: &ClaimRule,
    recorder: &mut Recorder,
) -> Result<(), Error> {
    if let ClaimRule::Scope(rule) = rule {
        return check_scope_claim(claims, name, rule, recorder);
    }
    let value = claims.get(name);
    let outcome = rule_outcome(name, value, rule).map_err(|mut error| {
        if let ErrorCode::ClaimMissing | ErrorCode::ClaimMismatch = error.code {
            error.code = ErrorCode::ScopeInsufficient;
            // A text would be taken for the scope-tokens that a challenge names.
            error.expected = error.expected.take().map(|expected| match expected {
                Value::String(_) => vec![expected].into(),
                expected => expected,
            });
        }
        error
    });
    recorder.step("permission", Some(name.as_str()), outcome, || {
        (Some(rule.to_value()), value.map(Raw::evidence))
    })
}

/// Checks one claim against its rule.
pub(super) fn check_rule(
    claims: &ClaimsSet<'_>,
    name: &ClaimName,
    rule: &ClaimRule,
    recorder: &mut Recorder,
) -> Result<(), Error> {
    let value = claims.get(name);
    let outcome = rule_outcome(name, value, rule);
    recorder.step("claim", Some(name.as_str()), outcome, || {
        (Some(rule.to_value()), value.map(Raw::evidence))
    })
}

fn rule_outcome(name: &ClaimName, value: Option<Raw<'_>>, rule: &ClaimRule) -> Result<(), Error> {
    let refuse = |code| {
        let mut error = Error::about(code, name.to_string()).expected(rule.to_value());
        error.actual = value.map(Raw::evidence);
        error
    };
    let Some(value) = value else {
        return match rule {
            ClaimRule::Absent | ClaimRule::AbsentOr(_) => Ok(()),
            _ => Err(refuse(ErrorCode::ClaimMissing)),
        };
    };
    let holds = match rule {
        ClaimRule::OneOf(values) | ClaimRule::AbsentOr(values) => {
            values.iter().any(|wanted| equals(value, wanted))
        }
        ClaimRule::Contains(all) => {
            let held = held(name, value)?;
            let is_held = |wanted: &Value| held.iter().any(|one| equals(*one, wanted));
            all.iter().all(is_held)
        }
        ClaimRule::ContainsAny(any) => {
            let held = held(name, value)?;
            let is_held = |wanted: &Value| held.iter().any(|one| equals(*one, wanted));
            any.iter().any(is_held)
        }
        ClaimRule::StartsWith(starts) => {
            let text = value.as_str();
            let text = text.ok_or_else(|| wrong_type(name.to_string(), "string", value))?;
            starts.iter().any(|start| text.starts_with(start.as_str()))
        }
        ClaimRule::NotEmpty => !is_empty(value),
        ClaimRule::Absent => false,
        ClaimRule::Scope(_) => true,
    };
    holds
        .then_some(())
        .ok_or_else(|| refuse(ErrorCode::ClaimMismatch))
}

/// Whether a claim is an empty text, an empty array or `null`.
fn is_empty(value: Raw<'_>) -> bool {
    let is_empty_array = || value.elements().is_some_and(|mut all| all.next().is_none());
    value.text() == "null" || value.as_str().is_some_and(|text| text.is_empty()) || is_empty_array()
}

/// What a claim holds: the elements of an array of strings and numbers, or the string or number that
/// it is, for some issuers write an array of one element so.
fn held<'a>(name: &ClaimName, value: Raw<'a>) -> Result<Vec<Raw<'a>>, Error> {
    let is_scalar = |value: &Raw<'a>| value.as_str().is_some() || value.as_f64().is_some();
    let elements = match value.as_array() {
        Some(elements) => elements,
        None => vec![value],
    };
    if elements.iter().all(is_scalar) {
        return Ok(elements);
    }
    let json_type = "array of strings and numbers, or one of them";
    Err(wrong_type(name.to_string(), json_type, value))
}

/// Whether a claim is `wanted`. A number beyond the safe integers equals no other: two of them may
/// be one double.
fn equals(value: Raw<'_>, wanted: &Value) -> bool {
    match wanted {
        Value::String(wanted) => value.as_str().is_some_and(|text| text == *wanted),
        Value::Bool(wanted) => value.as_bool() == Some(*wanted),
        Value::Number(wanted) => value.as_f64().is_some_and(|number| {
            number.abs() <= MAX_SAFE_INTEGER && wanted.as_f64() == Some(number)
        }),
        _ => false,
    }
}

pub(super) fn scope_outcome<'n>(
    named: impl FnOnce() -> &'n str,
    rule: &ScopeRule,
    scope: &Scope<'_>,
) -> Result<(), Error> {
    if rule.holds(scope) {
        return Ok(());
    }
    Err(
        Error::about(ErrorCode::ScopeInsufficient, named().to_owned())
            .expected(rule.to_value())
            .actual(scope.to_string()),
    )
}

/// Checks one claim, a string of scope-tokens, against those it must contain.
pub(super) fn check_scope_claim(
    claims: &ClaimsSet<'_>,
    name: &ClaimName,
    rule: &ScopeRule,
    recorder: &mut Recorder,
) -> Result<(), Error> {
    let value = claims.get(name);
    let scope = match value {
        None => Ok(Scope::NOTHING),
        Some(value) => value
            .as_str()
            .and_then(Scope::split)
            .ok_or_else(|| wrong_type(name.to_string(), "string of scope-tokens", value)),
    };
    let outcome = scope.and_then(|scope| scope_outcome(|| name.as_str(), rule, &scope));
    recorder.step("scope", Some(name.as_str()), outcome, || {
        (Some(rule.to_value()), value.map(Raw::evidence))
    })
}
