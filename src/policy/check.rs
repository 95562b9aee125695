//! Policy checks: each requirement against a JoseHeader or a ClaimsSet.
//!
//! Over 400 lines: the checks are in the order in which they run.

use serde_json::Value;

use crate::claims::numeric_date::{NumericDate, number};
use crate::claims::pointer::ClaimName;
use crate::claims::scope::Scope;
use crate::claims::{ClaimsSet, Times};
use crate::encoding::json::Raw;
use crate::encoding::limits::truncate;
use crate::error::{Error, ErrorCode};
use crate::jose::alg::{Alg, AlgSet};
use crate::jose::header::{JoseHeader, RECEIPT_TYP, media_type};

use super::claim_checks::{
    audience_outcome, check_member, check_nonce, check_permission, check_rule, check_scope_claim,
    scope_outcome,
};
use super::expected::{Expected, Presentation, id};
use super::issuer::check_issuers;
use super::possession::check_confirmation;
use super::recorder::Recorder;
use super::rule::{ClaimRule, one_or_many};
use super::vouched::Vouched;
use super::{Evidence, Expiry, Policy};

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

    /// Checks `header`; returns its algorithm. The keys allow `by_keys`; `remedy` is what they must be
    /// to allow another algorithm, if that is known.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::AlgNotSupported`], [`ErrorCode::AlgNotAllowed`], [`ErrorCode::TypMismatch`].
    pub(crate) fn check_header(
        &self,
        header: &JoseHeader<'_>,
        by_keys: AlgSet,
        remedy: impl FnOnce(Alg) -> Option<String>,
        recorder: &mut Recorder,
    ) -> Result<Alg, Error> {
        let allowed = self.algorithms(by_keys);
        let names = |algs: AlgSet| Value::from_iter(algs.iter().map(Alg::name));
        let list = || names(allowed);
        let alg = header.alg().and_then(|alg| {
            if allowed.contains(alg) {
                Ok(alg)
            } else {
                // The policy's own list, unless it is the keys that do not allow the algorithm.
                let listed = self.algorithms.filter(|listed| !listed.contains(alg));
                let expected = match listed {
                    Some(listed) => names(listed),
                    None => remedy(alg).map_or_else(|| names(allowed), Value::from),
                };
                Err(Error::about(ErrorCode::AlgNotAllowed, "alg")
                    .expected(expected)
                    .actual(alg.name()))
            }
        });
        let alg = recorder.value("alg", Some("alg"), alg, |alg| {
            (Some(list()), Some(alg.name().into()))
        })?;
        self.check_typ(header, recorder)?;
        alg
    }

    fn check_typ(&self, header: &JoseHeader<'_>, recorder: &mut Recorder) -> Result<(), Error> {
        let is_receipt = header.is_receipt();
        let receipt_wanted = self.evidence == Evidence::Receipt;
        if self.typ.is_empty() && !receipt_wanted && !is_receipt {
            recorder.skip("typ", Some("typ"));
            return Ok(());
        }
        let required = || match receipt_wanted {
            true => Some(Value::from(RECEIPT_TYP)),
            false => (!self.typ.is_empty()).then(|| one_or_many(&self.typ)),
        };
        let found = || header.typ().map(|typ| Value::from(truncate(typ)));
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
        recorder.step("typ", Some("typ"), outcome, || (required(), found()))
    }

    /// Checks `claims` against the policy and their `presentation`; returns the scope-tokens.
    /// `vouched` are the issuers that the key vouches for; `limited` is
    /// whether the token limits its uses, which makes `exp` required.
    ///
    /// # Errors
    ///
    /// The refusal of the first requirement that the token does not meet. Refusals of status 403
    /// come after all those of status 401.
    pub(crate) fn check_claims<'a>(
        &self,
        claims: &ClaimsSet<'a>,
        vouched: Vouched<'_>,
        presentation: Presentation<'_>,
        limited: bool,
        recorder: &mut Recorder,
    ) -> Result<Scope<'a>, Error> {
        let Presentation { expected, now, .. } = presentation;
        self.check_issuer(claims, vouched, recorder)?;
        check_member(
            "subject",
            "sub",
            claims.sub.as_deref(),
            &self.subject,
            recorder,
        )?;
        self.check_audience(claims, expected, recorder)?;
        self.check_required(claims, recorder)?;
        for (name, rule) in self.claims.iter().chain(&expected.claims) {
            if !matches!(rule, ClaimRule::Scope(_)) {
                check_rule(claims, name, rule, recorder)?;
            }
        }
        check_nonce(claims, expected, recorder)?;
        self.check_time(&claims.times, now, limited, recorder)?;
        check_confirmation(claims, presentation, recorder)?;
        let scope = self.check_scope(claims, expected, recorder)?;
        for (name, rule) in self.permissions.iter().chain(&expected.permissions) {
            check_permission(claims, name, rule, recorder)?;
        }
        self.check_bindings(claims, expected, recorder)?;
        Ok(scope)
    }

    fn check_issuer(
        &self,
        claims: &ClaimsSet<'_>,
        vouched: Vouched<'_>,
        recorder: &mut Recorder,
    ) -> Result<(), Error> {
        let issuers = self.issuer.as_deref().unwrap_or_default();
        check_issuers(claims, issuers, recorder)?;
        vouched.check(claims, recorder)
    }

    fn check_audience(
        &self,
        claims: &ClaimsSet<'_>,
        expected: &Expected,
        recorder: &mut Recorder,
    ) -> Result<(), Error> {
        let name = self.audience_claim.as_str();
        let wanted = [
            self.audience.as_deref().unwrap_or_default(),
            &expected.audience,
        ];
        if wanted.iter().all(|audiences| audiences.is_empty()) {
            recorder.skip("audience", Some(name));
            return Ok(());
        }
        let raw = claims.get(&self.audience_claim);
        let outcome = audience_outcome(name, raw, wanted, self.foreign_audience);
        let narrowest = || wanted.iter().rfind(|audiences| !audiences.is_empty());
        recorder.step("audience", Some(name), outcome, || {
            (
                narrowest().map(|audiences| one_or_many(audiences)),
                raw.map(Raw::evidence),
            )
        })
    }

    fn check_required(&self, claims: &ClaimsSet<'_>, recorder: &mut Recorder) -> Result<(), Error> {
        for name in &self.required_claims {
            let value = claims.get(name);
            let outcome = match value.map(Raw::text) {
                None => Err(Error::about(ErrorCode::ClaimMissing, name.to_string())),
                Some("null") => Err(Error::about(ErrorCode::ClaimMalformed, name.to_string())
                    .expected("any but null")
                    .actual(Value::Null)),
                Some(_) => Ok(()),
            };
            recorder.step("required_claim", Some(name.as_str()), outcome, || {
                (None, value.map(Raw::evidence))
            })?;
        }
        Ok(())
    }

    /// Checks `times` as of `now`; `limited` is whether the token's uses are limited, which makes
    /// `exp` required.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::TokenExpired`], [`ErrorCode::TokenNotYetValid`], [`ErrorCode::TokenTooOld`],
    /// [`ErrorCode::LifetimeTooLong`], and [`ErrorCode::ClaimMissing`] for a time that is required.
    pub(crate) fn check_time(
        &self,
        times: &Times,
        now: NumericDate,
        limited: bool,
        recorder: &mut Recorder,
    ) -> Result<(), Error> {
        self.check_expiry(times.exp, now, limited, recorder)?;
        self.check_not_before(times.nbf, now, recorder)?;
        if self.max_age_seconds.is_none() && self.max_lifetime_seconds.is_none() {
            recorder.skip("issued_at", Some("iat"));
            return Ok(());
        }
        self.check_issued_at(times.iat, now, recorder)?;
        if let (Some(limit), Some(iat)) = (self.max_age_seconds, times.iat) {
            self.check_age(limit, iat, now, recorder)?;
        }
        match self.max_lifetime_seconds {
            Some(limit) => check_lifetime(limit, times, recorder),
            None => Ok(()),
        }
    }

    fn check_expiry(
        &self,
        exp: Option<NumericDate>,
        now: NumericDate,
        limited: bool,
        recorder: &mut Recorder,
    ) -> Result<(), Error> {
        if exp.is_none() && self.expiry == Expiry::Optional && !limited {
            recorder.skip("expiry", Some("exp"));
            return Ok(());
        }
        let outcome = match exp {
            None => Err(Error::about(ErrorCode::ClaimMissing, "exp")),
            Some(exp) if now.secs_since(exp) >= self.leeway() => {
                Err(untimely(ErrorCode::TokenExpired, "exp", exp, now))
            }
            Some(_) => Ok(()),
        };
        recorder.step("expiry", Some("exp"), outcome, || dates(now, exp))
    }

    fn check_not_before(
        &self,
        nbf: Option<NumericDate>,
        now: NumericDate,
        recorder: &mut Recorder,
    ) -> Result<(), Error> {
        let Some(date) = nbf else {
            recorder.skip("not_before", Some("nbf"));
            return Ok(());
        };
        let outcome = if date.secs_since(now) > self.leeway() {
            Err(untimely(ErrorCode::TokenNotYetValid, "nbf", date, now))
        } else {
            Ok(())
        };
        recorder.step("not_before", Some("nbf"), outcome, || dates(now, nbf))
    }

    fn check_issued_at(
        &self,
        iat: Option<NumericDate>,
        now: NumericDate,
        recorder: &mut Recorder,
    ) -> Result<(), Error> {
        let outcome = match iat {
            None => Err(Error::about(ErrorCode::ClaimMissing, "iat")),
            Some(iat) if iat.secs_since(now) > self.leeway() => {
                Err(untimely(ErrorCode::TokenNotYetValid, "iat", iat, now))
            }
            Some(_) => Ok(()),
        };
        recorder.step("issued_at", Some("iat"), outcome, || dates(now, iat))
    }

    fn check_age(
        &self,
        limit: u32,
        iat: NumericDate,
        now: NumericDate,
        recorder: &mut Recorder,
    ) -> Result<(), Error> {
        let outcome = if now.secs_since(iat) > f64::from(limit) + self.leeway() {
            Err(Error::about(ErrorCode::TokenTooOld, "iat")
                .expected(limit)
                .actual(iat.to_value()))
        } else {
            Ok(())
        };
        recorder.step("age", Some("iat"), outcome, || {
            (Some(limit.into()), Some(iat.to_value()))
        })
    }

    fn leeway(&self) -> f64 {
        f64::from(self.leeway_seconds)
    }

    fn check_scope<'a>(
        &self,
        claims: &ClaimsSet<'a>,
        expected: &Expected,
        recorder: &mut Recorder,
    ) -> Result<Scope<'a>, Error> {
        let is_required = !self.scopes.is_empty() || expected.scope.is_some();
        let scope = match Scope::read(claims, &self.scope_claims, is_required) {
            Ok(scope) => scope,
            Err(error) => {
                recorder.step("scope", None, Err(error), || (None, None))?;
                Scope::NOTHING
            }
        };
        let present = |name: &&ClaimName| claims.get(name).is_some();
        let named = || {
            let names = &self.scope_claims;
            let name = names.iter().find(present).or(names.first());
            name.map(ClaimName::as_str).unwrap_or_default()
        };
        // A report alone names the claim of a check that is not failed.
        let claim = recorder.is_on().then(named);
        if !is_required {
            recorder.skip("scope", claim);
        }
        for rule in self.scopes.iter().chain(&expected.scope) {
            let outcome = scope_outcome(named, rule, &scope);
            recorder.step("scope", claim, outcome, || {
                (Some(rule.to_value()), Some(Value::from(scope.to_string())))
            })?;
        }
        for (name, rule) in self.claims.iter().chain(&expected.claims) {
            if let ClaimRule::Scope(rule) = rule {
                check_scope_claim(claims, name, rule, recorder)?;
            }
        }
        Ok(scope)
    }

    fn check_bindings(
        &self,
        claims: &ClaimsSet<'_>,
        expected: &Expected,
        recorder: &mut Recorder,
    ) -> Result<(), Error> {
        let receipt = self.evidence == Evidence::Receipt;
        let bound = receipt
            .then(|| claims.member("bind").and_then(Raw::as_object))
            .flatten();
        if expected.bind.is_empty() {
            recorder.skip("bind", None);
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
                    error.actual = value.map(Raw::evidence);
                    Err(error)
                }
            };
            recorder.step("bind", Some(name), outcome, || {
                (wanted.clone().map(Value::from), value.map(Raw::evidence))
            })?;
        }
        Ok(())
    }
}

