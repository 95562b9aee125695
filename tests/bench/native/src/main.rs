//! Verifies tokens natively and says how long that took: countersign, jsonwebtoken and jwt-simple.
//!
//! A line on standard input is a JSON object, and each has a line in answer. `{"deck": …}` prepares every library for the keys
//! and tokens of an algorithm and answers with the names of those that decide as they should. `{"turn": name, "seconds": …}`
//! answers with the microseconds of one verification by that library.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead, Write, stdin, stdout};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::{KeyTags, Keys, NumericDate, Policy, Verifier};
use cpu_time::ProcessTime;
use jwt_simple::prelude::{
    ECDSAP256PublicKeyLike, ES256PublicKey, Ed25519PublicKey, EdDSAPublicKeyLike, HS256Key,
    MACLike, RS256PublicKey, RSAPublicKeyLike, VerificationOptions,
};
use serde_json::{Value, json};

/// Whether a token is accepted, with all claims read.
type Verify = Box<dyn Fn(&str) -> bool>;

/// The name of jsonwebtoken with the cryptography that it is built with.
const JSONWEBTOKEN: &str = if cfg!(feature = "aws_lc_rs") {
    "jsonwebtoken, aws_lc_rs"
} else {
    "jsonwebtoken, rust_crypto"
};

fn main() {
    let mut libraries = BTreeMap::new();
    let mut tokens = Vec::new();
    for line in stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let answer = if let Some(deck) = line.get("deck") {
            tokens = texts(&deck["tokens"]["good"]);
            libraries = libraries_for(deck);
            json!(libraries.keys().collect::<Vec<_>>())
        } else {
            let name = line["turn"].as_str().expect("the name of a library");
            let seconds = line["seconds"].as_f64().expect("seconds");
            json!(microseconds(
                &libraries[name],
                &tokens,
                Duration::from_secs_f64(seconds)
            ))
        };
        println!("{answer}");
        stdout().flush().expect("a reader");
    }
}

/// The time of one verification, taken over all tokens until the turn is over.
fn microseconds(verify: &Verify, tokens: &[String], turn: Duration) -> f64 {
    let start = ProcessTime::now();
    let mut rounds = 0.0;
    while start.elapsed() < turn {
        for token in tokens {
            assert!(verify(std::hint::black_box(token)));
        }
        rounds += 1.0;
    }
    let per_round = start.elapsed().as_secs_f64() / rounds;
    per_round * 1e6 / f64::from(u32::try_from(tokens.len()).expect("few tokens"))
}

/// Each library that accepts the good tokens and refuses those that are wrong in one thing.
fn libraries_for(deck: &Value) -> BTreeMap<&'static str, Verify> {
    let alg = deck["alg"].as_str().expect("an algorithm");
    let rules = [&deck["rules"]["issuer"], &deck["rules"]["audience"]];
    let [issuer, audience] = rules.map(|rule| rule.as_str().expect("a rule").to_owned());
    let all = [
        ("countersign", countersign(&deck["key"], &issuer, &audience)),
        (
            JSONWEBTOKEN,
            jsonwebtoken(alg, &deck["key"], &issuer, &audience),
        ),
        (
            "jwt-simple",
            jwt_simple(alg, &deck["key"], issuer, audience),
        ),
    ];
    let good = texts(&deck["tokens"]["good"]);
    let bad = ["badSignature", "expired", "garbage"].map(|kind| texts(&deck["tokens"][kind]));
    let foreign =
        ["issuer", "audience"].map(|kind| deck["foreign"][kind].as_str().expect("a token"));
    all.into_iter()
        .filter(|(_, verify)| {
            good.iter().all(|token| verify(token))
                && !bad.iter().flatten().any(|token| verify(token))
                && !foreign.iter().any(|token| verify(token))
        })
        .collect()
}

fn texts(values: &Value) -> Vec<String> {
    let values = values.as_array().expect("tokens").iter();
    values
        .map(|value| value.as_str().expect("a token").to_owned())
        .collect()
}

fn octets(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("base64url");
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a date after 1970")
}

fn countersign(key: &Value, issuer: &str, audience: &str) -> Verify {
    let tags = KeyTags::default();
    let keys = match key.get("jwk") {
        Some(jwk) => Keys::new().jwk(&jwk.to_string(), &tags),
        None => Keys::new().secret(&octets(&key["secret"]), &tags),
    };
    let policy = Policy::from_value(json!({ "issuer": issuer, "audience": audience }));
    let verifier = Verifier::new(policy.expect("a policy"), keys.expect("a key"));
    Box::new(move |token| {
        let now = NumericDate::from_secs(now().as_secs_f64()).expect("a date");
        verifier
            .verify(token, now)
            .is_ok_and(|verified| std::hint::black_box(verified).claims.len() > 1)
    })
}

fn jsonwebtoken(alg: &str, key: &Value, issuer: &str, audience: &str) -> Verify {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, jwk::Jwk};
    let algorithm: Algorithm = alg.parse().expect("an algorithm");
    let key = match key.get("jwk") {
        Some(jwk) => {
            let jwk: Jwk = serde_json::from_value(jwk.clone()).expect("a JWK");
            DecodingKey::from_jwk(&jwk).expect("a key")
        }
        None => DecodingKey::from_secret(&octets(&key["secret"])),
    };
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    Box::new(move |token| {
        decode::<Value>(token, &key, &validation)
            .is_ok_and(|decoded| std::hint::black_box(decoded).claims.get("sub").is_some())
    })
}

fn jwt_simple(alg: &str, key: &Value, issuer: String, audience: String) -> Verify {
    let options = VerificationOptions {
        allowed_issuers: Some(HashSet::from([issuer])),
        allowed_audiences: Some(HashSet::from([audience])),
        ..VerificationOptions::default()
    };
    /// Verification by a key of any algorithm: each has a trait of its own.
    macro_rules! by {
        ($key:expr) => {{
            let key = $key;
            Box::new(move |token| {
                key.verify_token::<Value>(token, Some(options.clone()))
                    .is_ok_and(|claims| std::hint::black_box(claims).subject.is_some())
            })
        }};
    }
    let pem = || key["pem"].as_str().expect("PEM");
    match alg {
        "HS256" => by!(HS256Key::from_bytes(&octets(&key["secret"]))),
        "ES256" => by!(ES256PublicKey::from_pem(pem()).expect("a key")),
        "EdDSA" => by!(Ed25519PublicKey::from_pem(pem()).expect("a key")),
        "RS256" => by!(RS256PublicKey::from_pem(pem()).expect("a key")),
        _ => Box::new(|_| false),
    }
}
