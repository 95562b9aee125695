//! Each requirement, held against a JoseHeader or a ClaimsSet.

use std::borrow::Cow;

use serde_json::Value;

use crate::claims::audience::Audience;
use crate::claims::numeric_date::{NumericDate, number};
use crate::claims::pointer::ClaimName;
use crate::claims::scope;
use crate::claims::{ClaimsSet, wrong_type};
use crate::encoding::json::Raw;
use crate::error::{Error, ErrorCode};
use crate::jose::alg::{Alg, AlgSet};
use crate::jose::header::{JoseHeader, RECEIPT_TYP, evidence, media_type};

use super::expected::{Expected, id};
use super::rule::{ClaimRule, MAX_SAFE_INTEGER, ScopeRule, one_or_many};
use super::steps::Steps;
use super::{Evidence, Expiry, ForeignAudience, Policy};

/// The scope-tokens of a token.
pub(crate) type Scope<'a> = Vec<Cow<'a, str>>;

impl Policy {
    /// The names that every call must supply in `expected.bind`.
    pub(crate) fn bound_names(&self) -> impl Iterator<Item = &str> {
        self.bind.iter().map(|binding| binding.name.as_str())
    }

    /// The algorithms that are allowed where the keys at hand allow `by_keys`.
    pub(crate) fn algorithms(&self, by_keys: AlgSet) -> AlgSet {
        self.algorithms
            .map_or(by_keys, |listed| listed.intersection(by_keys))
    }

    /// Holds `header` against the policy; returns its algorithm, unless a report goes on without.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::AlgNotSupported`], [`ErrorCode::AlgNotAllowed`], [`ErrorCode::TypMismatch`].
    pub(crate) fn check_header(
        &self,
        header: &JoseHeader<'_>,
        by_keys: AlgSet,
        steps: &mut Steps,
    ) -> Result<Option<Alg>, Error> {
        let allowed = self.algorithms(by_keys);
        let names = |algs: AlgSet| Value::from_iter(algs.iter().map(Alg::name));
        let list = || names(allowed);
        let alg = header.alg().and_then(|alg| {
            if allowed.contains(alg) {
                Ok(alg)
            } else {
                // The policy's own list, unless it is the keys that do not allow the algorithm.
                let listed = self.algorithms.filter(|listed| !listed.contains(alg));
                Err(Error::about(ErrorCode::AlgNotAllowed, "alg")
                    .expected(names(listed.unwrap_or(allowed)))
                    .actual(alg.name()))
            }
        });
        let (known, outcome) = match alg {
            Ok(alg) => (Some(alg), Ok(())),
            Err(error) => (None, Err(error)),
        };
        steps.step("alg", Some("alg"), outcome, || {
            (Some(list()), known.map(|alg| alg.name().into()))
        })?;
        self.check_typ(header, steps)?;
        Ok(known)
    }

    fn check_typ(&self, header: &JoseHeader<'_>, steps: &mut Steps) -> Result<(), Error> {
        let is_receipt = header.is_receipt();
        let receipt_wanted = self.evidence == Evidence::Receipt;
        if self.typ.is_empty() && !receipt_wanted && !is_receipt {
            steps.skip("typ", Some("typ"));
            return Ok(());
        }
        let required = || match receipt_wanted {
            true => Some(Value::from(RECEIPT_TYP)),
            false => (!self.typ.is_empty()).then(|| one_or_many(&self.typ)),
        };
        let found = || header.typ().map(|typ| Value::from(evidence(typ)));
        let fits = is_receipt == receipt_wanted
            && (self.typ.is_empty()
                || header
                    .typ()
                    .is_some_and(|typ| self.typ.contains(&media_type(typ))));
        let outcome = if fits {
            Ok(())
        } else {
            let mut error = Error::about(ErrorCode::TypMismatch, "typ");
            error.expected = required();
            error.actual = found();
            Err(error)
        };
        steps.step("typ", Some("typ"), outcome, || (required(), found()))
    }

