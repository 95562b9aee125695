//! Issuers of a policy: a text, or a text with claims of the same token in it.

use std::borrow::Cow;

use serde_json::Value;

use crate::claims::{ClaimsSet, wrong_type};
use crate::encoding::octets::same_text;
use crate::encoding::text::split_once;
use crate::error::{Error, ErrorCode};

use super::recorder::Recorder;

/// An issuer that a policy accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IssuerRule {
    /// The issuer as the policy spells it.
    spelled: String,
    /// Its text up to the first placeholder, the placeholder, and so on.
    placeholders: Vec<Placeholder>,
    /// The text after the last placeholder.
    rest: String,
}

/// A claim in the text of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Placeholder {
    /// The text before it.
    before: String,
    claim: String,
}

impl IssuerRule {
    /// Reads `text`, one of the values of the option at `path`. `{tid}` in it is replaced by the
    /// claim `tid` of each token.
    pub(super) fn parse(text: String, path: &str) -> Result<Self, Error> {
        let mistake = || Error::policy(path.to_owned(), PLACEHOLDER);
        let mut placeholders = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(mistake)?;
            let is_first = placeholders.is_empty();
            let is_origin = is_first && before.is_empty() && after.starts_with('/');
            let is_in_path = !is_first || has_authority(before);
            let is_segment = before.ends_with('/') && (after.is_empty() || after.starts_with('/'));
            let is_placed = is_origin || (is_in_path && is_segment);
            if !is_placed || before.contains('}') || !is_claim(name) {
                return Err(mistake());
            }
            placeholders.push(Placeholder {
                before: before.to_owned(),
                claim: if name == ENTRA_TENANT { "tid" } else { name }.to_owned(),
            });
            rest = after;
        }
        if rest.contains('}') {
            return Err(mistake());
        }
        Ok(Self {
            rest: rest.to_owned(),
            placeholders,
            spelled: text,
        })
    }

    /// The issuer that these claims must name.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ClaimMissing`] and [`ErrorCode::ClaimMalformed`], blaming the claim of a
    /// placeholder.
    fn filled(&self, claims: &ClaimsSet<'_>) -> Result<Cow<'_, str>, Error> {
        if self.placeholders.is_empty() {
            return Ok(Cow::Borrowed(&self.spelled));
        }
        let mut issuer = String::new();
        for Placeholder { before, claim } in &self.placeholders {
            let name = || claim.clone();
            let value = claims.member(claim);
            let value = value.ok_or_else(|| Error::about(ErrorCode::ClaimMissing, name()))?;
            // Nothing before it: it is the origin, as in `{dest}/admin`.
            let (is_fit, json_type): (fn(&str) -> bool, _) = match before.is_empty() {
                true => (is_https_origin, ORIGIN),
                false => (is_plain_segment, SEGMENT),
            };
            let text = value.as_str().filter(|text| is_fit(text));
            let text = text.ok_or_else(|| wrong_type(name(), json_type, value))?;
            issuer.push_str(before);
            issuer.push_str(&text);
        }
        issuer.push_str(&self.rest);
        Ok(Cow::Owned(issuer))
    }

    /// Whether `iss` starts as this issuer does, up to its first placeholder.
    fn is_begun_by(&self, iss: &str) -> bool {
        let first = self.placeholders.first();
        first.is_some_and(|first| iss.starts_with(&first.before))
    }

    /// The issuer as an error or a report shows it: filled, if that is possible.
    fn to_value(&self, claims: &ClaimsSet<'_>) -> Value {
        let filled = self.filled(claims);
        filled.map_or_else(|_| self.spelled.clone().into(), Value::from)
    }
}

/// Checks the issuer of these claims against those allowed, if the policy lists any.
pub(super) fn check_issuers(
    claims: &ClaimsSet<'_>,
    allowed: &[IssuerRule],
    recorder: &mut Recorder,
) -> Result<(), Error> {
    const STEP: &str = "issuer";
    if allowed.is_empty() {
        recorder.skip(STEP, Some("iss"));
        return Ok(());
    }
    let iss = claims.iss.as_deref();
    let outcome = issuers_outcome(claims, iss, allowed);
    recorder.step(STEP, Some("iss"), outcome, || {
        (Some(shown(claims, allowed)), iss.map(Value::from))
    })
}