/// The refusal of a token whose `date`, called `name`, does not allow `now`.
fn untimely(code: ErrorCode, name: &'static str, date: NumericDate, now: NumericDate) -> Error {
    Error::about(code, name)
        .expected(now.to_value())
        .actual(date.to_value())
}

/// The evidence of a check of a date as of `now`.
fn dates(now: NumericDate, date: Option<NumericDate>) -> (Option<Value>, Option<Value>) {
    (Some(now.to_value()), date.map(NumericDate::to_value))
}

fn check_lifetime(limit: u32, times: &Times, recorder: &mut Recorder) -> Result<(), Error> {
    let lifetime = match (times.exp, times.iat) {
        (Some(exp), Some(iat)) => Ok(exp.secs_since(iat)),
        (None, _) => Err(Error::about(ErrorCode::ClaimMissing, "exp")),
        (_, None) => Err(Error::about(ErrorCode::ClaimMissing, "iat")),
    };
    let stated = lifetime.as_ref().ok().map(|lifetime| number(*lifetime));
    let outcome = lifetime.and_then(|lifetime| {
        if lifetime > f64::from(limit) {
            return Err(Error::about(ErrorCode::LifetimeTooLong, "exp")
                .expected(limit)
                .actual(number(lifetime)));
        }
        Ok(())
    });
    recorder.step("lifetime", Some("exp"), outcome, || {
        (Some(limit.into()), stated)
    })
}