    /// Holds `claims` against the policy and `expected`, as of `now`; returns the scope-tokens.
    /// `vouched` are the issuers that the key vouches for, if it is tagged with any; `limited` is
    /// whether the token's own uses are, which makes `exp` required.
    ///
    /// # Errors
    ///
    /// The refusal of the first requirement that does not hold. Those that say who the token is
    /// not for (403) come after all that say it is not good (401).
    pub(crate) fn check_claims<'a>(
        &self,
        claims: &ClaimsSet<'a>,
        vouched: Option<&[String]>,
        expected: &Expected,
        now: NumericDate,
        limited: bool,
        steps: &mut Steps,
    ) -> Result<Scope<'a>, Error> {
        self.check_issuer(claims, vouched, steps)?;
        check_member(
            "subject",
            "sub",
            claims.sub.as_deref(),
            &self.subject,
            steps,
        )?;
        self.check_audience(claims, expected, steps)?;
        self.check_required(claims, steps)?;
        for (name, rule) in self.claims.iter().chain(&expected.claims) {
            if !matches!(rule, ClaimRule::Scope(_)) {
                check_rule(claims, name, rule, steps)?;
            }
        }
        check_nonce(claims, expected, steps)?;
        self.check_time(claims, now, limited, steps)?;
        check_confirmation(claims, steps)?;
        let scope = self.check_scope(claims, expected, steps)?;
        self.check_bindings(claims, expected, steps)?;
        Ok(scope)
    }

    fn check_issuer(
        &self,
        claims: &ClaimsSet<'_>,
        vouched: Option<&[String]>,
        steps: &mut Steps,
    ) -> Result<(), Error> {
        let iss = claims.iss.as_deref();
        let issuers = self.issuer.as_deref().unwrap_or_default();
        check_member("issuer", "iss", iss, issuers, steps)?;
        match vouched {
            Some(vouched) => check_member("key_issuer", "iss", iss, vouched, steps),
            None => Ok(()),
        }
    }

    fn check_audience(
        &self,
        claims: &ClaimsSet<'_>,
        expected: &Expected,
        steps: &mut Steps,
    ) -> Result<(), Error> {
        let name = self.audience_claim.as_str();
        let wanted = [
            self.audience.as_deref().unwrap_or_default(),
            &expected.audience,
        ];
        if wanted.iter().all(|audiences| audiences.is_empty()) {
            steps.skip("audience", Some(name));
            return Ok(());
        }
        let raw = claims.get(&self.audience_claim);
        let outcome = hold_audience(name, raw, wanted, self.foreign_audience);
        let narrowest = || wanted.iter().rfind(|audiences| !audiences.is_empty());
        steps.step("audience", Some(name), outcome, || {
            (
                narrowest().map(|audiences| one_or_many(audiences)),
                raw.map(Raw::to_value),
            )
        })
    }

    fn check_required(&self, claims: &ClaimsSet<'_>, steps: &mut Steps) -> Result<(), Error> {
        for name in &self.required_claims {
            let value = claims.get(name);
            let outcome = match value.map(Raw::text) {
                None => Err(Error::about(ErrorCode::ClaimMissing, name.to_string())),
                Some("null") => Err(Error::about(ErrorCode::ClaimMalformed, name.to_string())
                    .expected("any but null")
                    .actual(Value::Null)),
                Some(_) => Ok(()),
            };
            steps.step("required_claim", Some(name.as_str()), outcome, || {
                (None, value.map(Raw::to_value))
            })?;
        }
        Ok(())
    }

    fn check_time(
        &self,
        claims: &ClaimsSet<'_>,
        now: NumericDate,
        limited: bool,
        steps: &mut Steps,
    ) -> Result<(), Error> {
        let leeway = f64::from(self.leeway_seconds);
        let evidence = |date: Option<NumericDate>| {
            move || (Some(now.to_value()), date.map(NumericDate::to_value))
        };
        let refuse = |code, name: &'static str, date: NumericDate| {
            Error::about(code, name)
                .expected(now.to_value())
                .actual(date.to_value())
        };
        match claims.exp {
            None if self.expiry == Expiry::Optional && !limited => {
                steps.skip("expiry", Some("exp"))
            }
            exp => {
                let outcome = match exp {
                    None => Err(Error::about(ErrorCode::ClaimMissing, "exp")),
                    Some(exp) if now.secs_since(exp) >= leeway => {
                        Err(refuse(ErrorCode::TokenExpired, "exp", exp))
                    }
                    Some(_) => Ok(()),
                };
                steps.step("expiry", Some("exp"), outcome, evidence(exp))?;
            }
        }
        match claims.nbf {
            None => steps.skip("not_before", Some("nbf")),
            Some(nbf) => {
                let outcome = if nbf.secs_since(now) > leeway {
                    Err(refuse(ErrorCode::TokenNotYetValid, "nbf", nbf))
                } else {
                    Ok(())
                };
                steps.step("not_before", Some("nbf"), outcome, evidence(claims.nbf))?;
            }
        }
        if self.max_age_seconds.is_none() && self.max_lifetime_seconds.is_none() {
            steps.skip("issued_at", Some("iat"));
            return Ok(());
        }
        let outcome = match claims.iat {
            None => Err(Error::about(ErrorCode::ClaimMissing, "iat")),
            Some(iat) if iat.secs_since(now) > leeway => {
                Err(refuse(ErrorCode::TokenNotYetValid, "iat", iat))
            }
            Some(_) => Ok(()),
        };
        steps.step("issued_at", Some("iat"), outcome, evidence(claims.iat))?;
        self.check_age(claims, now, leeway, steps)
    }

    fn check_age(
        &self,
        claims: &ClaimsSet<'_>,
        now: NumericDate,
        leeway: f64,
        steps: &mut Steps,
    ) -> Result<(), Error> {
        if let (Some(limit), Some(iat)) = (self.max_age_seconds, claims.iat) {
            let outcome = if now.secs_since(iat) > f64::from(limit) + leeway {
                Err(Error::about(ErrorCode::TokenTooOld, "iat")
                    .expected(limit)
                    .actual(iat.to_value()))
            } else {
                Ok(())
            };
            steps.step("age", Some("iat"), outcome, || {
                (Some(limit.into()), Some(iat.to_value()))
            })?;
        }
        let Some(limit) = self.max_lifetime_seconds else {
            return Ok(());
        };
        let (outcome, lifetime) = match (claims.exp, claims.iat) {
            (Some(exp), Some(iat)) => {
                let lifetime = exp.secs_since(iat);
                let outcome = if lifetime > f64::from(limit) {
                    Err(Error::about(ErrorCode::LifetimeTooLong, "exp")
                        .expected(limit)
                        .actual(number(lifetime)))
                } else {
                    Ok(())
                };
                (outcome, Some(number(lifetime)))
            }
            (None, _) => (Err(Error::about(ErrorCode::ClaimMissing, "exp")), None),
            (_, None) => (Err(Error::about(ErrorCode::ClaimMissing, "iat")), None),
        };
        steps.step("lifetime", Some("exp"), outcome, || {
            (Some(limit.into()), lifetime)
        })
    }

    fn check_scope<'a>(
        &self,
        claims: &ClaimsSet<'a>,
        expected: &Expected,
        steps: &mut Steps,
    ) -> Result<Scope<'a>, Error> {
        let tokens = match scope::read(claims, &self.scope_claims) {
            Ok(tokens) => tokens,
            Err(error) => {
                steps.step("scope", None, Err(error), || (None, None))?;
                Vec::new()
            }
        };
        let present = |name: &&ClaimName| claims.get(name).is_some();
        let named = || {
            let names = &self.scope_claims;
            let name = names.iter().find(present).or(names.first());
            name.map(ClaimName::as_str).unwrap_or_default()
        };
        if self.scopes.is_empty() && expected.scope.is_none() {
            steps.skip("scope", Some(named()));
        }
        for rule in self.scopes.iter().chain(&expected.scope) {
            let outcome = hold_scope(named, rule, &tokens);
            steps.step("scope", Some(named()), outcome, || {
                (Some(rule.to_value()), Some(Value::from(tokens.join(" "))))
            })?;
        }
        for (name, rule) in self.claims.iter().chain(&expected.claims) {
            if let ClaimRule::Scope(rule) = rule {
                check_scope_claim(claims, name, rule, steps)?;
            }
        }
        Ok(tokens)
    }

    fn check_bindings(
        &self,
        claims: &ClaimsSet<'_>,
        expected: &Expected,
        steps: &mut Steps,
    ) -> Result<(), Error> {
        let receipt = self.evidence == Evidence::Receipt;
        let bound = receipt
            .then(|| claims.member("bind").and_then(Raw::as_object))
            .flatten();
        if expected.bind.is_empty() {
            steps.skip("bind", None);
        }
        for (name, wanted) in &expected.bind {
            let binding = self.bind.iter().find(|binding| binding.name == *name);
            let value = match (receipt, binding) {
                (true, _) => bound.as_ref().and_then(|bound| bound.get(name)),
                (false, Some(binding)) => claims.get(&binding.claim),
                (false, None) => claims.member(name),
            };
            let found = value.and_then(id);
            let outcome = match (wanted.as_deref(), found.as_deref()) {
                (Some(wanted), Some(found)) if wanted == found => Ok(()),
                _ => {
                    let mut error = Error::about(ErrorCode::BindingMismatch, name.clone());
                    error.expected = wanted.clone().map(Value::from);
                    error.actual = value.map(Raw::to_value);
                    Err(error)
                }
            };
            steps.step("bind", Some(name), outcome, || {
                (wanted.clone().map(Value::from), value.map(Raw::to_value))
            })?;
        }
        Ok(())
    }
}

