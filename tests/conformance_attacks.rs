//! RFC 8725: attacks on libraries like this one, and good tokens among them.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed test should panic"
)]

mod conformance;

use std::collections::BTreeMap;

use conformance::{keys_of, list, name, read, text};
use countersign::{Error, NumericDate, Policy, Verifier};
use serde_json::{Map, Value};

const CASES: &str = include_str!("conformance/vectors/attacks/sample.json");

/// The options of a case, and what a policy calls them.
const OPTIONS: [(&str, &str); 8] = [
    ("issuer", "issuer"),
    ("audience", "audience"),
    ("algorithms", "algorithms"),
    ("tolerance", "leewaySeconds"),
    ("maxTokenAge", "maxAgeSeconds"),
    ("typ", "typ"),
    ("required", "requiredClaims"),
    ("subject", "subject"),
];

/// The verifier of a case. To refuse to build it is to refuse the token.
fn verifier_of(case: &Value) -> Result<Verifier, Error> {
    let keys = keys_of(&case["key"])?;
    let mut policy = Map::from_iter([
        ("issuer".to_owned(), Value::Null),
        ("audience".to_owned(), Value::Null),
    ]);
    for (option, value) in case["options"].as_object().expect("options") {
        if option == "now" {
            continue;
        }
        let known = OPTIONS.iter().find(|(theirs, _)| theirs == option);
        let (_, ours) = known.unwrap_or_else(|| panic!("no such option: {option}"));
        policy.insert((*ours).to_owned(), value.clone());
    }
    Ok(Verifier::new(Policy::from_value(policy.into())?, keys))
}

fn outcome(case: &Value) -> String {
    let now = case["options"]["now"]
        .as_f64()
        .and_then(NumericDate::from_secs);
    let verified = verifier_of(case)
        .and_then(|verifier| verifier.verify(text(case, "token"), now.expect("a moment")));
    match verified {
        Ok(_) => "ok".to_owned(),
        Err(error) => name(error.code),
    }
}

/// What a case that must be refused may be refused with, by what it says is wrong.
fn reasons(why: &str) -> &'static [&'static str] {
    match why {
        "alg" => &["alg_not_supported", "header_malformed"],
        "alg-key-mismatch" => &["alg_not_allowed"],
        "kty" | "key" => &["keys_invalid"],
        // A secret too short for one algorithm is good for another.
        "weak-key" => &["keys_invalid", "alg_not_allowed"],
        "no-key" => &["key_not_found"],
        "header-type" => &["header_malformed"],
        "signature" => &["signature_invalid"],
        "crit" => &["crit_not_supported"],
        "duplicate" | "json" => &["header_malformed", "claims_malformed"],
        "malformed" | "unsupported" => &["token_malformed"],
        "time" => &[
            "token_expired",
            "token_too_old",
            "token_not_yet_valid",
            "claim_malformed",
        ],
        "claim" => &["claim_mismatch", "claim_malformed", "policy_invalid"],
        "config" => &["policy_invalid"],
        "typ" => &["typ_mismatch"],
        other => panic!("no such reason: {other}"),
    }
}

#[test]
fn every_attack_is_refused_for_what_is_wrong_with_it_and_every_control_accepted() {
    let vectors = read(CASES);
    let control = |kind: &str| {
        let mut cases = list(&vectors, "cases").iter();
        cases.find(|case| case["key"]["kind"] == kind && case["expect"] == "accept")
    };
    let controls = ["jwk", "jwks", "pem", "secret"].map(|kind| control(kind).expect("a control"));

    let mut tally = BTreeMap::new();
    for case in list(&vectors, "cases") {
        let id = text(case, "id");
        if case["key"]["kind"] == "untyped-string" {
            // A key here always says what it is: there is no such call to make.
            *tally.entry("not applicable: a key is tagged").or_insert(0) += 1;
            continue;
        }
        let outcome = outcome(case);
        let verdict = match (text(case, "expect"), id) {
            ("accept" | "policy:accept", _) => "accept",
            // Optional: ES256K is implemented, Ed448 is not.
            ("optional", "00-20") => "accept",
            ("optional", "00-22") => {
                assert_eq!(outcome, "keys_invalid", "{id}");
                "reject"
            }
            ("reject" | "policy:reject", _) => {
                let reasons = match id {
                    // The forgery never meets the key: an exponent of 3 is refused before.
                    "06-02" => &["keys_invalid"],
                    // The payload is gone; what is left is well formed, and unsigned.
                    "11-10" => &["signature_invalid"],
                    _ => reasons(text(case, "why")),
                };
                assert!(reasons.contains(&outcome.as_str()), "{id}: {outcome}");
                "reject"
            }
            other => panic!("{id} has an unknown label: {other:?}"),
        };
        assert_eq!(outcome == "ok", verdict == "accept", "{id}: {outcome}");
        for control in controls {
            assert_eq!(self::outcome(control), "ok", "a good token after {id}");
        }
        *tally.entry(verdict).or_insert(0) += 1;
    }
    let expected = [
        ("accept", 43),
        ("not applicable: a key is tagged", 2),
        ("reject", 79),
    ];
    assert_eq!(tally, BTreeMap::from(expected));
}
