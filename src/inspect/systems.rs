//! Token systems recognised by the shape of a token: its issuer, its claims, its prefix.

use crate::encoding::text::contains;
use crate::profile::SYSTEMS;

use super::contents::{Contents, Kind};

/// The systems that can be recognised and have no profile.
#[cfg(test)]
const WITHOUT_PROFILE: [&str; 2] = ["jwt.io", "stripe"];

/// Every system that can be recognised, as the TypeScript type `System` lists them.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let with_profile = SYSTEMS.iter().map(|system| system.name);
    with_profile.chain(WITHOUT_PROFILE)
}

/// How a text tells a system.
#[derive(Clone, Copy)]
enum Sign {
    Is,
    Starts,
    Ends,
}
use Sign::{Ends, Is, Starts};

/// Claims that tell a system, by what their text is. Any value starts with "".
const SIGNS: [(&str, Sign, &str, &str); 11] = [
    ("sub", Starts, "system:serviceaccount:", "kubernetes"),
    ("sub", Starts, "spiffe://", "spiffe"),
    ("dest", Ends, ".myshopify.com", "shopify"),
    ("cid", Starts, "", "okta"),
    ("sid", Starts, "sess_", "clerk"),
    ("token_use", Starts, "", "cognito"),
    ("gty", Is, "client-credentials", "auth0"),
    ("sub", Ends, "@clients", "auth0"),
    ("typ", Is, "Bearer", "keycloak"),
    ("typ", Is, "ID", "keycloak"),
    ("typ", Is, "Refresh", "keycloak"),
];

/// Starts of opaque tokens.
const PREFIXES: [(&str, &str); 6] = [
    ("tkn_", "juspay"),
    ("ek_test_", "stripe"),
    ("ek_live_", "stripe"),
    ("oat_", "clerk"),
    ("mt_", "clerk"),
    ("ya29.", "google"),
];

/// The token systems whose shape `contents` have, likeliest first.
pub(super) fn of(contents: &Contents<'_>) -> Vec<&'static str> {
    let has = |name| contents.claim(name).is_some();
    let mut found = Vec::new();
    let iss = contents.claim_text("iss");
    let audience = contents.claim_text("audience");
    let is_vtex = ["admin", "webstore"].contains(&audience.as_ref()) && has("account");
    found.extend((is_vtex || iss == "token-emitter").then_some("vtex"));
    found.extend(has("https://publiq.be/publiq-apis").then_some("publiq"));
    let is_named = |pieces: &[&str]| pieces.iter().any(|piece| contains(&iss, piece));
    let named = SYSTEMS.iter().filter(|system| is_named(system.issuers));
    found.extend(named.map(|system| system.name));
    found.extend(SIGNS.iter().filter_map(|sign| recognised(contents, sign)));
    let typ = contents.parameter_text("typ").to_ascii_lowercase();
    found.extend(typ.ends_with("at+jwt").then_some("accessToken"));
    found.extend(is_sample(contents).then_some("jwt.io"));
    if contents.kind == Kind::Opaque {
        let token = contents.token;
        let prefixed = PREFIXES
            .iter()
            .filter(|(start, _)| token.starts_with(start));
        found.extend(prefixed.map(|(_, system)| *system));
        let is_alphanumeric = token.bytes().all(|octet| octet.is_ascii_alphanumeric());
        found.extend((token.len() == 32 && is_alphanumeric).then_some("cashfree"));
    }
    without_repetition(found)
}

/// The system whose sign a claim of `contents` bears.
fn recognised(
    contents: &Contents<'_>,
    (claim, sign, wanted, system): &(&str, Sign, &str, &'static str),
) -> Option<&'static str> {
    contents.claim(claim)?;
    let text = contents.claim_text(claim);
    let matches = match sign {
        Is => text == *wanted,
        Starts => text.starts_with(wanted),
        Ends => text.ends_with(wanted),
    };
    matches.then_some(*system)
}

fn without_repetition(all: Vec<&'static str>) -> Vec<&'static str> {
    let mut once = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
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
        let mut listed = union_members("System");
        listed.sort_unstable();
        let mut all: Vec<_> = names().collect();
        all.sort_unstable();
        assert_eq!(listed, all);
    }
}
