//! The corpus of attacks against the core: every attack is refused with its exact code and claim,
//! and every control is accepted (`tests/attacks/README.md`).
//!
//! `ATTACK_CORPUS` names a corpus made for this run; without it the committed sample is held.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed test should panic"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use countersign::{Alg, Error, ErrorCode, Expected, KeyTags, Keys, NumericDate, Policy, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

/// Every class, with the beginning of the names of the algorithms that it applies to.
const CLASSES: [(&str, &[&str]); 19] = [
    ("01-none", ALL),
    ("02-confusion", ALL),
    ("03-keyinject", ALL),
    ("04-ecdsa", &["ES"]),
    ("05-ecjwk", &["ES"]),
    ("06-rsa", &["RS", "PS"]),
    ("07-ed25519", &["Ed"]),
    ("08-hmac", &["HS"]),
    ("09-crit", ALL),
    ("10-duplicates", ALL),
    ("11-structure", ALL),
    ("12-json", ALL),
    ("13-numericdate", ALL),
    ("14-claims", ALL),
    ("15-proto", ALL),
    ("16-size", ALL),
    ("17-pem", &["RS", "PS", "ES", "Ed"]),
    ("18-bound", ALL),
    ("19-memory", ALL),
];

const ALL: &[&str] = &["HS", "RS", "PS", "ES", "Ed"];

/// The corpus, and how many refusals of each class there must be for each algorithm.
fn corpus() -> (Value, usize) {
    let (path, least) = match env::var_os("ATTACK_CORPUS") {
        Some(path) => (PathBuf::from(path), 20),
        None => {
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
            (folder.join("tests/attacks/sample.json"), 1)
        }
    };
    let text = fs::read_to_string(&path).unwrap_or_else(|_| {
        panic!(
            "no corpus at {}: tests/attacks/mint.js writes it",
            path.display()
        )
    });
    (
        serde_json::from_str(&text).expect("a corpus is JSON"),
        least,
    )
}

#[test]
fn the_corpus_has_cases_of_every_class_for_every_algorithm() {
    let (corpus, least) = corpus();
    let mut found: BTreeMap<(&str, &str), [usize; 2]> = BTreeMap::new();
    for case in corpus["cases"].as_array().unwrap() {
        let pair = (text(case, "class"), text(case, "alg"));
        let control = usize::from(case["answer"].get("ok").is_some());
        found.entry(pair).or_default()[control] += 1;
    }
    for (class, families) in CLASSES {
        for alg in Alg::ALL.map(Alg::name) {
            if families.iter().any(|family| alg.starts_with(family)) {
                let [refusals, controls] = found.remove(&(class, alg)).unwrap_or_default();
                assert!(
                    refusals >= least,
                    "{refusals} refusals of {class} for {alg}"
                );
                assert!(controls >= 1, "no control of {class} for {alg}");
            }
        }
    }
    assert!(found.is_empty(), "unknown: {found:?}");
}

#[test]
fn every_attack_is_refused_for_what_is_wrong_with_it_and_every_control_accepted() {
    let (corpus, _) = corpus();
    let cases = corpus["cases"].as_array().unwrap();
    let standing = cases.iter().find(|case| case["answer"].get("ok").is_some());
    let standing = standing.expect("a control");
    let other = Court::of(&corpus, standing).expect("a verifier");
    let mut differences = Vec::new();
    for case in cases {
        let keys = keys_of(&corpus, case);
        let found = match Court::of(&corpus, case) {
            Ok(court) => held(case, keys, &court),
            Err(error) => compared(case, keys, Err(error)).into_iter().collect(),
        };
        let stands = other.asked(standing).is_ok();
        let harmed = (!stands).then(|| "another verifier is harmed".to_owned());
        let title = format!("{} {} {}", case["class"], case["alg"], case["name"]);
        differences.extend(
            found
                .into_iter()
                .chain(harmed)
                .map(|what| format!("{title}: {what}")),
        );
    }
    let shown: Vec<_> = differences.iter().take(20).map(String::as_str).collect();
    assert!(
        differences.is_empty(),
        "seed {}: {} differences:\n{}",
        corpus["seed"],
        differences.len(),
        shown.join("\n")
    );
}

/// A verifier and the moment it is asked at.
struct Court {
    verifier: Verifier,
    now: Value,
}

impl Court {
    fn of(corpus: &Value, case: &Value) -> Result<Self, Error> {
        let keys = keys_from(keys_of(corpus, case))?;
        Ok(Self {
            verifier: Verifier::new(Policy::from_value(case["options"].clone())?, keys),
            now: corpus["now"].clone(),
        })
    }

    fn asked(&self, said: &Value) -> Result<Value, Error> {
        let expected = said.get("expected").cloned().unwrap_or(json!({}));
        let now = moment(said.get("now").unwrap_or(&self.now))?;
        let expected = Expected::from_value(expected)?;
        self.verifier
            .verify_expecting(text(said, "token"), &expected, now)
            .map(|verified| serde_json::to_value(verified).unwrap())
    }
}

