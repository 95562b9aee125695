//! Policy options: reading the members of a policy, narrowing a profile by them, and the defaults.
//!
//! Over 400 lines, because three lists of every member in the same order are easier to compare in
//! one file.

use serde_json::Value;

use crate::claims::pointer::ClaimName;
use crate::encoding::limits::{MAX_LEEWAY_SECONDS, MAX_MAX_TOKEN_BYTES, MAX_TOKEN_BYTES};
use crate::error::Error;
use crate::jose::alg::{Alg, AlgSet};
use crate::jose::header::media_type;
use crate::members::{Members, texts};

use super::issuer::IssuerRule;
use super::rule::{ClaimRule, ScopeRule};
use super::{Binding, Evidence, Expiry, ForeignAudience, Policy};
use crate::claims::NumericSubject;

/// The members of a policy as given, each present or absent.
#[derive(Debug, Default)]
pub(super) struct Requirements {
    issuer: Option<Option<Vec<IssuerRule>>>,
    audience: Option<Option<Vec<String>>>,
    audience_claim: Option<ClaimName>,
    foreign_audience: Option<ForeignAudience>,
    algorithms: Option<AlgSet>,
    typ: Option<Vec<String>>,
    subject: Option<Vec<String>>,
    scopes: Vec<ScopeRule>,
    scope_claims: Option<Vec<ClaimName>>,
    claims: Vec<(ClaimName, ClaimRule)>,
    permissions: Vec<(ClaimName, ClaimRule)>,
    numeric_subject: Option<NumericSubject>,
    required_claims: Vec<ClaimName>,
    bind: Vec<Binding>,
    evidence: Option<Evidence>,
    expiry: Option<Expiry>,
    max_age_seconds: Option<u32>,
    max_lifetime_seconds: Option<u32>,
    leeway_seconds: Option<u32>,
    max_token_bytes: Option<u32>,
    max_uses: Option<u32>,
    single_use: Option<bool>,
}

impl Requirements {
    /// Takes the members of a policy out of `options`. Longer than forty lines: a table of the members.
    pub(super) fn take(options: &mut Members) -> Result<Self, Error> {
        const WHOLE_SECONDS: &str = "a whole number of seconds, at least 1";
        let scope = options.take("scope");
        let claims = options.take("claims");
        let permissions = options.take("permissions");
        let bind = options.take("bind");
        Ok(Self {
            issuer: issuers(options)?,
            audience: texts_or_null(options, "audience")?,
            audience_claim: claim_names(options, "audienceClaim", One)?.pop(),
            foreign_audience: options.choice(
                "foreignAudience",
                &[
                    ("allow", ForeignAudience::Allow),
                    ("refuse", ForeignAudience::Refuse),
                ],
                "\"allow\" or \"refuse\"",
            )?,
            algorithms: algorithms(options)?,
            typ: options
                .texts("typ")?
                .map(|typ| typ.iter().map(|typ| media_type(typ)).collect()),
            subject: options.texts("subject")?,
            scopes: scope
                .map(|scope| ScopeRule::parse(scope, &options.path_of("scope")))
                .transpose()?
                .into_iter()
                .collect(),
            scope_claims: Some(claim_names(options, "scopeClaims", Many)?)
                .filter(|names| !names.is_empty()),
            claims: claim_rules(claims, &options.path_of("claims"))?,
            permissions: claim_rules(permissions, &options.path_of("permissions"))?,
            numeric_subject: options.choice(
                "numericSubject",
                &[
                    ("refuse", NumericSubject::Refuse),
                    ("allow", NumericSubject::Allow),
                ],
                "\"refuse\" or \"allow\"",
            )?,
            required_claims: claim_names(options, "requiredClaims", Many)?,
            bind: bindings(bind, &options.path_of("bind"))?,
            evidence: options.choice(
                "evidence",
                &[
                    ("signature", Evidence::Signature),
                    ("receipt", Evidence::Receipt),
                ],
                "\"signature\" or \"receipt\"",
            )?,
            expiry: options.choice(
                "expiry",
                &[
                    ("required", Expiry::Required),
                    ("optional", Expiry::Optional),
                ],
                "\"required\" or \"optional\"",
            )?,
            max_age_seconds: options.whole("maxAgeSeconds", (1, u32::MAX), WHOLE_SECONDS)?,
            max_lifetime_seconds: options.whole(
                "maxLifetimeSeconds",
                (1, u32::MAX),
                WHOLE_SECONDS,
            )?,
            leeway_seconds: options.whole(
                "leewaySeconds",
                (0, MAX_LEEWAY_SECONDS),
                "a whole number of seconds, 0 to 300",
            )?,
            max_token_bytes: options.whole(
                "maxTokenBytes",
                (1, u32::try_from(MAX_MAX_TOKEN_BYTES).unwrap_or(u32::MAX)),
                "a whole number of octets, 1 to 1048576",
            )?,
            max_uses: options.whole("maxUses", (1, u32::MAX), "a whole number, at least 1")?,
            single_use: options.flag("singleUse")?,
        })
    }

