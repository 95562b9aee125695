//! Keycloak access tokens.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{
    asymmetric, contains, is_base_url, is_segment, keys_at, refuse_id_tokens, rules, text_that,
};
use super::{bearer, without_absent};

/// The profile of Keycloak access tokens: `{ url, realm, audience? | client?, roles?, realmRoles?, scope? }`.
///
/// `audience` is held against `aud`, which Keycloak fills only where a mapper says so; `client` against
/// `azp`, the client that asked for the token. One of them at least. `roles` are those of the client
/// called as the audience, or else as `client`; `realmRoles` those of the realm. The payload has `typ`
/// Bearer: ID tokens and refresh tokens are refused.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn keycloak(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let must_be = "the URL of the server as browsers see it, without a slash at its end";
    let url = text_that(&mut options, "url", is_base_url, must_be)?;
    let must_be = "the name of a realm";
    let realm = text_that(&mut options, "realm", is_segment, must_be)?;
    let audience = options.text("audience")?;
    let client = options.text("client")?;
    let roles = options.texts("roles")?;
    let realm_roles = options.texts("realmRoles")?;
    let scope = options.take("scope");
    let of_roles = audience.clone().or_else(|| client.clone());
    let of_roles = options.must("audience", of_roles, "given, unless `client` is")?;
    options.finish()?;
    let issuer = format!("{url}/realms/{realm}");
    let pointer = format!("/resource_access/{}/roles", escaped(&of_roles));
    let mut permissions = Vec::new();
    permissions.extend(roles.map(|all| (pointer.as_str(), contains(all))));
    permissions.extend(realm_roles.map(|all| ("/realm_access/roles", contains(all))));
    let mut claims = vec![("typ", "Bearer".into())];
    refuse_id_tokens(&mut claims);
    if let (Some(_), Some(client)) = (&audience, &client) {
        claims.push(("azp", client.as_str().into()));
    }
    let audience_claim = if audience.is_some() { "aud" } else { "azp" };
    let certs = format!("{issuer}/protocol/openid-connect/certs");
    Ok(without_absent(vec![
        ("audience", audience.or(client).into()),
        ("audienceClaim", audience_claim.into()),
        ("algorithms", asymmetric()),
        ("scope", scope.into()),
        ("scopeClaims", vec!["scope"].into()),
        ("claims", rules(claims)),
        ("permissions", rules(permissions)),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        ("keys", keys_at(&certs, issuer.clone())),
        ("issuer", issuer.into()),
    ]))
}

/// A Reference Token of a JSON Pointer (RFC 6901 section 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
