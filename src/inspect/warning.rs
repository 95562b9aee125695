//! Warnings: what is unusual or unsafe about a token, each with a fixed text and a remedy.

use crate::encoding::der::{INTEGER, Reader, SEQUENCE};
use crate::encoding::json::Raw;
use crate::encoding::json::write::{name_member, write_string};
use crate::encoding::limits::MAX_GUESSED_BYTES;
use crate::encoding::misspelling::Misspelling;
use crate::jose::alg::Alg;
use crate::jose::weak_secrets::KNOWN_SECRETS;
use crate::signature::is_mac;

use super::contents::{Contents, Kind};
use super::systems::is_sample;

/// Something unusual or unsafe about a token. The text is fixed per code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// What it is.
    pub code: &'static str,
    /// The claim or Header Parameter that it is about.
    pub claim: Option<&'static str>,
    /// The same in a sentence.
    pub message: &'static str,
}

/// The text of each code.
const MESSAGES: [(&str, &str); 25] = [
    (
        "receipt_missing",
        "An opaque token cannot be verified by itself. The server that obtained it from its issuer \
         can countersign it; with that receipt it can be verified. Some issuers, such as Auth0, \
         give a JWT where the client requests an audience.",
    ),
    (
        "encrypted",
        "An encrypted token (JWE) can be read by its recipient alone. Verify a signed token \
         instead, or decrypt it with another library first.",
    ),
    (
        "sd_jwt",
        "This is an SD-JWT (RFC 9901): a signed token, followed by disclosures. Verify it with an \
         SD-JWT library; countersign reads a signed token alone.",
    ),
    (
        "scheme_prefix",
        "An authentication scheme comes before the token, as in \"Bearer …\". Pass the token alone, \
         or use a guard, which reads the header.",
    ),
    (
        "quoted",
        "There are quotes around the token. Remove them: JSON text, an .env file or a shell often \
         adds them.",
    ),
    (
        "whitespace",
        "There is white space or a line end in or around the token. Remove it: a file often ends \
         with a line end.",
    ),
    (
        "padded",
        "Its parts are padded with =, as AWS load balancers write them. A JWS is base64url without \
         padding (RFC 7515 section 2), and the padding is part of what was signed: such a token \
         is refused.",
    ),
    (
        "base64_alphabet",
        "Its parts are base64 with + and /. A JWS is base64url, with - and _ in their place \
         (RFC 4648 section 5).",
    ),
    (
        "sample_token",
        "This is the sample of jwt.io, which documentation shows in place of a real token. It has \
         no issuer, no audience and no expiry, and anyone can make it.",
    ),
    (
        "known_secret",
        "It is signed with a published secret: anyone can make such a token. Replace the secret \
         with 32 random octets or more.",
    ),
    (
        "unsigned",
        "It is not signed: anyone can make such a token. Configure a signing algorithm at its issuer.",
    ),
    (
        "alg_not_supported",
        "Its algorithm is not implemented. Configure one of the README's list at its issuer.",
    ),
    (
        "alg_key_mismatch",
        "None of the keys allows its algorithm. Pass the keys of its issuer, or correct their alg.",
    ),
    (
        "der_signature",
        "Its ECDSA signature is in DER, as OpenSSL and AWS KMS write it. A JWS has R and S one \
         after the other, at fixed length (RFC 7518 section 3.4). Convert the signature where \
         the token is signed.",
    ),
    (
        "microsoft_api",
        "Microsoft Entra issued it for a Microsoft API such as Graph: there is a nonce in its \
         header, so that only that API can verify it. Request a token for your own API, by a \
         scope of its own.",
    ),
    (
        "key_in_header",
        "Its header holds a key, or says where to find one. The maker of the token chose that key: \
         it is never used.",
    ),
    (
        "no_expiry",
        "It never expires. Configure a lifetime at its issuer: exp is required by default.",
    ),
    (
        "milliseconds",
        "This is in milliseconds. A NumericDate is in seconds: divide by 1000 where the token is made.",
    ),
    (
        "lifetime_too_long",
        "Its lifetime is longer than its token system documents. Check which system issued it.",
    ),
    (
        "no_audience",
        "It names no audience: any server that trusts its issuer may accept it. Request one at its \
         issuer, or require the claim that is in its place (audienceClaim).",
    ),
    (
        "client_access_token",
        "A client access token belongs in a backend. In a page anyone can take it and act as the \
         client, and its issuer does not promise that its format stays: do not rely on its claims.",
    ),
    (
        "id_token",
        "This is an ID token. It tells a client who logged in; an API accepts an access token. Send \
         the access token of the same login.",
    ),
    (
        "personal_data",
        "This identifies a person. A token is signed, not secret: keep it out of logs and URLs.",
    ),
    (
        "bound",
        "It is bound to a key or a certificate: without the proof of that it is refused. Send a \
         DPoP proof, or use the client certificate.",
    ),
    (
        "claims_not_shown",
        "Its claims take more than 131072 octets: they are shown as text alone, among its parts.",
    ),
];