fn issuers_outcome(
    claims: &ClaimsSet<'_>,
    iss: Option<&str>,
    allowed: &[IssuerRule],
) -> Result<(), Error> {
    let expected = || shown(claims, allowed);
    let Some(iss) = iss else {
        return Err(Error::about(ErrorCode::ClaimMissing, "iss").expected(expected()));
    };
    let mut unreadable = None;
    for rule in allowed {
        match rule.filled(claims) {
            Ok(issuer) if same_text(&issuer, iss) => return Ok(()),
            Ok(_) => {}
            Err(error) if rule.is_begun_by(iss) => unreadable = unreadable.or(Some(error)),
            Err(_) => {}
        }
    }
    Err(unreadable.unwrap_or_else(|| {
        Error::about(ErrorCode::ClaimMismatch, "iss")
            .expected(expected())
            .actual(iss)
    }))
}

fn shown(claims: &ClaimsSet<'_>, allowed: &[IssuerRule]) -> Value {
    match allowed {
        [one] => one.to_value(claims),
        many => many.iter().map(|rule| rule.to_value(claims)).collect(),
    }
}

/// The placeholder in the issuer that Microsoft Entra publishes for all tenants; the claim is `tid`.
const ENTRA_TENANT: &str = "tenantid";

const PLACEHOLDER: &str = "a text in which a placeholder such as {tid} is one whole segment of the \
    path of a URL, or all that is before the path, and names a claim other than iss";

const ORIGIN: &str = "string that is an https URL without a path";

const SEGMENT: &str = "string that is one plain segment of a path";

/// Whether `before` is the start of a URL up to some segment of its path.
fn has_authority(before: &str) -> bool {
    let after_scheme = split_once(before, "://");
    after_scheme.is_some_and(|(_, rest)| rest.find('/').is_some_and(|length| length > 0))
}

/// Whether `name` can be the claim of a placeholder. `iss` would only be compared with itself.
fn is_claim(name: &str) -> bool {
    !name.is_empty() && name != "iss" && !name.contains(['{', '/'])
}

/// Whether `text` is `https://` and the name of a host, with nothing after it.
fn is_https_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").unwrap_or_default();
    let is_fit = |octet: u8| octet.is_ascii_alphanumeric() || b"-.:".contains(&octet);
    !host.is_empty() && host.bytes().all(is_fit)
}

/// Whether `text` is a segment of a path that no parser of URLs reads as anything else: unreserved
/// characters (RFC 3986 section 2.3), and neither `.` nor `..`.
fn is_plain_segment(text: &str) -> bool {
    let is_unreserved = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    !["", ".", ".."].contains(&text) && text.bytes().all(is_unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_one_segment_of_a_path() {
        for text in [
            "https://a.example",
            "https://a.example/{tid}",
            "https://a.example/{tid}/v2.0",
            "https://a.example/x/{org}/{tid}/",
            "{dest}/admin",
            "{dest}/{tid}",
            "joe",
        ] {
            assert!(
                IssuerRule::parse(text.to_owned(), "issuer").is_ok(),
                "{text}"
            );
        }
        for text in [
            "{tid}",
            "https://{tid}/",
            "https://{tid}",
            "https:///{tid}",
            "https://{tid}.a.example/",
            "https://a.example/{tid",
            "https://a.example/tid}",
            "https://a.example/}{tid}",
            "https://a.example/{}",
            "https://a.example/{iss}",
            "https://a.example/{a/b}",
            "https://a.example/{{tid}}",
            "https://a.example/x{tid}",
            "https://a.example/{tid}x",
            "https://a.example/{tid}?x",
            "/{tid}",
            "{dest}admin",
            "{dest}{tid}",
            "{iss}/",
        ] {
            assert!(
                IssuerRule::parse(text.to_owned(), "issuer").is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_plain_segment_leaves_its_place_in_a_path_alone() {
        for (text, is_plain) in [
            ("11111111-2222-4333-8444-555555555555", true),
            ("contoso.example", true),
            ("...", true),
            ("", false),
            (".", false),
            ("..", false),
            ("a/b", false),
            ("a%2Fb", false),
            ("a?b", false),
            ("a#b", false),
            ("a b", false),
            ("ä", false),
            ("{tid}", false),
        ] {
            assert_eq!(is_plain_segment(text), is_plain, "{text}");
        }
    }
}
