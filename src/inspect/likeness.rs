//! Which token systems is this the shape of?

use crate::encoding::json::Raw;

use super::{Inspection, Kind, members};

/// The issuers of token systems, by a piece of `iss` that only theirs have.
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

/// The token systems whose shape `inspection` has, likeliest first.
pub(super) fn of(inspection: &Inspection) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut add = |looks_so: bool, system| {
        if looks_so && !found.contains(&system) {
            found.push(system);
        }
    };
    let claims = members(inspection.claims.as_deref());
    let header = members(inspection.header.as_deref());
    let text = |name| claims.get(name).and_then(Raw::as_str).unwrap_or_default();
    let iss = text("iss");
    let vtex_audience = ["admin", "webstore"].contains(&text("audience").as_ref());
    add(iss == "token-emitter", "vtex");
    add(vtex_audience && claims.get("account").is_some(), "vtex");
    add(
        claims.get("https://publiq.be/publiq-apis").is_some(),
        "publiq",
    );
    for (piece, system) in ISSUERS {
        add(iss.contains(piece), system);
    }
    add(iss.ends_with(".cashfree.com"), "cashfree");
    add(text("gty") == "client-credentials", "auth0");
    add(text("sub").ends_with("@clients"), "auth0");
    add(
        ["Bearer", "ID", "Refresh"].contains(&text("typ").as_ref()),
        "keycloak",
    );
    add(
        header
            .get("typ")
            .and_then(Raw::as_str)
            .is_some_and(|typ| typ.to_ascii_lowercase().ends_with("at+jwt")),
        "accessToken",
    );
    add(is_sample(inspection), "jwt.io");
    if inspection.kind == Kind::Opaque {
        let token = inspection
            .parts
            .first()
            .map(String::as_str)
            .unwrap_or_default();
        add(token.starts_with("tkn_"), "juspay");
        add(
            token.len() == 32 && token.bytes().all(|octet| octet.is_ascii_alphanumeric()),
            "cashfree",
        );
        add(
            token.starts_with("ek_test_") || token.starts_with("ek_live_"),
            "stripe",
        );
    }
    found
}

/// Whether these are the claims of the sample that jwt.io shows, and after it the documentation of
/// Cashfree and of VTEX.
pub(super) fn is_sample(inspection: &Inspection) -> bool {
    let claims = members(inspection.claims.as_deref());
    let is = |name, value| {
        claims
            .get(name)
            .and_then(Raw::as_str)
            .is_some_and(|v| v == value)
    };
    is("sub", "1234567890") && is("name", "John Doe")
}
