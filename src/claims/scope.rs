//! Space-delimited scope-tokens ([RFC 6749 section 3.3]).
//!
//! [RFC 6749 section 3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3

use std::borrow::Cow;

use crate::encoding::limits::MAX_SCOPE_TOKENS;
use crate::error::{Error, ErrorCode};

use super::pointer::ClaimName;
use super::{ClaimsSet, wrong_type};

/// Reads the scope-tokens of the claims called `names`, those present merged in their order.
///
/// # Errors
///
/// [`ErrorCode::ClaimMalformed`] for a claim that is neither a string of scope-tokens with single
/// spaces between them nor an array of strings; [`ErrorCode::TokenTooLarge`] for more than the
/// limit.
pub(crate) fn read<'a>(
    claims: &ClaimsSet<'a>,
    names: &[ClaimName],
) -> Result<Vec<Cow<'a, str>>, Error> {
    let mut tokens: Vec<Cow<'a, str>> = Vec::new();
    for name in names {
        let Some(value) = claims.get(name) else {
            continue;
        };
        let found = match value.as_str() {
            Some(text) => split(text),
            None => value.as_strings(),
        };
        let found = found.ok_or_else(|| {
            let must_be = "scope-tokens: string or array of strings";
            wrong_type(name.to_string(), must_be, value)
        })?;
        if tokens.is_empty() {
            tokens = found;
        } else {
            tokens.extend(found);
        }
        if tokens.len() > MAX_SCOPE_TOKENS {
            return Err(Error::about(ErrorCode::TokenTooLarge, name.to_string())
                .expected(MAX_SCOPE_TOKENS)
                .actual(tokens.len()));
        }
    }
    Ok(tokens)
}

/// The scope-tokens of `text`, or `None` if anything but single spaces stands between them. The
/// empty text holds none.
pub(crate) fn split(text: Cow<'_, str>) -> Option<Vec<Cow<'_, str>>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    match text {
        Cow::Borrowed(text) => pieces(text).map(|piece| piece.map(Cow::Borrowed)).collect(),
        Cow::Owned(text) => pieces(&text)
            .map(|piece| piece.map(|piece| Cow::Owned(piece.to_owned())))
            .collect(),
    }
}

fn pieces(text: &str) -> impl Iterator<Item = Option<&str>> {
    text.split(' ')
        .map(|piece| is_scope_token(piece).then_some(piece))
}

/// Whether `text` is one scope-token: visible ASCII without `"` and `\`.
pub(crate) fn is_scope_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|octet| matches!(octet, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}
