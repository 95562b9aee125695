//! RFC 8259 and RFC 4648: documents and base64url, each inside a token.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed test should panic"
)]

mod conformance;

use std::collections::BTreeMap;

use conformance::{base64url, hs256, list, name, octets, read, text};
use countersign::{ErrorCode, JwsVerifier, KeyTags, Keys, NumericDate, Policy, Verifier};
use serde_json::{Value, json};

const DOCUMENTS: &str = include_str!("conformance/vectors/json/json_in_jwt.json");
const BASE64URL: &str = include_str!("conformance/vectors/json/base64url.json");

/// The documents that may go either way and are accepted: numbers that are finite as JavaScript
/// reads them, whatever becomes of their digits; names that differ before normalization; NUL.
const ACCEPTED: [&str; 18] = [
    "i_number_double_huge_neg_exp",
    "i_number_real_underflow",
    "i_number_too_big_neg_int",
    "i_number_too_big_pos_int",
    "i_number_very_big_negative_int",
    "number_-9223372036854775808",
    "number_-9223372036854775809",
    "number_1.0",
    "number_1.000000000000000005",
    "number_1000000000000000",
    "number_10000000000000000999",
    "number_1e-999",
    "number_1e6",
    "number_9223372036854775807",
    "number_9223372036854775808",
    "object_key_nfc_nfd",
    "object_key_nfd_nfc",
    "string_with_escaped_NULL",
];

/// The two documents that the vectors describe instead of holding them.
fn large(name: &str) -> String {
    match name {
        "n_structure_100000_opening_arrays" => "[".repeat(100_000),
        "n_structure_open_array_object" => r#"[{"":"#.repeat(50_000) + "\n",
        other => panic!("{other} has no token"),
    }
}

fn now(seconds: &Value) -> NumericDate {
    seconds
        .as_f64()
        .and_then(NumericDate::from_secs)
        .expect("a moment")
}

#[test]
fn a_claims_set_is_json_as_json_test_suite_has_it() {
    let vectors = read(DOCUMENTS);
    let secret = octets(text(&vectors["meta"], "secret_b64u"));
    let options = &vectors["meta"]["options"];
    let policy = json!({
        "issuer": options["issuer"],
        "audience": options["audience"],
        "algorithms": options["algorithms"],
        "maxTokenBytes": 1_048_576,
    });
    let policy = Policy::from_value(policy).expect("a policy");
    let keys = Keys::new().secret(&secret, &KeyTags::default());
    let verifier = Verifier::new(policy, keys.expect("a secret"));
    let now = now(&options["now"]);
    let good =
        json!({ "iss": options["issuer"], "aud": options["audience"], "exp": 1_750_000_600 });
    let good = hs256(&secret, &base64url(good.to_string().as_bytes()));

    let mut tally = BTreeMap::new();
    for case in list(&vectors, "cases") {
        let id = text(case, "name");
        let token = match case.get("token").and_then(Value::as_str) {
            Some(token) => token.to_owned(),
            None => {
                let claims = format!(
                    r#"{{"iss":"https://issuer.example","aud":"https://api.example","exp":1750000600,"v":{}}}"#,
                    large(id)
                );
                hs256(&secret, &base64url(claims.as_bytes()))
            }
        };
        let expected = match text(case, "expect") {
            "policy" if ACCEPTED.contains(&id) => "accept",
            "policy" | "policy:reject(duplicates)" => "reject",
            label => label,
        };
        match (expected, verifier.verify(&token, now)) {
            ("accept", Ok(_)) => {}
            ("reject", Err(error)) => assert_eq!(error.code, ErrorCode::ClaimsMalformed, "{id}"),
            (expected, outcome) => panic!("{id}: {expected}, but {outcome:?}"),
        }
        assert!(
            verifier.verify(&good, now).is_ok(),
            "a good token after {id}"
        );
        *tally.entry(expected).or_insert(0) += 1;
    }
    assert_eq!(
        tally,
        BTreeMap::from([("accept", 93 + 18), ("reject", 188 + 36 + 5)])
    );
}

#[test]
fn base64url_has_one_spelling_for_each_octet_sequence() {
    let vectors = read(BASE64URL);
    let secret = [7; 32];
    let keys = Keys::new().secret(&secret, &KeyTags::default());
    let verifier = JwsVerifier::new(keys.expect("a secret"));
    let mut tally = BTreeMap::new();
    for vector in list(&vectors, "vectors") {
        let encoded = text(vector, "enc");
        // The payload is signed as it is, so that only its spelling can be wrong.
        let outcome = verifier.verify(&hs256(&secret, encoded));
        let good = vector["ok"].as_bool().expect("a verdict");
        if good {
            let hex = text(vector, "hex").as_bytes().chunks(2);
            let octets: Vec<_> = hex
                .map(|digits| {
                    let digits = std::str::from_utf8(digits).expect("hexadecimal digits");
                    u8::from_str_radix(digits, 16).expect("an octet")
                })
                .collect();
            assert_eq!(outcome, Ok(octets), "{encoded}");
        } else {
            let code = outcome.map_err(|error| name(error.code));
            assert_eq!(code, Err("token_malformed".to_owned()), "{encoded:?}");
        }
        *tally.entry(good).or_insert(0) += 1;
    }
    assert_eq!(tally, BTreeMap::from([(true, 265), (false, 200)]));
}
