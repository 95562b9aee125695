//! GitHub Actions ID tokens.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{is_base_url, is_digits, keys_at, names, one_of, rules, text_if_given, texts_that};
use super::{bearer, without_absent};

/// The profile of GitHub Actions ID tokens: `{ audience, repositoryId | ownerId, ref?, environment?, workflowRef?, issuer? }`.
///
/// Repositories and owners by their ids, of digits: a name can be taken over by another owner. `audience`
/// is one that the workflow asks for: the default one is the owner's URL, which every other receiver
/// accepts too. `workflowRef` is held against `job_workflow_ref`. `issuer` is that of an Enterprise
/// Server.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn github_actions(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    const ID: &str = "an id of digits, as text, or several: not a name";
    let must_be = "an audience of your own, which the workflow asks for";
    let audience = names(&mut options, "audience", must_be)?;
    let mut claims = Vec::new();
    let repository = texts_that(&mut options, "repositoryId", is_digits, ID)?;
    let owner = texts_that(&mut options, "ownerId", is_digits, ID)?;
    if repository.is_none() && owner.is_none() {
        return Err(options.mistake("repositoryId", "given, unless `ownerId` is"));
    }
    let given = [
        ("repository_id", repository),
        ("repository_owner_id", owner),
        ("ref", options.texts("ref")?),
        ("environment", options.texts("environment")?),
        ("job_workflow_ref", options.texts("workflowRef")?),
    ];
    for (claim, values) in given {
        claims.extend(values.map(|values| (claim, one_of(&values))));
    }
    let must_be = "the URL of the issuer, without a slash at its end";
    let issuer = text_if_given(&mut options, "issuer", is_base_url, must_be)?;
    options.finish()?;
    let issuer =
        issuer.unwrap_or_else(|| "https://token.actions.githubusercontent.com".to_owned());
    Ok(without_absent(vec![
        ("audience", one_of(&audience)),
        ("algorithms", vec!["RS256"].into()),
        ("claims", rules(claims)),
        ("requiredClaims", vec!["sub", "jti"].into()),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        (
            "keys",
            keys_at(&format!("{issuer}/.well-known/jwks"), issuer.clone()),
        ),
        ("issuer", issuer.into()),
    ]))
}
