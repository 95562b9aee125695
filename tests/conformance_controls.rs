//! For every algorithm and form of key, a token by an independent signer that must be accepted; and
//! what must be refused of the same token, so that accepting everything never passes either.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed test should panic"
)]

mod conformance;

use std::collections::{BTreeMap, BTreeSet};

use conformance::{base64url, keys_of, list, octets, read, text};
use countersign::{Alg, ErrorCode, JwsVerifier, NumericDate, Policy, Verifier};
use serde_json::{Value, json};

const CONTROLS: &str = include_str!("conformance/controls.json");

fn jws_verifier(case: &Value) -> JwsVerifier {
    JwsVerifier::new(keys_of(&case["key"]).expect("a good key"))
}

fn refused(verifier: &JwsVerifier, token: &str) -> Option<ErrorCode> {
    verifier.verify(token).err().map(|error| error.code)
}

#[test]
fn every_algorithm_and_form_of_key_has_a_control() {
    let controls = read(CONTROLS);
    let found: BTreeSet<_> = list(&controls, "cases")
        .iter()
        .map(|case| (text(case, "alg"), text(case, "form")))
        .collect();
    for alg in Alg::ALL.map(Alg::name) {
        let forms: &[_] = match alg.get(..2) {
            Some("HS") => &["secret", "jwk", "jwks"],
            Some("RS") => &["jwk", "jwks", "spki", "pkcs1", "x509"],
            Some("PS") => &[
                "jwk",
                "jwks",
                "spki",
                "pkcs1",
                "x509",
                "spki of an RSASSA-PSS key",
            ],
            _ => &["jwk", "jwks", "spki", "x509"],
        };
        for form in forms {
            assert!(found.contains(&(alg, *form)), "{alg} with {form}");
        }
    }
}

#[test]
fn every_control_is_verified() {
    let controls = read(CONTROLS);
    let policy = json!({ "issuer": "https://issuer.example", "audience": "https://api.example" });
    let now = controls["now"]
        .as_f64()
        .and_then(NumericDate::from_secs)
        .expect("a moment");
    for case in list(&controls, "cases") {
        let (id, token) = (text(case, "id"), text(case, "token"));
        let policy = Policy::from_value(policy.clone()).expect("a policy");
        let verifier = Verifier::new(policy, keys_of(&case["key"]).expect(id));
        let verified = verifier.verify(token, now).expect(id);
        assert_eq!(Value::Object(verified.claims), controls["claims"], "{id}");
        assert_eq!(verified.key.alg.name(), text(case, "alg"), "{id}");

        let payload = token.split('.').nth(1).expect("a payload");
        assert_eq!(
            jws_verifier(case).verify(token),
            Ok(octets(payload)),
            "{id}"
        );
    }
}

/// Invalid signatures that only the holder of the private key can make.
#[test]
fn a_signature_has_one_form_for_its_signer_too() {
    let controls = read(CONTROLS);
    let cases = list(&controls, "refused");
    for case in cases {
        let code = refused(&jws_verifier(case), text(case, "token"));
        let invalid = Some(ErrorCode::SignatureInvalid);
        assert_eq!(code, invalid, "{}: {}", text(case, "id"), text(case, "why"));
    }
    assert_eq!(cases.len(), 2);
}

#[test]
fn nothing_of_a_control_can_be_changed() {
    for case in list(&read(CONTROLS), "cases") {
        let id = text(case, "id");
        let verifier = jws_verifier(case);
        let (input, signature) = text(case, "token").rsplit_once('.').expect("a JWS");
        let signature = octets(signature);
        let refused =
            |signature: &[u8]| refused(&verifier, &format!("{input}.{}", base64url(signature)));
        assert_eq!(refused(&signature), None, "{id}");

        let invalid = Some(ErrorCode::SignatureInvalid);
        let middle = signature.len() / 2;
        for position in [0, middle, signature.len() - 1] {
            let mut changed = signature.clone();
            *changed.get_mut(position).expect("an octet") ^= 1;
            assert_eq!(refused(&changed), invalid, "{id}: octet {position}");
        }
        let (half, _) = signature.split_at(middle);
        let (_, shorter) = signature.split_first().expect("an octet");
        let (_, truncated) = signature.split_last().expect("an octet");
        assert_eq!(refused(half), invalid, "{id}: half");
        assert_eq!(refused(shorter), invalid, "{id}: without its first octet");
        assert_eq!(refused(truncated), invalid, "{id}: without its last octet");
        assert_eq!(
            refused(&[&signature[..], &[0]].concat()),
            invalid,
            "{id}: a zero behind"
        );
        assert_eq!(
            refused(&[&[0], &signature[..]].concat()),
            invalid,
            "{id}: a zero before"
        );
        assert_eq!(refused(&signature.repeat(2)), invalid, "{id}: twice");
        assert_eq!(refused(&vec![0; signature.len()]), invalid, "{id}: zeros");
        assert_eq!(refused(&[]), invalid, "{id}: nothing");
    }
}

#[test]
fn no_control_is_verified_with_the_key_of_another() {
    let controls = read(CONTROLS);
    // One token for each key and algorithm, and each key once; none of them has a `kid`.
    let cases = || {
        let bare =
            |case: &&Value| !text(case, "form").contains("jwks") && text(case, "form") != FULL;
        list(&controls, "cases").iter().filter(bare)
    };
    let tokens: BTreeMap<_, _> = cases()
        .map(|case| {
            (
                (case["signed"].as_u64(), text(case, "alg")),
                text(case, "token"),
            )
        })
        .collect();
    let verifiers: BTreeMap<_, _> = cases()
        .map(|case| (case["signed"].as_u64(), jws_verifier(case)))
        .collect();
    let mut tally = BTreeMap::new();
    for ((signed, alg), token) in tokens {
        for (number, verifier) in &verifiers {
            let code = refused(verifier, token);
            if *number == signed {
                assert_eq!(code, None, "{signed:?} {alg}");
                continue;
            }
            let code = code.unwrap_or_else(|| panic!("{signed:?} {alg} with {number:?}"));
            *tally.entry(conformance::name(code)).or_insert(0) += 1;
        }
    }
    let codes: Vec<_> = tally.keys().map(String::as_str).collect();
    assert_eq!(codes, ["alg_not_allowed", "signature_invalid"]);
}

const FULL: &str = "jwk with all its members";