    /// Whether an audience is required: given, and not `null`.
    fn checks_audience(&self) -> bool {
        self.audience.as_ref().is_some_and(Option::is_some)
    }

    /// These requirements with the defaults of a profile made explicit, so that a member beside the
    /// profile cannot change them silently.
    pub(super) fn spelled_out(self) -> Self {
        let checks_audience = self.checks_audience();
        let checks_scope = !self.scopes.is_empty();
        Self {
            audience_claim: self
                .audience_claim
                .or_else(|| default_audience_claim().filter(|_| checks_audience)),
            scope_claims: self
                .scope_claims
                .or_else(|| checks_scope.then(default_scope_claims)),
            evidence: self.evidence.or(Some(Evidence::Signature)),
            expiry: self.expiry.or(Some(Expiry::Required)),
            ..self
        }
    }

    /// These requirements and `other`, the members beside a profile, together.
    pub(super) fn narrowed_by(self, other: Self) -> Result<Self, Error> {
        Ok(Self {
            issuer: narrow_or_null("issuer", self.issuer, other.issuer)?,
            audience: narrow_or_null("audience", self.audience, other.audience)?,
            audience_claim: same("audienceClaim", self.audience_claim, other.audience_claim)?,
            foreign_audience: strictest(
                self.foreign_audience,
                other.foreign_audience,
                ForeignAudience::Refuse,
            ),
            algorithms: both(self.algorithms, other.algorithms, |ours, theirs| {
                let narrowed = ours.intersection(theirs);
                (!narrowed.is_empty())
                    .then_some(narrowed)
                    .ok_or_else(|| contradiction("algorithms"))
            })?,
            typ: narrow_texts("typ", self.typ, other.typ)?,
            subject: narrow_texts("subject", self.subject, other.subject)?,
            scopes: [self.scopes, other.scopes].concat(),
            scope_claims: same("scopeClaims", self.scope_claims, other.scope_claims)?,
            claims: narrow_claims("claims", self.claims, other.claims)?,
            permissions: narrow_claims("permissions", self.permissions, other.permissions)?,
            numeric_subject: strictest(
                self.numeric_subject,
                other.numeric_subject,
                NumericSubject::Refuse,
            ),
            required_claims: [self.required_claims, other.required_claims].concat(),
            bind: narrow_bindings(self.bind, other.bind)?,
            evidence: same("evidence", self.evidence, other.evidence)?,
            expiry: strictest(self.expiry, other.expiry, Expiry::Required),
            max_age_seconds: least(self.max_age_seconds, other.max_age_seconds),
            max_lifetime_seconds: least(self.max_lifetime_seconds, other.max_lifetime_seconds),
            leeway_seconds: least(self.leeway_seconds, other.leeway_seconds),
            max_token_bytes: least(self.max_token_bytes, other.max_token_bytes),
            max_uses: least(self.max_uses, other.max_uses),
            single_use: strictest(self.single_use, other.single_use, true),
        })
    }

