//! Claim rules: what a policy requires of one claim.

use serde_json::Value;

use crate::claims::scope::{Scope, is_scope_token};
use crate::error::Error;
use crate::members::{Members, object, texts};

/// The largest integer below which every integer is exactly one double.
pub(crate) const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// What a policy requires of one claim.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ClaimRule {
    /// It is one of these strings, numbers and booleans.
    OneOf(Vec<Value>),
    /// It is an array that holds all of these strings.
    Contains(Vec<String>),
    /// It is an array that holds at least one of these strings.
    ContainsAny(Vec<String>),
    /// It is a string of scope-tokens, all of these among them.
    Scope(ScopeRule),
    /// It is not there.
    Absent,
    /// It is not there, or is one of these.
    AbsentOr(Vec<Value>),
}

impl ClaimRule {
    /// Reads the rule that is the option at `path`.
    pub(crate) fn parse(value: Value, path: &str) -> Result<Self, Error> {
        const MUST_BE: &str = "a string, a number, a boolean, an array of those, or one of \
            { contains }, { containsAny }, { scope }, { absent: true }, { absentOr }";
        if !value.is_object() {
            return scalars(value)
                .map(Self::OneOf)
                .ok_or_else(|| Error::policy(path.to_owned(), MUST_BE));
        }
        let mut members = Members::of(value, path)?;
        let rule = if let Some(all) = members.texts("contains")? {
            Self::Contains(all)
        } else if let Some(any) = members.list("containsAny")? {
            Self::ContainsAny(any)
        } else if let Some(value) = members.take("scope") {
            Self::Scope(ScopeRule {
                all: scope_tokens(value, &members.path_of("scope"))?,
                any: Vec::new(),
            })
        } else if let Some(value) = members.take("absentOr") {
            let values = scalars(value);
            Self::AbsentOr(members.must("absentOr", values, "a value or an array of values")?)
        } else if members.take("absent") == Some(Value::Bool(true)) {
            Self::Absent
        } else {
            return Err(Error::policy(path.to_owned(), MUST_BE));
        };
        members.finish()?;
        Ok(rule)
    }

    /// Whether no claim can satisfy both this rule and `other`.
    pub(crate) fn contradicts(&self, other: &Self) -> bool {
        match (self.values(), other.values()) {
            (Some((ours, our_absence)), Some((theirs, their_absence))) => {
                let agreed = ours.iter().any(|value| theirs.contains(value));
                !(agreed || (our_absence && their_absence))
            }
            // A string may be one of these values and hold scope-tokens too; an array may not.
            (Some((values, _)), None) => values.is_empty() || !matches!(other, Self::Scope(_)),
            (None, Some((values, _))) => values.is_empty() || !matches!(self, Self::Scope(_)),
            (None, None) => false,
        }
    }

    /// The values this rule lets a claim have, and whether it lets it be absent, if it lists them.
    fn values(&self) -> Option<(&[Value], bool)> {
        match self {
            Self::OneOf(values) => Some((values, false)),
            Self::AbsentOr(values) => Some((values, true)),
            Self::Absent => Some((&[], true)),
            Self::Contains(_) | Self::ContainsAny(_) | Self::Scope(_) => None,
        }
    }

    /// The rule as an error or a report shows it.
    pub(crate) fn to_value(&self) -> Value {
        let (name, value) = match self {
            Self::OneOf(values) => return one_or_many(values),
            Self::Contains(all) => ("contains", all.clone().into()),
            Self::ContainsAny(any) => ("containsAny", any.clone().into()),
            Self::Scope(rule) => ("scope", rule.to_value()),
            Self::Absent => ("absent", true.into()),
            Self::AbsentOr(values) => ("absentOr", one_or_many(values)),
        };
        object(vec![(name, value)])
    }
}

/// What a policy requires of the scope-tokens of a token.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ScopeRule {
    /// Every one of these.
    pub(crate) all: Vec<String>,
    /// At least one of these, unless there are none.
    pub(crate) any: Vec<String>,
}

impl ScopeRule {
    /// Reads the rule that is the option at `path`.
    pub(crate) fn parse(value: Value, path: &str) -> Result<Self, Error> {
        if !value.is_object() {
            let all = scope_tokens(value, path)?;
            return Ok(Self {
                all,
                any: Vec::new(),
            });
        }
        let mut members = Members::of(value, path)?;
        let mut tokens = |name: &str| {
            let value = members.take(name);
            let path = members.path_of(name);
            value
                .map(|value| match value {
                    Value::Array(_) => scope_tokens(value, &path),
                    _ => Err(Error::policy(path, "an array of scope-tokens")),
                })
                .transpose()
        };
        let (all, any) = (tokens("all")?, tokens("any")?);
        members.finish()?;
        if all.is_none() && any.is_none() {
            return Err(Error::policy(
                path.to_owned(),
                "{ all } or { any }, or both",
            ));
        }
        Ok(Self {
            all: all.unwrap_or_default(),
            any: any.unwrap_or_default(),
        })
    }

    /// Whether `scope` is enough.
    pub(crate) fn holds(&self, scope: &Scope<'_>) -> bool {
        let has = |wanted: &String| scope.has(wanted);
        self.all.iter().all(has) && (self.any.is_empty() || self.any.iter().any(has))
    }

    /// The rule as an error shows it: the scope-tokens required, space-delimited, or `{ any }`.
    pub(crate) fn to_value(&self) -> Value {
        if self.any.is_empty() {
            Value::from(self.all.join(" "))
        } else if self.all.is_empty() {
            object(vec![("any", self.any.clone().into())])
        } else {
            let (all, any) = (self.all.clone(), self.any.clone());
            object(vec![("all", all.into()), ("any", any.into())])
        }
    }
}

/// Scope-tokens given as one space-delimited string or as an array with one in each string.
pub(crate) fn scope_tokens(value: Value, path: &str) -> Result<Vec<String>, Error> {
    let tokens = match value {
        Value::String(text) => Some(text.split(' ').map(str::to_owned).collect()),
        value => texts(value),
    };
    let are_tokens = |tokens: &Vec<String>| tokens.iter().all(|token| is_scope_token(token));
    tokens.filter(are_tokens).ok_or_else(|| {
        let must_be = "scope-tokens: one string with single spaces between them, or an array";
        Error::policy(path.to_owned(), must_be)
    })
}

/// `values` as an array, or alone if there is one.
pub(crate) fn one_or_many<T: Clone + Into<Value>>(values: &[T]) -> Value {
    match values {
        [one] => one.clone().into(),
        many => many.iter().cloned().map(Into::into).collect(),
    }
}

/// One value or an array of them, at least one, each a string, a boolean or a number that is
/// exactly itself.
fn scalars(value: Value) -> Option<Vec<Value>> {
    let values = match value {
        Value::Array(values) => values,
        value => vec![value],
    };
    let scalar = |value: &Value| match value {
        Value::String(text) => !text.is_empty(),
        Value::Bool(_) => true,
        Value::Number(number) => number.as_f64().is_some_and(|n| n.abs() <= MAX_SAFE_INTEGER),
        _ => false,
    };
    (!values.is_empty() && values.iter().all(scalar)).then_some(values)
}
