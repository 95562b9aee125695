//! RFC 7515: whole JWSs and keys, as Wycheproof and the RFCs themselves have them.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed test should panic"
)]

mod conformance;

use std::collections::BTreeMap;

use conformance::{list, name, octets, read, text};
use countersign::{Error, JwsVerifier, KeyTags, Keys};
use serde_json::Value;

const JWS: &str = include_str!("conformance/vectors/wycheproof/json_web_signature_test.json");
const JWK: &str = include_str!("conformance/vectors/wycheproof/json_web_key_test.json");
const OVERRIDES: &str = include_str!("conformance/vectors/wycheproof/strict_overrides.json");
const RFC: &str = include_str!("conformance/vectors/rfc/rfc_vectors.json");

/// The public half of a group's keys, or the only half of a secret.
fn group_key(group: &Value) -> String {
    group.get("public").unwrap_or(&group["private"]).to_string()
}

/// "ok", or the code of the refusal, that of the key included.
fn outcome(keys: Result<Keys, Error>, token: &str) -> String {
    match keys.and_then(|keys| JwsVerifier::new(keys).verify(token)) {
        Ok(_) => "ok".to_owned(),
        Err(error) => name(error.code),
    }
}

/// What a vector that is not valid must be refused with: its label says what is wrong with it.
fn reason(comment: &str, flags: &[Value], token: &str) -> &'static [&'static str] {
    if flags.iter().any(|flag| flag == "WrongPrimitive") {
        // Under the header of the key's algorithm, and under the header of the primitive.
        return &["signature_invalid", "alg_not_allowed"];
    }
    match comment {
        "rejectsEmptyString" => &["token_missing"],
        "rejectsValidJsonSerialization" => &["token_malformed"],
        "rejectsExtraEmptyComponent" | "rejectsExtraComponent" => &["token_malformed"],
        _ if token.split('.').count() != 3 => &["token_malformed"],
        _ if !token
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet)) =>
        {
            &["token_malformed"]
        }
        // Bits that the last character of a segment does not use.
        "ModifiedUnusedBitsInPayload" | "MacOfIncorrectlyEncodedMessage" => &["token_malformed"],
        _ if token.starts_with('.') => &["header_malformed"],
        // The header that was changed names another key.
        "rejectsModifiedHeader" => &["key_not_found"],
        "rejectsNoneAlgorithmAndMissingSignature" | "algIsNone" => &["alg_not_supported"],
        "rejectsSymmetryConfusionAttacks_aesKeyFromEcVerificationKeyBytes" => &["alg_not_allowed"],
        "rejectWrongUse" | "rejectWrongKeyOps" => &["keys_invalid"],
        _ => &["signature_invalid"],
    }
}

#[test]
fn wycheproof_jws_are_accepted_and_refused_as_labelled_or_overridden() {
    let (vectors, overrides) = (read(JWS), read(OVERRIDES));
    let overrides = &overrides["json_web_signature_test"];
    let mut tally = BTreeMap::new();
    for group in list(&vectors, "testGroups") {
        for test in list(group, "tests") {
            let id = test["tcId"].to_string();
            let (token, comment) = (text(test, "jws"), text(test, "comment"));
            let label = text(test, "result");
            let (expected, source) = match overrides.get(&id) {
                None => (label, "as labelled"),
                Some(given) => (given[0].as_str().expect("a label"), "as overridden"),
            };
            let keys = Keys::new().jwk(&group_key(group), &KeyTags::default());
            let outcome = outcome(keys, token);
            match (expected, id.as_str()) {
                ("valid", _) => assert_eq!(outcome, "ok", "{id} {comment}"),
                ("invalid", "346" | "350") => assert_eq!(outcome, "alg_not_allowed", "{id}"),
                ("invalid", "347" | "351") => assert_eq!(outcome, "keys_invalid", "{id}"),
                ("invalid", _) => {
                    let reasons = reason(comment, list(test, "flags"), token);
                    assert!(
                        reasons.contains(&outcome.as_str()),
                        "{id} {comment}: {outcome}"
                    );
                }
                other => panic!("{id} has an unknown label: {other:?}"),
            }
            *tally.entry(source).or_insert(0) += 1;
        }
    }
    assert_eq!(
        tally,
        BTreeMap::from([("as labelled", 393), ("as overridden", 8)])
    );
}

#[test]
fn wycheproof_key_sets_are_accepted_and_refused_as_labelled_or_overridden() {
    let (vectors, overrides) = (read(JWK), read(OVERRIDES));
    let overrides = &overrides["json_web_key_test"];
    let mut count = 0;
    for group in list(&vectors, "testGroups") {
        for test in list(group, "tests") {
            let id = test["tcId"].to_string();
            let expected = match (id.as_str(), overrides.get(&id)) {
                // Several keys that fit are tried in order: a `kid` is no promise of being the
                // only one (README.md, "Free choices").
                ("4", _) => "valid",
                // Recommended: to refuse a set of both kinds, and a modulus of the ROCA family.
                ("1" | "7", Some(given)) if given[0] == "policy" => "invalid",
                (_, Some(given)) => given[0].as_str().expect("a label"),
                (_, None) => text(test, "result"),
            };
            let keys = Keys::new().jwk_set(&group_key(group), &KeyTags::default());
            let outcome = outcome(keys, text(test, "jws"));
            assert_eq!(outcome == "ok", expected == "valid", "{id}: {outcome}");
            count += 1;
        }
    }
    assert_eq!(count, 26);
}