impl Warning {
    /// The warning of `code` about `claim`.
    pub(super) fn new(code: &'static str, claim: Option<&'static str>) -> Self {
        debug_assert!(MESSAGES.iter().any(|(known, _)| *known == code), "{code}");
        let known = MESSAGES.iter().find(|(known, _)| *known == code);
        Self {
            code,
            claim,
            message: known.map_or("", |(_, message)| message),
        }
    }

    /// Writes it as JSON text.
    pub(super) fn write(&self, json: &mut String) {
        json.push('{');
        name_member("code", json);
        write_string(self.code, json);
        if let Some(claim) = self.claim {
            name_member("claim", json);
            write_string(claim, json);
        }
        name_member("message", json);
        write_string(self.message, json);
        json.push('}');
    }
}

/// Claims that identify a person (OpenID Connect Core section 5.1).
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

/// Header Parameters that hold a key, or say where to find one.
const KEYS: [&str; 4] = ["jwk", "jku", "x5u", "x5c"];

/// The warnings about a token with these `contents`, which looks like tokens of `systems`.
pub(super) fn of(contents: &Contents<'_>, systems: &[&str]) -> Vec<Warning> {
    let misspelling = Misspelling::of(contents.token.as_bytes());
    let spelling = || {
        let code = misspelling.map(Misspelling::code)?;
        Some(Warning::new(code, None))
    };
    match contents.kind {
        Kind::Malformed => spelling().into_iter().collect(),
        Kind::Opaque if contents.is_sd_jwt => vec![Warning::new("sd_jwt", None)],
        Kind::Opaque => vec![Warning::new("receipt_missing", None)],
        Kind::Jwe => vec![Warning::new("encrypted", None)],
        Kind::Jws | Kind::Countersigned => {
            let mut warnings = Vec::new();
            if contents.kind == Kind::Jws {
                warnings.extend(spelling());
            }
            warnings.extend(about_header(contents, systems));
            if contents.claims.is_some() {
                warnings.extend(about_time(contents, systems));
                warnings.extend(about_claims(contents, systems));
            }
            warnings
        }
    }
}

fn about_header(contents: &Contents<'_>, systems: &[&str]) -> Vec<Warning> {
    let name = contents.parameter_text("alg");
    let alg = Alg::from_name(&name);
    let mut warnings = Vec::new();
    if is_sample(contents) {
        warnings.push(Warning::new("sample_token", None));
    }
    if alg.is_some_and(|alg| has_known_secret(contents, alg)) {
        warnings.push(Warning::new("known_secret", None));
    }
    if name.eq_ignore_ascii_case("none") {
        warnings.push(Warning::new("unsigned", Some("alg")));
    } else if contents.header.is_some() && alg.is_none() {
        warnings.push(Warning::new("alg_not_supported", Some("alg")));
    }
    if alg.is_some_and(|alg| has_der_signature(contents.signature, alg)) {
        warnings.push(Warning::new("der_signature", None));
    }
    if systems.contains(&"entra") && contents.parameter("nonce").is_some() {
        warnings.push(Warning::new("microsoft_api", Some("nonce")));
    }
    let held = KEYS
        .into_iter()
        .filter(|name| contents.parameter(name).is_some());
    warnings.extend(held.map(|name| Warning::new("key_in_header", Some(name))));
    warnings
}

