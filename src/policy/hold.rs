//! Claim checks: one value against one requirement.

use std::borrow::Cow;

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
use super::rule::{ClaimRule, MAX_SAFE_INTEGER, ScopeRule, one_or_many};
use super::steps::Steps;

/// Checks a registered string claim against the values allowed, if the policy lists any.
pub(super) fn check_member(
    step: &'static str,
    name: &'static str,
    value: Option<&str>,
    allowed: &[String],
    steps: &mut Steps,
) -> Result<(), Error> {
    if allowed.is_empty() {
        steps.skip(step, Some(name));
        return Ok(());
    }
    let outcome = match value {
        None => Err(Error::about(ErrorCode::ClaimMissing, name).expected(one_or_many(allowed))),
        Some(value) if allowed.iter().any(|allowed| same_text(allowed, value)) => Ok(()),
        Some(value) => Err(Error::about(ErrorCode::ClaimMismatch, name)
            .expected(one_or_many(allowed))
            .actual(value)),
    };
    steps.step(step, Some(name), outcome, || {
        (Some(one_or_many(allowed)), value.map(Value::from))
    })
}

/// Checks the `nonce` of an ID token against the one expected, if the request expects one.
pub(super) fn check_nonce(
    claims: &ClaimsSet<'_>,
    expected: &Expected,
    steps: &mut Steps,
) -> Result<(), Error> {
    let Some(wanted) = &expected.nonce else {
        steps.skip("nonce", Some("nonce"));
        return Ok(());
    };
    let raw = claims.member("nonce");
    let nonce = raw.and_then(Raw::as_str);
    match (raw, &nonce) {
        (Some(raw), None) => {
            let outcome = Err(wrong_type("nonce", "string", raw));
            steps.step("nonce", Some("nonce"), outcome, || {
                (Some(wanted.as_str().into()), Some(raw.evidence()))
            })
        }
        _ => {
            let allowed = expected.nonce.as_slice();
            check_member("nonce", "nonce", nonce.as_deref(), allowed, steps)
        }
    }
}

/// Checks that the token names an audience of every list in `wanted`.
pub(super) fn hold_audience(
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

/// Checks one claim against its rule.
pub(super) fn check_rule(
    claims: &ClaimsSet<'_>,
    name: &ClaimName,
    rule: &ClaimRule,
    steps: &mut Steps,
) -> Result<(), Error> {
    let value = claims.get(name);
    let outcome = hold_rule(name, value, rule);
    steps.step("claim", Some(name.as_str()), outcome, || {
        (Some(rule.to_value()), value.map(Raw::evidence))
    })
}

fn hold_rule(name: &ClaimName, value: Option<Raw<'_>>, rule: &ClaimRule) -> Result<(), Error> {
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
    let array = |value: Raw<'_>| {
        let strings = value
            .as_strings()
            .map(|strings| strings.into_iter().map(Cow::into_owned).collect::<Vec<_>>());
        strings.ok_or_else(|| wrong_type(name.to_string(), "array of strings", value))
    };
    let holds = match rule {
        ClaimRule::OneOf(values) | ClaimRule::AbsentOr(values) => {
            values.iter().any(|wanted| equals(value, wanted))
        }
        ClaimRule::Contains(all) => {
            let held = array(value)?;
            all.iter().all(|wanted| held.contains(wanted))
        }
        ClaimRule::ContainsAny(any) => {
            let held = array(value)?;
            any.iter().any(|wanted| held.contains(wanted))
        }
        ClaimRule::Absent => false,
        ClaimRule::Scope(_) => true,
    };
    holds
        .then_some(())
        .ok_or_else(|| refuse(ErrorCode::ClaimMismatch))
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

pub(super) fn hold_scope<'n>(
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
    steps: &mut Steps,
) -> Result<(), Error> {
    let value = claims.get(name);
    let scope = match value {
        None => Ok(Scope::NOTHING),
        Some(value) => value
            .as_str()
            .and_then(Scope::split)
            .ok_or_else(|| wrong_type(name.to_string(), "string of scope-tokens", value)),
    };
    let outcome = scope.and_then(|scope| hold_scope(|| name.as_str(), rule, &scope));
    steps.step("scope", Some(name.as_str()), outcome, || {
        (Some(rule.to_value()), value.map(Raw::evidence))
    })
}