    /// These requirements with every default in its place. Longer than forty lines: a table of the members.
    pub(super) fn resolve(self) -> Result<Policy, Error> {
        const NO_DEFAULT: &str = "a string or an array of strings, or null not to check";
        let evidence = self.evidence.unwrap_or(Evidence::Signature);
        if evidence == Evidence::Receipt && self.typ.is_some() {
            let must_be = "left out where a receipt is the evidence: its typ is receipt+jwt";
            return Err(Error::policy("typ", must_be));
        }
        if self.foreign_audience == Some(ForeignAudience::Refuse) && !self.checks_audience() {
            let must_be = "left out where no audience is required";
            return Err(Error::policy("foreignAudience", must_be));
        }
        let single_use = self.single_use.unwrap_or(false);
        let limited = self.max_uses.is_some() || single_use;
        let name = |name| Error::policy(name, NO_DEFAULT);
        Ok(Policy {
            issuer: self.issuer.ok_or_else(|| name("issuer"))?,
            audience: self.audience.ok_or_else(|| name("audience"))?,
            audience_claim: self
                .audience_claim
                .or_else(default_audience_claim)
                .ok_or_else(|| name("audienceClaim"))?,
            foreign_audience: self.foreign_audience.unwrap_or(ForeignAudience::Allow),
            algorithms: self.algorithms,
            typ: self.typ.unwrap_or_default(),
            subject: self.subject.unwrap_or_default(),
            scopes: self.scopes,
            scope_claims: self.scope_claims.unwrap_or_else(default_scope_claims),
            claims: self.claims,
            permissions: self.permissions,
            numeric_subject: self.numeric_subject.unwrap_or(NumericSubject::Refuse),
            required_claims: [self.required_claims, required_by_single_use(single_use)].concat(),
            bind: self.bind,
            evidence,
            expiry: self.expiry.filter(|_| !limited).unwrap_or(Expiry::Required),
            max_age_seconds: self.max_age_seconds,
            max_lifetime_seconds: self.max_lifetime_seconds,
            leeway_seconds: self.leeway_seconds.unwrap_or(0),
            max_token_bytes: self
                .max_token_bytes
                .and_then(|bytes| usize::try_from(bytes).ok())
                .unwrap_or(MAX_TOKEN_BYTES),
            max_uses: self.max_uses,
            single_use,
        })
    }
}

/// How many Claim Names a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    One,
    Many,
}
use Number::{Many, One};

fn texts_or_null(
    options: &mut Members,
    name: &'static str,
) -> Result<Option<Option<Vec<String>>>, Error> {
    options
        .take(name)
        .map(|value| match value {
            Value::Null => Ok(None),
            value => texts(value).map(Some).ok_or_else(|| {
                let must_be = "a string or an array of strings, none of them empty, or null";
                options.mistake(name, must_be)
            }),
        })
        .transpose()
}

fn issuers(options: &mut Members) -> Result<Option<Option<Vec<IssuerRule>>>, Error> {
    let Some(issuers) = texts_or_null(options, "issuer")? else {
        return Ok(None);
    };
    let path = options.path_of("issuer");
    let Some(issuers) = issuers else {
        return Ok(Some(None));
    };
    let mut rules = Vec::new();
    for issuer in issuers {
        rules.push(IssuerRule::parse(issuer, &path)?);
    }
    Ok(Some(Some(rules)))
}

fn algorithms(options: &mut Members) -> Result<Option<AlgSet>, Error> {
    let Some(names) = options.list("algorithms")? else {
        return Ok(None);
    };
    let known: Option<AlgSet> = names.iter().map(|name| Alg::from_name(name)).collect();
    known
        .map(Some)
        .ok_or_else(|| options.mistake("algorithms", "an array of algorithms that are implemented"))
}

fn claim_names(
    options: &mut Members,
    name: &'static str,
    number: Number,
) -> Result<Vec<ClaimName>, Error> {
    let names = match number {
        One => options.text(name)?.map(|name| vec![name]),
        Many => options.list(name)?,
    };
    names
        .unwrap_or_default()
        .iter()
        .map(|text| ClaimName::parse(text))
        .collect::<Option<_>>()
        .ok_or_else(|| options.mistake(name, "a Claim Name or a JSON Pointer"))
}

pub(crate) fn claim_rules(
    value: Option<Value>,
    path: &str,
) -> Result<Vec<(ClaimName, ClaimRule)>, Error> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let Value::Object(rules) = value else {
        return Err(Error::policy(path.to_owned(), "an object of claim rules"));
    };
    if rules.is_empty() {
        return Err(Error::policy(
            path.to_owned(),
            "left out, or at least one rule",
        ));
    }
    rules
        .into_iter()
        .map(|(name, rule)| {
            let path = format!("{path}.{name}");
            let rule = ClaimRule::parse(rule, &path)?;
            let must_be = "named by a Claim Name or a JSON Pointer";
            let name = ClaimName::parse(&name).ok_or_else(|| Error::policy(path, must_be))?;
            Ok((name, rule))
        })
        .collect()
}

