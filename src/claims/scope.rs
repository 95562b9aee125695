//! Scope: space-delimited scope-tokens ([RFC 6749 section 3.3]).
//!
//! [RFC 6749 section 3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3

use std::borrow::Cow;
use std::fmt;

use crate::encoding::limits::MAX_SCOPE_TOKENS;
use crate::encoding::octets::{position, same_text};
use crate::error::{Error, ErrorCode};

use super::pointer::ClaimName;
use super::{ClaimsSet, wrong_type};

/// Scope-tokens in their order.
#[derive(Clone, Debug)]
pub enum Scope<'a> {
    /// One text, with one or more spaces between them.
    Text(&'a str),
    List(Vec<Cow<'a, str>>),
}

impl<'a> Scope<'a> {
    /// No scope-token.
    pub const NOTHING: Self = Self::Text("");

    /// Reads the scope-tokens of the claims called `names`, those present merged in their order.
    ///
    /// Unless scope `is_required`, a malformed claim adds no scope-token and is not refused.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ClaimMalformed`] for a claim that is neither a string of scope-tokens with
    /// spaces between them nor an array of strings; [`ErrorCode::TokenTooLarge`] for more than the
    /// limit.
    pub fn read(
        claims: &ClaimsSet<'a>,
        names: &[ClaimName],
        is_required: bool,
    ) -> Result<Self, Error> {
        let mut scope = Self::NOTHING;
        for name in names {
            let Some(value) = claims.get(name) else {
                continue;
            };
            let found = match value.as_str() {
                Some(text) => Self::split(text),
                None => value.as_strings().map(Self::List),
            };
            let Some(found) = found else {
                if is_required {
                    let must_be = "scope-tokens: string or array of strings";
                    return Err(wrong_type(name.to_string(), must_be, value));
                }
                continue;
            };
            scope = scope.and(found);
            let count = scope.count();
            if count > MAX_SCOPE_TOKENS {
                return Err(Error::about(ErrorCode::TokenTooLarge, name.to_string())
                    .expected(MAX_SCOPE_TOKENS)
                    .actual(count));
            }
        }
        Ok(scope)
    }

    /// The scope-tokens of `text`, or `None` if it holds anything but scope-tokens and spaces. A
    /// run of spaces is one separator; before the first and after the last it separates nothing.
    pub fn split(text: Cow<'a, str>) -> Option<Self> {
        let is_known = |octet| octet == b' ' || is_scope_octet(octet);
        if !text.bytes().all(is_known) {
            return None;
        }
        Some(match text {
            Cow::Borrowed(text) => Self::Text(text),
            Cow::Owned(text) => {
                let owned = |token: &str| Cow::Owned(token.to_owned());
                Self::List(tokens(&text).map(owned).collect())
            }
        })
    }

    /// Each scope-token.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (text, list) = match self {
            Self::Text(text) => (*text, [].as_slice()),
            Self::List(list) => ("", list.as_slice()),
        };
        tokens(text).chain(list.iter().map(AsRef::as_ref))
    }

    /// Whether `wanted` is one of them.
    ///
    /// Not inlined: its callers are compiled for size.
    #[inline(never)]
    pub fn has(&self, wanted: &str) -> bool {
        self.iter().any(|token| same_text(token, wanted))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Text(text) => {
                let is_start = |pair: &&[u8]| matches!(pair, [b' ', after] if *after != b' ');
                let starts = text.as_bytes().windows(2).filter(is_start).count();
                starts + usize::from(!text.is_empty() && !text.starts_with(' '))
            }
            Self::List(list) => list.len(),
        }
    }

    /// The scope-tokens of this scope and then those of the `other`.
    fn and(self, other: Self) -> Self {
        if let Self::Text("") = self {
            return other;
        }
        let mut list = self.into_list();
        list.extend(other.into_list());
        Self::List(list)
    }

    fn into_list(self) -> Vec<Cow<'a, str>> {
        match self {
            Self::Text(text) => tokens(text).map(Cow::Borrowed).collect(),
            Self::List(list) => list,
        }
    }
}

/// With single spaces between them.
impl fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, token) in self.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { " " })?;
            f.write_str(token)?;
        }
        Ok(())
    }
}

/// The scope-tokens of a text, between its spaces.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.bytes().position(|octet| octet != b' ')?;
        rest = rest.get(start..)?;
        let end = position(rest.as_bytes(), b' ');
        let (token, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        rest = after;
        Some(token)
    })
}

/// Whether `text` is one scope-token: visible ASCII without `"` and `\`.
pub fn is_scope_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_scope_octet)
}

fn is_scope_octet(octet: u8) -> bool {
    matches!(octet, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of up to five of the characters that matter; the splitting of the standard library
    /// is the oracle.
    #[test]
    fn a_run_of_spaces_separates_two_scope_tokens() {
        let mut texts = vec![String::new()];
        let (mut good, mut start) = (0, 0);
        for _ in 0..5 {
            let end = texts.len();
            for text in texts.get(start..end).unwrap_or_default().to_vec() {
                texts.extend(
                    " ab\"\\!\t\u{7f}é"
                        .chars()
                        .map(|next| format!("{text}{next}")),
                );
            }
            start = end;
        }
        for text in &texts {
            let expected: Vec<_> = text.split(' ').filter(|token| !token.is_empty()).collect();
            let is_good = expected.iter().all(|token| is_scope_token(token));
            for spelled in [Cow::Borrowed(text.as_str()), Cow::Owned(text.clone())] {
                let scope = Scope::split(spelled);
                assert_eq!(scope.is_some(), is_good, "{text:?}");
                let Some(scope) = scope else { continue };
                assert_eq!(scope.iter().collect::<Vec<_>>(), expected);
                assert_eq!(scope.count(), expected.len());
                assert_eq!(scope.to_string(), expected.join(" "));
                good += 1;
            }
        }
        assert!(good > 500 && good < 2 * texts.len());
    }
}
