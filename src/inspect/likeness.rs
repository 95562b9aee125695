//! Token systems recognised by the shape of a token: its issuer, its claims, its prefix.

use crate::profile::SYSTEMS;

use super::Kind;
use super::contents::Contents;

/// The systems that can be recognised and have no profile.
#[cfg(test)]
const WITHOUT_PROFILE: [&str; 2] = ["jwt.io", "stripe"];

/// Every system that can be recognised, as the TypeScript type `System` lists them.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let with_profile = SYSTEMS.iter().map(|system| system.name);
    with_profile.chain(WITHOUT_PROFILE)
}

/// The token systems whose shape `contents` have, likeliest first.
pub(super) fn of(contents: &Contents<'_>) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut add = |looks_so: bool, system| {
        if looks_so && !found.contains(&system) {
            found.push(system);
        }
    };
    let text = |name| contents.claim_text(name);
    let has = |name| contents.claim(name).is_some();
    let iss = text("iss");
    let vtex_audience = ["admin", "webstore"].contains(&text("audience").as_ref());
    add(iss == "token-emitter", "vtex");
    add(vtex_audience && has("account"), "vtex");
    add(has("https://publiq.be/publiq-apis"), "publiq");
    for system in &SYSTEMS {
        let is_its_own = system.issuers.iter().any(|piece| iss.contains(piece));
        add(is_its_own, system.name);
    }
    add(
        text("sub").starts_with("system:serviceaccount:"),
        "kubernetes",
    );
    add(text("sub").starts_with("spiffe://"), "spiffe");
    add(text("dest").ends_with(".myshopify.com"), "shopify");
    add(has("cid") && has("uid") && has("scp"), "okta");
    add(text("sid").starts_with("sess_") && has("azp"), "clerk");
    add(has("token_use") && has("origin_jti"), "cognito");
    add(text("gty") == "client-credentials", "auth0");
    add(text("sub").ends_with("@clients"), "auth0");
    let keycloak_types = ["Bearer", "ID", "Refresh"];
    add(keycloak_types.contains(&text("typ").as_ref()), "keycloak");
    let typ = contents.parameter_text("typ").to_ascii_lowercase();
    add(typ.ends_with("at+jwt"), "accessToken");
    add(is_sample(contents), "jwt.io");
    if contents.kind == Kind::Opaque {
        let token = contents.token;
        let is_alphanumeric = token.bytes().all(|octet| octet.is_ascii_alphanumeric());
        add(token.starts_with("tkn_"), "juspay");
        add(token.len() == 32 && is_alphanumeric, "cashfree");
        let stripe = ["ek_test_", "ek_live_"];
        add(
            stripe.iter().any(|start| token.starts_with(start)),
            "stripe",
        );
    }
    found
}

/// Whether the claims are those of jwt.io's sample, which the documentation of Cashfree and of VTEX
/// shows too.
pub(super) fn is_sample(contents: &Contents<'_>) -> bool {
    contents.claim_text("sub") == "1234567890" && contents.claim_text("name") == "John Doe"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::members::union_members;

    #[test]
    fn the_package_lists_every_system() {
        let mut listed = union_members("System");
        listed.sort_unstable();
        let mut all: Vec<_> = names().collect();
        all.sort_unstable();
        assert_eq!(listed, all);
    }
}