/// What comes out otherwise than `case` says, the good token before and after included.
fn held(case: &Value, keys: &Value, court: &Court) -> Vec<String> {
    let good = |when: &str| {
        let error = court.asked(&case["good"]).err()?;
        Some(format!("the good token is refused {when}: {error}"))
    };
    [
        good("before"),
        compared(case, keys, court.asked(case)),
        compared(case, keys, court.asked(case)).map(|what| format!("again: {what}")),
        good("after"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn compared(case: &Value, keys: &Value, outcome: Result<Value, Error>) -> Option<String> {
    let answer = &case["answer"];
    match outcome {
        Ok(said) => match answer.get("ok").and_then(Value::as_object) {
            None => Some("accepted".to_owned()),
            Some(wanted) => wanted
                .iter()
                .find(|(name, value)| said.get(name) != Some(value))
                .map(|(name, _)| format!("another {name}")),
        },
        Err(error) => refused(answer, &error).or_else(|| told(case, keys, &error)),
    }
}

fn refused(answer: &Value, error: &Error) -> Option<String> {
    let mistake = matches!(
        error.code,
        ErrorCode::PolicyInvalid | ErrorCode::KeysInvalid
    );
    if let Some(word) = answer.get("typeError").and_then(Value::as_str) {
        let claim = error.claim.as_deref().unwrap_or_default();
        let named = claim
            .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .any(|name| name == word);
        return (!mistake || !named).then(|| format!("{error} instead of a mistake in {word}"));
    }
    let wanted = answer.get("err").cloned().unwrap_or(Value::Null);
    let shown = serde_json::to_value(error).unwrap();
    let same = |field: &str| wanted.get(field) == shown.get(field);
    (!same("code") || !same("claim")).then(|| format!("{error} instead of {wanted}"))
}

/// What a refusal tells that it must not: the token, its signature, a key, the tag that would do.
fn told(case: &Value, keys: &Value, error: &Error) -> Option<String> {
    let shown = format!("{error}\n{error:?}\n{}", json!(error));
    let token = text(case, "token");
    let parts = token.split(['.', '~']).filter(|part| part.len() > 15);
    if parts.into_iter().any(|part| shown.contains(part)) {
        return Some(format!("{error} holds the token"));
    }
    let mut hidden: Vec<Vec<u8>> = Vec::new();
    numbers_in(keys, &mut hidden);
    let input = token.rsplit_once('.').map_or("", |(input, _)| input);
    let tags: Vec<_> = hidden.iter().flat_map(|key| tags(key, input)).collect();
    let octets = hidden.iter().chain(&tags).filter(|key| key.len() > 15);
    let told = octets
        .into_iter()
        .any(|octets| spellings(octets).iter().any(|text| shown.contains(text)));
    told.then(|| format!("{error} holds a key or a tag"))
}

fn tags(key: &[u8], input: &str) -> [Vec<u8>; 3] {
    [
        tag::<Hmac<Sha256>>(key, input),
        tag::<Hmac<Sha384>>(key, input),
        tag::<Hmac<Sha512>>(key, input),
    ]
}

fn tag<M: Mac + KeyInit>(key: &[u8], input: &str) -> Vec<u8> {
    let mac = <M as KeyInit>::new_from_slice(key).expect("a key of any length");
    mac.chain_update(input).finalize().into_bytes().to_vec()
}

/// Octets as a careless message would show them.
fn spellings(octets: &[u8]) -> [String; 6] {
    let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    [
        hex.to_uppercase(),
        hex,
        BASE64_STANDARD.encode(octets),
        BASE64_URL_SAFE_NO_PAD.encode(octets),
        format!("{octets:?}"),
        octets.iter().copied().map(char::from).collect(),
    ]
}

/// The numbers of keys in a case, in any member of it.
fn numbers_in(keys: &Value, found: &mut Vec<Vec<u8>>) {
    match keys {
        Value::Array(items) => items.iter().for_each(|item| numbers_in(item, found)),
        Value::Object(members) => {
            for (name, value) in members {
                let number = matches!(name.as_str(), "$b64u" | "k" | "n" | "x" | "y");
                let octets = value.as_str().filter(|_| number);
                let octets = octets.and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok());
                found.extend(octets);
                numbers_in(value, found);
            }
        }
        _ => {}
    }
}

fn keys_of<'a>(corpus: &'a Value, case: &Value) -> &'a Value {
    let number = case["keys"].as_u64().and_then(|n| usize::try_from(n).ok());
    &corpus["keys"][number.expect("the number of its keys")]
}

fn keys_from(keys: &Value) -> Result<Keys, Error> {
    let all = keys
        .as_array()
        .map_or(std::slice::from_ref(keys), Vec::as_slice);
    all.iter().try_fold(Keys::new(), |keys, key| {
        let mut tags = key.as_object().unwrap().clone();
        let mut form = |name: &str| tags.remove(name);
        let (secret, pem, jwk, jwks) = (form("secret"), form("pem"), form("jwk"), form("jwks"));
        let tags = KeyTags::from_value(Value::Object(tags))?;
        match (secret, pem, jwk, jwks) {
            (Some(secret), None, None, None) => {
                let octets = BASE64_URL_SAFE_NO_PAD.decode(text(&secret, "$b64u"));
                keys.secret(&octets.unwrap(), &tags)
            }
            (None, Some(pem), None, None) => keys.pem(pem.as_str().unwrap(), &tags),
            (None, None, Some(jwk), None) => keys.jwk(&jwk.to_string(), &tags),
            (None, None, None, Some(jwks)) => keys.jwk_set(&jwks.to_string(), &tags),
            _ => panic!("no key: {key}"),
        }
    })
}

/// A moment outside NumericDate is a mistake in either language; in Rust it has no value.
fn moment(now: &Value) -> Result<NumericDate, Error> {
    let date = now.as_f64().and_then(NumericDate::from_secs);
    date.ok_or_else(|| Policy::from_json(r#"{ "now": 0 }"#).unwrap_err())
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().expect("a member is text")
}