/// Holds a registered string claim against the values it may have, if there are any.
fn check_member(
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
        Some(value) if allowed.iter().any(|allowed| allowed == value) => Ok(()),
        Some(value) => Err(Error::about(ErrorCode::ClaimMismatch, name)
            .expected(one_or_many(allowed))
            .actual(value)),
    };
    steps.step(step, Some(name), outcome, || {
        (Some(one_or_many(allowed)), value.map(Value::from))
    })
}

/// Holds the `nonce` of an ID token against the one expected, if there is one.
fn check_nonce(
    claims: &ClaimsSet<'_>,
    expected: &Expected,
    steps: &mut Steps,
) -> Result<(), Error> {
    let raw = claims.member("nonce");
    let nonce = raw.and_then(Raw::as_str);
    match (raw, &nonce, &expected.nonce) {
        (Some(raw), None, Some(wanted)) => {
            let outcome = Err(wrong_type("nonce", "string", raw));
            steps.step("nonce", Some("nonce"), outcome, || {
                (Some(wanted.as_str().into()), Some(raw.to_value()))
            })
        }
        _ => check_member(
            "nonce",
            "nonce",
            nonce.as_deref(),
            expected.nonce.as_slice(),
            steps,
        ),
    }
}

/// Holds the audiences of a token against every list in `wanted`, one of each at least.
fn hold_audience(
    name: &str,
    value: Option<Raw<'_>>,
    wanted: [&[String]; 2],
    foreign: ForeignAudience,
) -> Result<(), Error> {
    let mismatch = |code, allowed: &[String]| {
        let mut error = Error::about(code, name.to_owned()).expected(one_or_many(allowed));
        error.actual = value.map(Raw::to_value);
        error
    };
    let [first, second] = wanted;
    let known = if first.is_empty() { second } else { first };
    let value = value.ok_or_else(|| mismatch(ErrorCode::ClaimMissing, known))?;
    let audience = Audience::from_claim(name.to_owned(), value)?;
    let names = audience.names();
    for allowed in wanted.into_iter().filter(|allowed| !allowed.is_empty()) {
        if !names
            .iter()
            .any(|name| allowed.iter().any(|one| one == name))
        {
            return Err(mismatch(ErrorCode::ClaimMismatch, allowed));
        }
    }
    let stranger = |name: &Cow<'_, str>| !known.iter().any(|one| one == name);
    if foreign == ForeignAudience::Refuse && names.iter().any(stranger) {
        return Err(mismatch(ErrorCode::ClaimMismatch, known));
    }
    Ok(())
}

