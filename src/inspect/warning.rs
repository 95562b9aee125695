//! What would a careful reader notice?

use serde::Serialize;

use crate::encoding::json::Raw;
use crate::jose::alg::Alg;
use crate::jose::jwk::Material;
use crate::jose::jws::{Jws, Octets};
use crate::jose::secret::KNOWN_SECRETS;
use crate::signature::{VerificationKey, verify};

use super::likeness::is_sample;
use super::{Inspection, Kind, members};

/// Something that a careful reader would notice. The text is fixed per code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warning {
    /// What it is.
    pub code: &'static str,
    /// The claim or Header Parameter that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<&'static str>,
    /// The same in a sentence.
    pub message: &'static str,
}

/// Claims that say who somebody is (OpenID Connect Core section 5.1).
const PERSONAL: [&str; 12] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "email",
    "phone_number",
    "address",
    "birthdate",
    "picture",
    "https://publiq.be/email",
];

/// Header Parameters that bring a key along, or say where to find one.
const KEYS: [&str; 4] = ["jwk", "jku", "x5u", "x5c"];

/// What may be noticed at `token`, which `inspection` has read.
pub(super) fn of(token: &str, inspection: &Inspection) -> Vec<Warning> {
    let mut warnings = Vec::new();
    match inspection.kind {
        Kind::Opaque => warnings.push(Warning {
            code: "receipt_missing",
            claim: None,
            message: "An opaque token cannot be verified by itself. Whoever obtained it from its \
                issuer can countersign it; from then on it can.",
        }),
        Kind::Jwe => warnings.push(Warning {
            code: "encrypted",
            claim: None,
            message: "An encrypted token can be read by its recipient alone.",
        }),
        Kind::Jws | Kind::Countersigned => {
            about_header(token, inspection, &mut warnings);
            about_time(inspection, &mut warnings);
            about_claims(inspection, &mut warnings);
        }
        Kind::Malformed => {}
    }
    warnings
}

fn about_header(token: &str, inspection: &Inspection, warnings: &mut Vec<Warning>) {
    if inspection.header.is_none() {
        return;
    }
    let header = members(inspection.header.as_deref());
    let alg = header.get("alg").and_then(Raw::as_str).unwrap_or_default();
    if is_sample(inspection) {
        warnings.push(Warning {
            code: "sample_token",
            claim: None,
            message: "This is the sample of jwt.io, which documentation shows in place of a real \
                token. It has no issuer, no audience and no expiry, and anyone can make it.",
        });
    }
    if has_known_secret(token, &alg) {
        warnings.push(Warning {
            code: "known_secret",
            claim: None,
            message: "It is signed with a secret that everyone knows: anyone can make such a \
                token.",
        });
    }
    if alg.eq_ignore_ascii_case("none") {
        warnings.push(Warning {
            code: "unsigned",
            claim: Some("alg"),
            message: "It is not signed: anyone can write what it says.",
        });
    } else if Alg::from_name(&alg).is_none() {
        warnings.push(Warning {
            code: "alg_not_supported",
            claim: Some("alg"),
            message: "Its algorithm is none that is implemented.",
        });
    }
    for name in KEYS.into_iter().filter(|name| header.get(name).is_some()) {
        warnings.push(Warning {
            code: "key_in_header",
            claim: Some(name),
            message: "It brings its own key, or says where to find it. Whoever made the token \
                chose that key: it is never believed.",
        });
    }
}

fn about_time(inspection: &Inspection, warnings: &mut Vec<Warning>) {
    if inspection.claims.is_none() {
        return;
    }
    let claims = members(inspection.claims.as_deref());
    if claims.get("exp").is_none() {
        warnings.push(Warning {
            code: "no_expiry",
            claim: Some("exp"),
            message: "It never expires: whoever holds it may use it for ever.",
        });
    }
    // Beyond the year 5138 in seconds; since 1973 in milliseconds.
    const MILLISECONDS: f64 = 100_000_000_000.0;
    for name in ["exp", "nbf", "iat"] {
        let secs = claims.get(name).and_then(Raw::as_f64);
        if secs.is_some_and(|secs| secs >= MILLISECONDS) {
            warnings.push(Warning {
                code: "milliseconds",
                claim: Some(name),
                message: "This reads as milliseconds. A NumericDate is in seconds.",
            });
        }
    }
    let lifetime = inspection
        .time
        .as_ref()
        .and_then(|time| Some(time.expires_at? - time.issued_at?));
    let longest = inspection
        .looks_like
        .iter()
        .find_map(|system| longest(system));
    if lifetime.is_some_and(|lifetime| longest.is_some_and(|longest| lifetime > longest)) {
        warnings.push(Warning {
            code: "lifetime_too_long",
            claim: Some("exp"),
            message: "It lives longer than the tokens of its system do.",
        });
    }
}

fn about_claims(inspection: &Inspection, warnings: &mut Vec<Warning>) {
    if inspection.claims.is_none() {
        return;
    }
    let claims = members(inspection.claims.as_deref());
    let text = |name| claims.get(name).and_then(Raw::as_str).unwrap_or_default();
    if claims.get("aud").is_none() && claims.get("audience").is_none() {
        warnings.push(Warning {
            code: "no_audience",
            claim: Some("aud"),
            message: "It does not say for whom it is: any server that trusts its issuer might take it.",
        });
    }
    let client = text("gty") == "client-credentials" || text("sub").ends_with("@clients");
    let publiq = inspection.looks_like.contains(&"publiq");
    if client || (publiq && claims.get("azp").is_some() && claims.get("nickname").is_none()) {
        warnings.push(Warning {
            code: "client_access_token",
            claim: None,
            message: "A client access token belongs in a backend. In a page anyone can take it and \
                act as the client, and its issuer does not promise that it stays readable: do not \
                build on what it says.",
        });
    }
    if claims.get("at_hash").is_some() || claims.get("c_hash").is_some() || text("typ") == "ID" {
        warnings.push(Warning {
            code: "id_token",
            claim: None,
            message: "This is an ID token. It tells a client who logged in; it opens no API.",
        });
    }
    for name in PERSONAL
        .into_iter()
        .filter(|name| claims.get(name).is_some())
    {
        warnings.push(Warning {
            code: "personal_data",
            claim: Some(name),
            message: "This says who somebody is. A token is signed, not secret.",
        });
    }
    if text("sub").contains('@') && !client {
        warnings.push(Warning {
            code: "personal_data",
            claim: Some("sub"),
            message: "This says who somebody is. A token is signed, not secret.",
        });
    }
}

/// How long the tokens of a system live at most, in seconds, by its documentation.
fn longest(system: &str) -> Option<f64> {
    const DAY: f64 = 86_400.0;
    match system {
        "vtex" | "publiq" => Some(DAY),
        "juspay" => Some(900.0),
        _ => None,
    }
}

fn has_known_secret(token: &str, alg: &str) -> bool {
    let alg = match Alg::from_name(alg) {
        Some(alg @ (Alg::Hs256 | Alg::Hs384 | Alg::Hs512)) => alg,
        _ => return false,
    };
    let signed = token.split_once('~').map_or(token, |(receipt, _)| receipt);
    let mut octets = Octets::default();
    let Ok(jws) = Jws::parse(signed, &mut octets) else {
        return false;
    };
    KNOWN_SECRETS.iter().any(|secret| {
        let key = VerificationKey::new(&Material::Secret(secret.as_bytes().to_owned()));
        key.is_ok_and(|key| {
            verify(&key, alg, jws.signing_input.as_bytes(), &octets.signature).is_ok()
        })
    })
}
