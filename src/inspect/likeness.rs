//! Token systems recognised by the shape of a token: its issuer, its claims, its prefix.

use super::Kind;
use super::contents::Contents;

/// Every system that can be recognised, as the TypeScript type `System` lists them.
#[cfg(test)]
pub(super) const SYSTEMS: [&str; 16] = [
    "publiq",
    "auth0",
    "keycloak",
    "cognito",
    "entra",
    "googleIap",
    "firebase",
    "cloudflareAccess",
    "supabase",
    "shopify",
    "juspay",
    "vtex",
    "cashfree",
    "accessToken",
    "jwt.io",
    "stripe",
];

/// Token systems by a part of `iss` that only their tokens have.
const ISSUERS: [(&str, &str); 15] = [
    ("uitid.be/", "publiq"),
    ("publiq.eu.auth0.com/", "publiq"),
    ("publiq-test.eu.auth0.com/", "publiq"),
    ("publiq-acc.eu.auth0.com/", "publiq"),
    (".auth0.com/", "auth0"),
    ("/realms/", "keycloak"),
    ("https://cognito-idp.", "cognito"),
    ("https://login.microsoftonline.com/", "entra"),
    ("https://sts.windows.net/", "entra"),
    ("https://cloud.google.com/iap", "googleIap"),
    ("https://securetoken.google.com/", "firebase"),
    (".cloudflareaccess.com", "cloudflareAccess"),
    (".supabase.co/auth/", "supabase"),
    (".myshopify.com", "shopify"),
    (".juspay.in", "juspay"),
];

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
    for (piece, system) in ISSUERS {
        add(iss.contains(piece), system);
    }
    add(iss.ends_with(".cashfree.com"), "cashfree");
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
    use crate::members::union_members;

    #[test]
    fn the_package_lists_every_system() {
        assert_eq!(union_members("System"), SYSTEMS);
        assert!(ISSUERS.iter().all(|(_, system)| SYSTEMS.contains(system)));
        let source = include_str!("likeness.rs");
        let (code, _) = source
            .split_once("#[cfg(test)]\nmod tests")
            .unwrap_or_default();
        for system in SYSTEMS {
            // Once in the list, and where it is recognised.
            let count = code.matches(&format!("\"{system}\"")).count();
            assert!(count > 1, "{system} is not recognised anywhere");
        }
    }
}