fn bindings(value: Option<Value>, path: &str) -> Result<Vec<Binding>, Error> {
    let mistake = || {
        let must_be = "an array of names, or an object of names to the claims that hold them";
        Error::policy(path.to_owned(), must_be)
    };
    let pairs: Vec<(String, String)> = match value {
        None => return Ok(Vec::new()),
        Some(Value::Object(map)) => map
            .into_iter()
            .map(|(name, claim)| Some((name, claim.as_str()?.to_owned())))
            .collect::<Option<_>>()
            .ok_or_else(mistake)?,
        Some(value @ Value::Array(_)) => texts(value)
            .ok_or_else(mistake)?
            .into_iter()
            .map(|name| (name.clone(), name))
            .collect(),
        Some(_) => return Err(mistake()),
    };
    if pairs.is_empty() {
        return Err(mistake());
    }
    pairs
        .into_iter()
        .map(|(name, claim)| {
            let claim = ClaimName::parse(&claim).filter(|_| !name.is_empty());
            Ok(Binding {
                claim: claim.ok_or_else(mistake)?,
                name,
            })
        })
        .collect()
}

fn contradiction(option: &'static str) -> Error {
    Error::policy(option, "in agreement with the profile")
}

fn both<T>(
    ours: Option<T>,
    theirs: Option<T>,
    narrow: impl FnOnce(T, T) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => narrow(ours, theirs).map(Some),
        (ours, theirs) => Ok(ours.or(theirs)),
    }
}

fn same<T: PartialEq>(
    option: &'static str,
    ours: Option<T>,
    theirs: Option<T>,
) -> Result<Option<T>, Error> {
    both(ours, theirs, |ours, theirs| {
        (ours == theirs)
            .then_some(ours)
            .ok_or_else(|| contradiction(option))
    })
}

fn narrow_texts<T: PartialEq>(
    option: &'static str,
    ours: Option<Vec<T>>,
    theirs: Option<Vec<T>>,
) -> Result<Option<Vec<T>>, Error> {
    both(ours, theirs, |mut ours, theirs| {
        ours.retain(|text| theirs.contains(text));
        (!ours.is_empty())
            .then_some(ours)
            .ok_or_else(|| contradiction(option))
    })
}

/// `null` on one side requires nothing, so the other side applies.
fn narrow_or_null<T: PartialEq>(
    option: &'static str,
    ours: Option<Option<Vec<T>>>,
    theirs: Option<Option<Vec<T>>>,
) -> Result<Option<Option<Vec<T>>>, Error> {
    both(ours, theirs, |ours, theirs| {
        narrow_texts(option, ours, theirs)
    })
}

fn narrow_claims(
    option: &'static str,
    ours: Vec<(ClaimName, ClaimRule)>,
    theirs: Vec<(ClaimName, ClaimRule)>,
) -> Result<Vec<(ClaimName, ClaimRule)>, Error> {
    for (name, rule) in &theirs {
        let against =
            |(other, ours): &(ClaimName, ClaimRule)| other == name && ours.contradicts(rule);
        if ours.iter().any(against) {
            return Err(contradiction(option));
        }
    }
    Ok([ours, theirs].concat())
}

fn narrow_bindings(ours: Vec<Binding>, theirs: Vec<Binding>) -> Result<Vec<Binding>, Error> {
    let mut bindings = ours;
    for binding in theirs {
        match bindings.iter().find(|ours| ours.name == binding.name) {
            Some(ours) if *ours != binding => return Err(contradiction("bind")),
            Some(_) => {}
            None => bindings.push(binding),
        }
    }
    Ok(bindings)
}

/// `strict` if either side has it, otherwise the value of the side that has one.
fn strictest<T: Copy + PartialEq>(ours: Option<T>, theirs: Option<T>, strict: T) -> Option<T> {
    match ours {
        Some(ours) if ours == strict => Some(ours),
        ours => theirs.or(ours),
    }
}

fn default_audience_claim() -> Option<ClaimName> {
    ClaimName::parse("aud")
}

/// The claims that `singleUse` makes required: `jti`, by which a token is recognised.
fn required_by_single_use(single_use: bool) -> Vec<ClaimName> {
    let jti = single_use.then_some("jti");
    jti.into_iter().filter_map(ClaimName::parse).collect()
}

fn default_scope_claims() -> Vec<ClaimName> {
    ["scope", "scp"]
        .into_iter()
        .filter_map(ClaimName::parse)
        .collect()
}

fn least(ours: Option<u32>, theirs: Option<u32>) -> Option<u32> {
    ours.into_iter().chain(theirs).min()
}
