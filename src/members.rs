//! Options objects: known members alone, each of its type.

use serde_json::{Map, Value};

use crate::error::{Error, ErrorCode};

/// The members of one options object, taken out one by one; a member left over is a mistake.
#[derive(Debug)]
pub(crate) struct Members {
    path: String,
    /// Sorted by name; `None` for those that were taken.
    members: Vec<(String, Option<Value>)>,
    code: ErrorCode,
}

impl Members {
    /// The members of `value`, the option at `path` (`""` for the options themselves).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`] if `value` is not an object.
    pub(crate) fn of(value: Value, path: &str) -> Result<Self, Error> {
        match value {
            Value::Object(map) => Ok(Self {
                path: path.to_owned(),
                members: map
                    .into_iter()
                    .map(|(name, value)| (name, Some(value)))
                    .collect(),
                code: ErrorCode::PolicyInvalid,
            }),
            _ => Err(Error::policy(path.to_owned(), "an object")),
        }
    }

    /// These members; a mistake in them is one of a key.
    pub(crate) fn of_keys(self) -> Self {
        Self {
            code: ErrorCode::KeysInvalid,
            ..self
        }
    }

    /// The mistake that the member called `name` is not `must_be`.
    #[cold]
    #[inline(never)]
    pub(crate) fn mistake(&self, name: &str, must_be: &'static str) -> Error {
        Error::about(self.code, self.path_of(name)).expected(must_be)
    }

    /// The path of the member called `name` among the options.
    #[inline(never)]
    pub(crate) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// The member called `name`, of any type.
    #[inline(never)]
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let named = |(other, _): &(String, _)| other.as_str().cmp(name);
        let place = self.members.binary_search_by(named).ok()?;
        self.members.get_mut(place)?.1.take()
    }

    /// The member called `name` as a string that is not empty.
    #[inline(never)]
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.take(name)
            .map(|value| match value {
                Value::String(text) if !text.is_empty() => Ok(text),
                _ => Err(self.mistake(name, "a string that is not empty")),
            })
            .transpose()
    }

    /// The member called `name` as one string or an array of them, none empty, at least one.
    #[inline(never)]
    pub(crate) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Error> {
        self.take(name)
            .map(|value| {
                texts(value).ok_or_else(|| {
                    self.mistake(name, "a string or an array of strings, none of them empty")
                })
            })
            .transpose()
    }

    /// The member called `name` as an array of strings, none empty, at least one.
    #[inline(never)]
    pub(crate) fn list(&mut self, name: &str) -> Result<Option<Vec<String>>, Error> {
        self.take(name)
            .map(|value| {
                Some(value)
                    .filter(Value::is_array)
                    .and_then(texts)
                    .ok_or_else(|| self.mistake(name, "an array of strings, none of them empty"))
            })
            .transpose()
    }

    /// The member called `name` as a whole number from `least` to `most`; `must_be` says so.
    #[inline(never)]
    pub(crate) fn whole(
        &mut self,
        name: &str,
        (least, most): (u32, u32),
        must_be: &'static str,
    ) -> Result<Option<u32>, Error> {
        self.take(name)
            .map(|value| {
                value
                    .as_u64()
                    .and_then(|number| u32::try_from(number).ok())
                    .filter(|number| (least..=most).contains(number))
                    .ok_or_else(|| self.mistake(name, must_be))
            })
            .transpose()
    }

    /// The member called `name` as one of the words of `choices`; `must_be` names them.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &str,
        choices: &[(&str, T)],
        must_be: &'static str,
    ) -> Result<Option<T>, Error> {
        self.take(name)
            .map(|value| {
                choices
                    .iter()
                    .find_map(|(word, choice)| (value == *word).then_some(*choice))
                    .ok_or_else(|| self.mistake(name, must_be))
            })
            .transpose()
    }

    /// The member called `name` as a boolean.
    #[inline(never)]
    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, Error> {
        self.take(name)
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| self.mistake(name, "true or false"))
            })
            .transpose()
    }

    /// `value` of the member called `name`, which may not be left out.
    pub(crate) fn must<T>(
        &self,
        name: &str,
        value: Option<T>,
        must_be: &'static str,
    ) -> Result<T, Error> {
        value.ok_or_else(|| self.mistake(name, must_be))
    }

    /// The members that were not taken, where any member is allowed.
    pub(crate) fn into_rest(self) -> impl Iterator<Item = (String, Value)> {
        let rest = self.members.into_iter();
        rest.filter_map(|(name, value)| Some((name, value?)))
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// The first member that was not taken, by name.
    #[inline(never)]
    pub(crate) fn finish(self) -> Result<(), Error> {
        match self.members.iter().find(|(_, value)| value.is_some()) {
            Some((name, _)) => Err(self.mistake(name, "left out: there is no such member")),
            None => Ok(()),
        }
    }
}

/// The object of these members. A function, because each use of `json!` would be expanded in
/// place.
#[inline(never)]
pub(crate) fn object(members: Vec<(&str, Value)>) -> Value {
    let mut map = Map::new();
    for (name, value) in members {
        map.insert(name.to_owned(), value);
    }
    Value::Object(map)
}

/// One string or an array of them, none empty, at least one.
#[inline(never)]
pub(crate) fn texts(value: Value) -> Option<Vec<String>> {
    let values = match value {
        Value::Array(values) => values,
        value => vec![value],
    };
    let texts: Option<Vec<String>> = values
        .into_iter()
        .map(|value| match value {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => None,
        })
        .collect();
    texts.filter(|texts| !texts.is_empty())
}

/// The members of a union of strings in `pkg/src/types.ts`.
#[cfg(test)]
pub(crate) fn union_members(name: &str) -> Vec<&'static str> {
    let types = include_str!("../pkg/src/types.ts");
    let start = format!("export type {name} =\n");
    let union = types.split_once(&start).map_or("", |(_, rest)| rest);
    let lines = union.lines().take_while(|line| line.starts_with("  | "));
    let quoted = lines.flat_map(|line| line.split('\'').skip(1).step_by(2));
    quoted.collect()
}

/// The members of the TypeScript interface called `name`, in their order.
#[cfg(test)]
pub(crate) fn interface_members(name: &str) -> Vec<&'static str> {
    let types = include_str!("../pkg/src/types.ts");
    let start = format!("export interface {name} {{\n");
    let (_, body) = types.split_once(&start).unwrap_or_default();
    let (body, _) = body.split_once("\n}").unwrap_or_default();
    let named = body.lines().filter_map(|line| {
        let line = line.strip_prefix("  ")?;
        let (name, _) = line.split_once(':')?;
        Some(name.trim_end_matches('?'))
    });
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(char::is_alphanumeric);
    named.filter(is_name).collect()
}