/// Alone, an unfit key of those sets says itself what is wrong with it.
#[test]
fn wycheproof_keys_that_are_unfit_name_the_member_to_blame() {
    let vectors = read(JWK);
    let mut blamed = Vec::new();
    for group in list(&vectors, "testGroups") {
        let set = group.get("public").unwrap_or(&group["private"]);
        for jwk in list(set, "keys") {
            let error = Keys::new().jwk(&jwk.to_string(), &KeyTags::default()).err();
            blamed.extend(error.map(|error| {
                let id = group["tests"][0]["tcId"].as_u64().expect("a number");
                (
                    id,
                    error.into_refusal().claim.unwrap_or_default().into_owned(),
                )
            }));
        }
    }
    let blamed: Vec<_> = blamed
        .iter()
        .map(|(id, member)| (*id, member.as_str()))
        .collect();
    let expected = [
        // The second of the two keys with one `kid`: its last character has stray bits.
        (4, "k"),
        (6, "use"),
        (7, "n"),
        (8, "n"),
        (9, "e"),
        (10, "k"),
        (11, "k"),
        (12, "k"),
        (16, "k"),
        (17, "k"),
        (18, "k"),
        (19, "alg"),
        (20, "alg"),
        (21, "use"),
        (22, "x"),
        (23, "x"),
        (24, "n"),
        (25, "alg"),
        (26, "alg"),
    ];
    assert_eq!(blamed, expected);
}

/// Only the Compact Serialization is read, and no payload but base64url within it: every other
/// example must be refused.
#[test]
fn the_examples_of_the_rfcs_are_accepted_with_their_payload() {
    let vectors = read(RFC);
    let mut tally = BTreeMap::new();
    for vector in list(&vectors, "jws") {
        let id = text(vector, "id");
        let keys = vector.get("keys").and_then(Value::as_array).cloned();
        let keys = keys.unwrap_or_else(|| vec![vector["key"].clone()]);
        let keys = keys.iter().try_fold(Keys::new(), |keys, jwk| {
            keys.jwk(&jwk.to_string(), &KeyTags::default())
        });
        let verifier = JwsVerifier::new(keys.expect("the keys of the RFCs are good"));
        let token = match &vector["token"] {
            Value::String(compact) => compact.clone(),
            json => json.to_string(),
        };
        let outcome = verifier.verify(&token);
        let (expected, api) = (text(vector, "expect"), text(vector, "api"));
        match (api, expected) {
            ("jws", "accept") => {
                let payload = token.split('.').nth(1).expect("a payload");
                assert_eq!(outcome, Ok(octets(payload)), "{id}");
            }
            ("jws", "reject") => {
                let code = name(outcome.expect_err(id).code);
                let reason = if id.ends_with('E') {
                    "crit_not_supported"
                } else {
                    "alg_not_supported"
                };
                assert_eq!(code, reason, "{id}");
            }
            ("jws-json", _) => {
                assert_eq!(name(outcome.expect_err(id).code), "token_malformed", "{id}");
            }
            // Without its payload it is a JWS whose signature does not cover the empty payload.
            ("jws-detached", _) => {
                assert_eq!(
                    name(outcome.expect_err(id).code),
                    "signature_invalid",
                    "{id}"
                );
            }
            // The payload as it is has characters that base64url has not.
            ("jws-b64false", _) => {
                assert_eq!(name(outcome.expect_err(id).code), "token_malformed", "{id}");
            }
            other => panic!("{id} has an unknown label: {other:?}"),
        }
        *tally
            .entry((api.to_owned(), expected == "accept"))
            .or_insert(0) += 1;
    }
    let expected = [
        (("jws".to_owned(), false), 2),
        (("jws".to_owned(), true), 9),
        (("jws-b64false".to_owned(), false), 1),
        (("jws-detached".to_owned(), false), 2),
        (("jws-json".to_owned(), false), 24),
    ];
    assert_eq!(tally, BTreeMap::from(expected));
}

/// RFC 7797 section 6: `b64` is no free choice of the producer's.
#[test]
fn a_payload_that_is_not_encoded_is_refused_whether_crit_says_so_or_not() {
    for header in [
        r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"HS256","b64":false}"#,
    ] {
        let keys = Keys::new().secret(&[7; 32], &KeyTags::default());
        let token = format!("{}.Zm9v.AA", conformance::base64url(header.as_bytes()));
        assert_eq!(outcome(keys, &token), "crit_not_supported");
    }
}

#[test]
fn the_thumbprints_of_the_rfcs_are_ours() {
    let vectors = read(RFC);
    for vector in list(&vectors, "thumbprints") {
        let thumbprint = countersign::thumbprint(&vector["jwk"].to_string());
        assert_eq!(
            thumbprint.as_deref(),
            Ok(text(vector, "sha256")),
            "{}",
            vector["src"]
        );
    }
    assert_eq!(list(&vectors, "thumbprints").len(), 3);
}
