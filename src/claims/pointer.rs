//! JSON Pointer into the claims ([RFC 6901]).
//!
//! [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901

use std::fmt;

use crate::encoding::json::{Object, Raw};

/// How a policy names a claim: by its Claim Name, or by a JSON Pointer if it starts with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimName {
    spelled: String,
    /// The Reference Tokens; one for a plain Claim Name.
    path: Vec<String>,
}

impl ClaimName {
    /// Reads `text`, or `None` if it is a JSON Pointer with a `~` that escapes nothing, or empty.
    // Compiled with the crates that call it, for size.
    #[inline]
    pub fn parse(text: &str) -> Option<Self> {
        let path = match text.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(unescape).collect::<Option<_>>()?,
            None if text.is_empty() => return None,
            None => vec![text.to_owned()],
        };
        Some(Self {
            spelled: text.to_owned(),
            path,
        })
    }

    /// The name as the policy spells it.
    pub fn as_str(&self) -> &str {
        &self.spelled
    }

    /// The value of the claim with this name.
    pub fn find<'a>(&self, claims: &Object<'a>) -> Option<Raw<'a>> {
        claims.find(&self.path)
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelled)
    }
}

#[inline]
fn unescape(reference_token: &str) -> Option<String> {
    let mut parts = reference_token.split('~');
    let mut text = parts.next()?.to_owned();
    for part in parts {
        let (escaped, rest) = match part.strip_prefix('0') {
            Some(rest) => ('~', rest),
            None => ('/', part.strip_prefix('1')?),
        };
        text.push(escaped);
        text.push_str(rest);
    }
    Some(text)
}