fn about_time(contents: &Contents<'_>, systems: &[&str]) -> Vec<Warning> {
    // In seconds, a moment after the year 5138; in milliseconds, one after 1973.
    const MILLISECONDS: f64 = 100_000_000_000.0;
    let mut warnings = Vec::new();
    if contents.claim("exp").is_none() {
        warnings.push(Warning::new("no_expiry", Some("exp")));
    }
    for name in ["exp", "nbf", "iat"] {
        let seconds = contents.claim(name).and_then(Raw::as_f64);
        if seconds.is_some_and(|seconds| seconds >= MILLISECONDS) {
            warnings.push(Warning::new("milliseconds", Some(name)));
        }
    }
    let time = contents.time.as_ref();
    let lifetime = time.and_then(|time| Some(time.expires_at? - time.issued_at?));
    let longest = systems.iter().find_map(|system| longest(system));
    if lifetime.is_some_and(|lifetime| longest.is_some_and(|longest| lifetime > longest)) {
        warnings.push(Warning::new("lifetime_too_long", Some("exp")));
    }
    warnings
}

fn about_claims(contents: &Contents<'_>, systems: &[&str]) -> Vec<Warning> {
    let text = |name| contents.claim_text(name);
    let has = |name: &&str| contents.claim(name).is_some();
    let mut warnings = Vec::new();
    // A receipt names its resource in `bind`.
    if contents.kind == Kind::Jws && !["aud", "audience"].iter().any(has) {
        warnings.push(Warning::new("no_audience", Some("aud")));
    }
    let client = text("gty") == "client-credentials" || text("sub").ends_with("@clients");
    let publiq = systems.contains(&"publiq");
    if client || (publiq && has(&"azp") && !has(&"nickname")) {
        warnings.push(Warning::new("client_access_token", None));
    }
    let has_hash = ["at_hash", "c_hash", "s_hash"].iter().any(has);
    if has_hash || text("typ") == "ID" || text("token_use") == "id" {
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

/// The longest lifetime of a system's tokens, in seconds, as it documents them.
fn longest(system: &str) -> Option<f64> {
    const DAY: f64 = 86_400.0;
    match system {
        "vtex" | "publiq" => Some(DAY),
        "juspay" => Some(900.0),
        _ => None,
    }
}

/// Whether a published secret made the signature. Each of them hashes the whole token, so only
/// tokens of ordinary length are tried.
fn has_known_secret(contents: &Contents<'_>, alg: Alg) -> bool {
    let input = contents
        .signing_input
        .filter(|input| alg.is_mac() && input.len() <= MAX_GUESSED_BYTES);
    input.is_some_and(|input| {
        let made = |secret: &&str| is_mac(contents.signature, secret.as_bytes(), alg, input);
        KNOWN_SECRETS.iter().any(made)
    })
}

/// Whether an ECDSA signature is a DER SEQUENCE of two INTEGERs, and has not the length of the two
/// numbers alone.
fn has_der_signature(signature: &[u8], alg: Alg) -> bool {
    let length = match alg {
        Alg::Es256 | Alg::Es256k => 64,
        Alg::Es384 => 96,
        Alg::Es512 => 132,
        _ => return false,
    };
    let is_der = || {
        let mut numbers = Reader::new(Reader::only(signature, SEQUENCE)?)?;
        numbers.take(INTEGER)?;
        numbers.take(INTEGER)?;
        numbers.finish()
    };
    signature.len() != length && is_der().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::union_members;

    #[test]
    fn the_package_lists_every_code() {
        assert_eq!(union_members("WarningCode"), MESSAGES.map(|(code, _)| code));
    }
}
