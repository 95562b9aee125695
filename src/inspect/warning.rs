//! What would a careful reader notice?

use serde::Serialize;

use crate::encoding::json::Raw;
use crate::encoding::sha256::Message;
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

/// What each code says.
const MESSAGES: [(&str, &str); 16] = [
    (
        "receipt_missing",
        "An opaque token cannot be verified by itself. Whoever obtained it from its issuer can \
         countersign it; from then on it can.",
    ),
    (
        "encrypted",
        "An encrypted token can be read by its recipient alone.",
    ),
    (
        "sample_token",
        "This is the sample of jwt.io, which documentation shows in place of a real token. It has \
         no issuer, no audience and no expiry, and anyone can make it.",
    ),
    (
        "known_secret",
        "It is signed with a secret that everyone knows: anyone can make such a token.",
    ),
    (
        "unsigned",
        "It is not signed: anyone can write what it says.",
    ),
    (
        "alg_not_supported",
        "Its algorithm is none that is implemented.",
    ),
    (
        "alg_key_mismatch",
        "No key at hand can have made a signature of its algorithm.",
    ),
    (
        "key_in_header",
        "It brings its own key, or says where to find it. Whoever made the token chose that key: \
         it is never believed.",
    ),
    (
        "no_expiry",
        "It never expires: whoever holds it may use it for ever.",
    ),
    (
        "milliseconds",
        "This reads as milliseconds. A NumericDate is in seconds.",
    ),
    (
        "lifetime_too_long",
        "It lives longer than the tokens of its system do.",
    ),
    (
        "no_audience",
        "It does not say for whom it is: any server that trusts its issuer might take it.",
    ),
    (
        "client_access_token",
        "A client access token belongs in a backend. In a page anyone can take it and act as the \
         client, and its issuer does not promise that it stays readable: do not build on what it \
         says.",
    ),
    (
        "id_token",
        "This is an ID token. It tells a client who logged in; it opens no API.",
    ),
    (
        "personal_data",
        "This says who somebody is. A token is signed, not secret.",
    ),
    (
        "bound",
        "It is bound to a key or a certificate: without the proof of that it is refused.",
    ),
];

impl Warning {
    /// The warning of `code`, about `claim`.
    pub(super) fn new(code: &'static str, claim: Option<&'static str>) -> Self {
        let known = MESSAGES.iter().find(|(known, _)| *known == code);
        Self {
            code,
            claim,
            message: known.map_or("", |(_, message)| message),
        }
    }
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
    match inspection.kind {
        Kind::Malformed => Vec::new(),
        Kind::Opaque => vec![Warning::new("receipt_missing", None)],
        Kind::Jwe => vec![Warning::new("encrypted", None)],
        Kind::Jws | Kind::Countersigned => {
            let mut warnings = about_header(token, inspection);
            if inspection.claims.is_some() {
                warnings.extend(about_time(inspection));
                warnings.extend(about_claims(inspection));
            }
            warnings
        }
    }
}

fn about_header(token: &str, inspection: &Inspection) -> Vec<Warning> {
    let header = members(inspection.header.as_deref());
    let alg = header.get("alg").and_then(Raw::as_str).unwrap_or_default();
    let mut warnings = Vec::new();
    if is_sample(inspection) {
        warnings.push(Warning::new("sample_token", None));
    }
    if has_known_secret(token, &alg) {
        warnings.push(Warning::new("known_secret", None));
    }
    if alg.eq_ignore_ascii_case("none") {
        warnings.push(Warning::new("unsigned", Some("alg")));
    } else if inspection.header.is_some() && Alg::from_name(&alg).is_none() {
        warnings.push(Warning::new("alg_not_supported", Some("alg")));
    }
    let brought = KEYS.into_iter().filter(|name| header.get(name).is_some());
    warnings.extend(brought.map(|name| Warning::new("key_in_header", Some(name))));
    warnings
}

fn about_time(inspection: &Inspection) -> Vec<Warning> {
    // Beyond the year 5138 in seconds; since 1973 in milliseconds.
    const MILLISECONDS: f64 = 100_000_000_000.0;
    let claims = members(inspection.claims.as_deref());
    let mut warnings = Vec::new();
    if claims.get("exp").is_none() {
        warnings.push(Warning::new("no_expiry", Some("exp")));
    }
    for name in ["exp", "nbf", "iat"] {
        let seconds = claims.get(name).and_then(Raw::as_f64);
        if seconds.is_some_and(|seconds| seconds >= MILLISECONDS) {
            warnings.push(Warning::new("milliseconds", Some(name)));
        }
    }
    let time = inspection.time.as_ref();
    let lifetime = time.and_then(|time| Some(time.expires_at? - time.issued_at?));
    let longest = inspection
        .looks_like
        .iter()
        .find_map(|system| longest(system));
    if lifetime.is_some_and(|lifetime| longest.is_some_and(|longest| lifetime > longest)) {
        warnings.push(Warning::new("lifetime_too_long", Some("exp")));
    }
    warnings
}

fn about_claims(inspection: &Inspection) -> Vec<Warning> {
    let claims = members(inspection.claims.as_deref());
    let text = |name| claims.get(name).and_then(Raw::as_str).unwrap_or_default();
    let has = |name: &&str| claims.get(name).is_some();
    let mut warnings = Vec::new();
    // A receipt is for whoever can verify it; what it is for, its `bind` says.
    if inspection.kind == Kind::Jws && !["aud", "audience"].iter().any(has) {
        warnings.push(Warning::new("no_audience", Some("aud")));
    }
    let client = text("gty") == "client-credentials" || text("sub").ends_with("@clients");
    let publiq = inspection.looks_like.contains(&"publiq");
    if client || (publiq && has(&"azp") && !has(&"nickname")) {
        warnings.push(Warning::new("client_access_token", None));
    }
    if ["at_hash", "c_hash"].iter().any(has) || text("typ") == "ID" {
        warnings.push(Warning::new("id_token", None));
    }
    let personal = PERSONAL.iter().filter(|name| has(name));
    warnings.extend(personal.map(|name| Warning::new("personal_data", Some(name))));
    if text("sub").contains('@') && !client {
        warnings.push(Warning::new("personal_data", Some("sub")));
    }
    if has(&"cnf") {
        warnings.push(Warning::new("bound", Some("cnf")));
    }
    warnings
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
    let Ok(jws) = Jws::parse(signed.as_bytes(), &mut octets) else {
        return false;
    };
    let input = Message::new(jws.signing_input);
    KNOWN_SECRETS.iter().any(|secret| {
        let key = VerificationKey::new(&Material::Secret(secret.as_bytes().to_owned()));
        key.is_ok_and(|key| verify(&key, alg, &input, &octets.signature).is_ok())
    })
}