/// Holds one claim against its rule.
fn check_rule(
    claims: &ClaimsSet<'_>,
    name: &ClaimName,
    rule: &ClaimRule,
    steps: &mut Steps,
) -> Result<(), Error> {
    let value = claims.get(name);
    let outcome = hold_rule(name, value, rule);
    steps.step("claim", Some(name.as_str()), outcome, || {
        (Some(rule.to_value()), value.map(Raw::to_value))
    })
}

fn hold_rule(name: &ClaimName, value: Option<Raw<'_>>, rule: &ClaimRule) -> Result<(), Error> {
    let refuse = |code| {
        let mut error = Error::about(code, name.to_string()).expected(rule.to_value());
        error.actual = value.map(Raw::to_value);
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

/// Whether a claim is `wanted`. A number beyond the safe integers equals none: two of them may
/// read as one double.
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

fn hold_scope<'n>(
    named: impl FnOnce() -> &'n str,
    rule: &ScopeRule,
    tokens: &[Cow<'_, str>],
) -> Result<(), Error> {
    if rule.holds(tokens) {
        return Ok(());
    }
    Err(
        Error::about(ErrorCode::ScopeInsufficient, named().to_owned())
            .expected(rule.to_value())
            .actual(tokens.join(" ")),
    )
}

/// Holds one claim, a string of scope-tokens, against those it must hold.
fn check_scope_claim(
    claims: &ClaimsSet<'_>,
    name: &ClaimName,
    rule: &ScopeRule,
    steps: &mut Steps,
) -> Result<(), Error> {
    let value = claims.get(name);
    let tokens = match value {
        None => Ok(Vec::new()),
        Some(value) => value
            .as_str()
            .and_then(scope::split)
            .ok_or_else(|| wrong_type(name.to_string(), "string of scope-tokens", value)),
    };
    let outcome = tokens.and_then(|tokens| hold_scope(|| name.as_str(), rule, &tokens));
    steps.step("scope", Some(name.as_str()), outcome, || {
        (Some(rule.to_value()), value.map(Raw::to_value))
    })
}

/// A token bound to a key or a certificate is worth nothing without the proof of it (RFC 7800
/// section 3), and no proof is understood.
fn check_confirmation(claims: &ClaimsSet<'_>, steps: &mut Steps) -> Result<(), Error> {
    if claims.member("cnf").is_none() {
        steps.skip("confirmation", Some("cnf"));
        return Ok(());
    }
    let outcome = Err(Error::about(ErrorCode::ProofMissing, "cnf"));
    steps.step("confirmation", Some("cnf"), outcome, || (None, None))
}
