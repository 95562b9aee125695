//! Claim rules: what a policy requires of one claim.

use serde_json::Value;

pub(crate) use crate::encoding::safe_integer::MAX_SAFE_INTEGER;

use crate::claims::scope::{Scope, is_scope_token};
use crate::error::Error;
use crate::members::{Members, object, texts};

/// The characters that the text of `startsWith` may end in: without one, `repo:octo` would also be the
/// start of `repo:octocat`.
const DELIMITERS: [char; 6] = ['/', ':', '.', '#', '@', '|'];
const ENDS_IN_DELIMITER: &str = "a string, or an array of strings, that ends in a delimiter: one of \
    / : . # @ |";

/// What a policy requires of one claim.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ClaimRule {
    /// It is one of these strings, numbers and booleans.
    OneOf(Vec<Value>),
    /// It is an array that holds all of these strings and numbers, or the only one of them itself.
    Contains(Vec<Value>),
    /// It is an array that holds at least one of these strings and numbers, or one of them itself.
    ContainsAny(Vec<Value>),
    /// It is a string that starts with one of these, each of which ends in a delimiter.
    StartsWith(Vec<String>),
    /// It is a string of scope-tokens, all of these among them.
    Scope(ScopeRule),
    /// It is there, and is not an empty text, an empty array or `null`.
    NotEmpty,
    /// It is not there.
    Absent,
    /// It is not there, or is one of these.
    AbsentOr(Vec<Value>),
}

impl ClaimRule {
    /// Reads the rule that is the option at `path`.
    pub(crate) fn parse(value: Value, path: &str) -> Result<Self, Error> {
        const MUST_BE: &str = "a string, a number, a boolean, an array of those, or one of \
            { contains }, { containsAny }, { startsWith }, { scope }, { notEmpty: true }, \
            { absent: true }, { absentOr }";
        const HELD: &str = "a string or a number, or an array of those, none of them empty";
        if !value.is_object() {
            return scalars(value)
                .map(Self::OneOf)
                .ok_or_else(|| Error::policy(path.to_owned(), MUST_BE));
        }
        let mut members = Members::of(value, path)?;
        let rule = if let Some(value) = members.take("contains") {
            Self::Contains(members.must("contains", held(value), HELD)?)
        } else if let Some(value) = members.take("containsAny") {
            let any = Some(value).filter(Value::is_array).and_then(held);
            let must_be = "an array of strings and numbers, none of them empty";
            Self::ContainsAny(members.must("containsAny", any, must_be)?)
        } else if let Some(starts) = members.texts("startsWith")? {
            let ends = |start: &String| start.ends_with(DELIMITERS);
            let starts = Some(starts).filter(|starts| starts.iter().all(ends));
            Self::StartsWith(members.must("startsWith", starts, ENDS_IN_DELIMITER)?)
        } else if let Some(value) = members.take("scope") {
            Self::Scope(ScopeRule {
                all: scope_tokens(value, &members.path_of("scope"))?,
                any: Vec::new(),
            })
        } else if let Some(value) = members.take("absentOr") {
            let values = scalars(value);
            Self::AbsentOr(members.must("absentOr", values, "a value or an array of values")?)
        } else if members.take("notEmpty") == Some(Value::Bool(true)) {
            Self::NotEmpty
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
            (Some((values, _)), None) => !values.iter().any(|value| other.admits(value)),
            (None, Some((values, _))) => !values.iter().any(|value| self.admits(value)),
            (None, None) => false,
        }
    }

    /// Whether a claim that is `value`, a scalar, may satisfy this rule, which lists no values.
    fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Contains(all) => all.iter().all(|one| one == value),
            Self::ContainsAny(any) => any.contains(value),
            Self::StartsWith(starts) => {
                let text = value.as_str().unwrap_or_default();
                starts.iter().any(|start| text.starts_with(start.as_str()))
            }
            _ => true,
        }
    }

    /// The values this rule lets a claim have, and whether it lets it be absent, if it lists them.
    fn values(&self) -> Option<(&[Value], bool)> {
        match self {
            Self::OneOf(values) => Some((values, false)),
            Self::AbsentOr(values) => Some((values, true)),
            Self::Absent => Some((&[], true)),
            _ => None,
        }
    }

    /// The rule as an error or a report shows it.
    pub(crate) fn to_value(&self) -> Value {
        let (name, value) = match self {
            Self::OneOf(values) => return one_or_many(values),
            Self::Contains(all) => ("contains", all.clone().into()),
            Self::ContainsAny(any) => ("containsAny", any.clone().into()),
            Self::StartsWith(starts) => ("startsWith", one_or_many(starts)),
            Self::Scope(rule) => ("scope", rule.to_value()),
            Self::NotEmpty => ("notEmpty", true.into()),
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

/// What an array is to hold: as [`scalars`], without booleans.
fn held(value: Value) -> Option<Vec<Value>> {
    scalars(value).filter(|values| !values.iter().any(Value::is_boolean))
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
