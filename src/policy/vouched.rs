//! The issuers that a key vouches for, compared with the `iss` of a token.

use crate::claims::ClaimsSet;
use crate::encoding::json::Raw;
use crate::encoding::octets::same_text;
use crate::encoding::text::split_once;
use crate::error::{Error, ErrorCode};

use super::claim_checks::check_member;
use super::recorder::Recorder;

/// The issuers that a key vouches for. Where both are stated, both must hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vouched<'k> {
    /// Those that the caller tagged it with.
    pub(crate) tagged: Option<&'k [String]>,
    /// The one that its JWK names. `{tenantid}` in it is replaced by the token's `tid`.
    pub(crate) named: Option<&'k str>,
}

impl Vouched<'_> {
    /// Every issuer.
    pub(crate) const ANY: Self = Self {
        tagged: None,
        named: None,
    };

    /// Whether the key vouches for the issuer of these claims.
    pub(crate) fn accepts(&self, claims: &ClaimsSet<'_>) -> bool {
        let iss = claims.iss.as_deref();
        let is_tagged = |tagged: &[String]| tagged.iter().any(|one| iss == Some(one.as_str()));
        let is_named = |named| {
            let tid = claims.member("tid").and_then(Raw::as_str);
            iss.is_some_and(|iss| is_issuer(named, tid.as_deref(), iss))
        };
        self.tagged.is_none_or(is_tagged) && self.named.is_none_or(is_named)
    }

    /// Compares the issuer of these claims.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ClaimMissing`] and [`ErrorCode::ClaimMismatch`], blaming `iss`.
    pub(super) fn check(
        &self,
        claims: &ClaimsSet<'_>,
        recorder: &mut Recorder,
    ) -> Result<(), Error> {
        let iss = claims.iss.as_deref();
        if let Some(tagged) = self.tagged {
            check_member(STEP, "iss", iss, tagged, recorder)?;
        }
        let Some(named) = self.named else {
            return Ok(());
        };
        let tid = claims.member("tid").and_then(Raw::as_str);
        let tid = tid.as_deref();
        let outcome = match iss {
            None => {
                Err(Error::about(ErrorCode::ClaimMissing, "iss").expected(with_tenant(named, tid)))
            }
            Some(iss) if is_issuer(named, tid, iss) => Ok(()),
            Some(iss) => Err(Error::about(ErrorCode::ClaimMismatch, "iss")
                .expected(with_tenant(named, tid))
                .actual(iss)),
        };
        recorder.step(STEP, Some("iss"), outcome, || {
            (Some(with_tenant(named, tid).into()), iss.map(Into::into))
        })
    }
}

/// The check that reports name.
const STEP: &str = "key_issuer";

/// The part of an issuer that stands for a tenant.
const TENANT: &str = "{tenantid}";

/// Whether `iss` is `named` with the tenant put in. Without a tenant, no `iss` is an issuer that needs
/// one.
fn is_issuer(named: &str, tid: Option<&str>, iss: &str) -> bool {
    let Some((before, after)) = split_once(named, TENANT) else {
        return same_text(named, iss);
    };
    let rest = || {
        let tid = tid.filter(|tid| !tid.is_empty())?;
        iss.strip_prefix(before)?.strip_prefix(tid)
    };
    rest().is_some_and(|rest| is_issuer(after, tid, rest))
}

/// `named` with the tenant put in, if there is one.
fn with_tenant(named: &str, tid: Option<&str>) -> String {
    let mut completed = String::new();
    let mut rest = named;
    while let Some((tid, (before, after))) = tid.zip(split_once(rest, TENANT)) {
        completed.push_str(before);
        completed.push_str(tid);
        rest = after;
    }
    completed.push_str(rest);
    completed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_of_a_token_completes_the_issuer_of_its_key() {
        let v2 = "https://login.example/{tenantid}/v2.0";
        for (named, tid, iss, is_same) in [
            ("https://a.example", None, "https://a.example", true),
            ("https://a.example", None, "https://a.example/", false),
            (v2, Some("t"), "https://login.example/t/v2.0", true),
            (v2, Some("t"), "https://login.example/u/v2.0", false),
            (v2, Some("t"), "https://login.example/t/v2.0/x", false),
            (v2, Some(""), "https://login.example//v2.0", false),
            (v2, None, "https://login.example/t/v2.0", false),
            (v2, None, v2, false),
            (
                v2,
                Some("{tenantid}"),
                "https://login.example/t/v2.0",
                false,
            ),
            ("{tenantid}/{tenantid}", Some("t"), "t/t", true),
            ("{tenantid}/{tenantid}", Some("t"), "t/u", false),
        ] {
            assert_eq!(is_issuer(named, tid, iss), is_same, "{named} {tid:?} {iss}");
        }
    }
}
