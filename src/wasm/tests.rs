//! The boundary, called as the package calls it.

use std::collections::{BTreeMap, BTreeSet};

use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::encoding::base64url;
use crate::jose::alg::Alg;
use crate::signature::sign_hmac_sha256;

const NOW: f64 = 1_700_000_000.0;
const SECRET: &[u8; 32] = b"a secret of thirty-two octets!!!";

/// The message of a mistake, which is a TypeError and nothing else.
fn message<T>(outcome: Result<T, JsValue>) -> String {
    let thrown = outcome.err().unwrap();
    thrown.dyn_into::<TypeError>().unwrap().message().into()
}

/// A verifier, and the dictionary of refusal reasons as the package keeps it.
struct Package {
    verifier: CoreVerifier,
    reasons: BTreeMap<usize, Value>,
}

fn verifier(policy: &str) -> Package {
    let mut keys = CoreKeys::new();
    keys.secret(SECRET, "{}").unwrap();
    Package {
        verifier: CoreVerifier::new(policy, keys, 0, 0).unwrap(),
        reasons: BTreeMap::new(),
    }
}

/// Puts `parts` into the input, one behind the other, as the package does.
fn put(parts: &[&[u8]]) {
    let octets = parts.concat();
    input(octets.len());
    BUFFERS.with_borrow_mut(|buffers| {
        buffers.input.splice(..octets.len(), octets);
    });
}

/// What an inspection that returned `length` has left.
fn left(length: i32) -> Value {
    BUFFERS.with_borrow(|buffers| {
        let (output, _) = buffers.results.first();
        assert_eq!(output.len(), usize::try_from(length.abs()).unwrap());
        serde_json::from_slice(output).unwrap()
    })
}

impl Package {
    fn verify(&mut self, token: &[u8], expected: &str, now: f64) -> (bool, Value) {
        put(&[token, expected.as_bytes()]);
        self.verifier.verify(token.len(), expected.len(), now);
        self.says()
    }

    /// Whether the call before has verified, and the claims, or the refusal.
    fn says(&mut self) -> (bool, Value) {
        BUFFERS.with_borrow(|buffers| {
            let (output, record) = buffers.results.first();
            let (status, additions, reason) = (record.status, record.additions, record.reason);
            let integer = |number: f64| number.to_string().parse::<usize>().unwrap();
            let (verified, additions) = (status > 0.0, integer(additions));
            let first = if verified { status } else { -1.0 - status };
            let (first, rest) = output.split_at(integer(first));
            if verified {
                assert_eq!(rest.len(), 43 + additions);
                return (true, serde_json::from_slice(first).unwrap());
            }
            assert_eq!(rest.len(), additions);
            if additions > 0 {
                let addition = serde_json::from_slice(rest).unwrap();
                self.reasons.insert(integer(reason), addition);
            }
            let reason = &self.reasons[&integer(reason)];
            (
                false,
                serde_json::json!({ "code": reason[0], "claim": reason[1] }),
            )
        })
    }
}

fn receipt(json: &str) -> Result<String, JsValue> {
    countersign_with_secret("opaque", json, SECRET, None, NOW)
}

const RECEIPTS: &str = r#"{ "issuer": null, "audience": null, "evidence": "receipt",
    "bind": ["order_id"] }"#;
const EXPECTED: &str = r#"{ "bind": { "order_id": "1" } }"#;

#[wasm_bindgen_test]
fn a_verified_token_is_a_positive_length_of_claims() {
    let token = receipt(r#"{ "expires": 1700000300, "bind": { "order_id": "1" } }"#).unwrap();
    let mut verifier = verifier(RECEIPTS);
    let (verified, says) = verifier.verify(token.as_bytes(), EXPECTED, NOW);
    assert!(verified, "{says}");
    assert_eq!(says["exp"], 1_700_000_300);

    let (verified, says) = verifier.verify(token.as_bytes(), EXPECTED, NOW + 300.0);
    assert!(!verified);
    assert_eq!(says["code"], "token_expired");
    let other = r#"{ "bind": { "order_id": "2" } }"#;
    let (verified, says) = verifier.verify(token.as_bytes(), other, NOW);
    assert!(!verified);
    assert_eq!(says["code"], "binding_mismatch");
}

#[wasm_bindgen_test]
fn a_refusal_is_below_zero_and_its_reason_is_written_once() {
    let mut verifier = verifier(r#"{ "issuer": null, "audience": null }"#);
    for (token, code) in [
        (&b""[..], "token_missing"),
        (b"a.b", "token_malformed"),
        (b"\xff.e30.AA", "token_malformed"),
        (b"eyJhbGciOiJub25lIn0.e30.", "alg_not_supported"),
        (b"eyJhbGciOiJIUzI1NiJ9.e30.AA", "signature_invalid"),
    ] {
        let (verified, says) = verifier.verify(token, "", NOW);
        assert!(!verified);
        assert_eq!(says["code"], code);
    }
    for now in [f64::NAN, f64::INFINITY, -1.0, NOW * 1000.0] {
        let (verified, says) = verifier.verify(b"a.b.c", "", now);
        assert!(!verified);
        assert_eq!(
            (&says["code"], &says["claim"]),
            (&"policy_invalid".into(), &"now".into())
        );
    }
}

#[wasm_bindgen_test]
fn lengths_beyond_the_input_are_refused() {
    let mut verifier = verifier(r#"{ "issuer": null, "audience": null }"#);
    put(&[b"a.b.c"]);
    let beyond = BUFFERS.with_borrow(|buffers| buffers.input.len()) + 1;
    for (token, expected, code) in [
        (beyond, 0, "token_malformed"),
        (5, beyond, "policy_invalid"),
    ] {
        verifier.verifier.verify(token, expected, NOW);
        assert_eq!(verifier.says().1["code"], code);
    }
}

#[wasm_bindgen_test]
fn a_call_overwrites_the_previous_output() {
    let mut verifier = verifier(r#"{ "issuer": null, "audience": null }"#);
    let header = base64url::encode(format!(r#"{{"alg":"{}"}}"#, "x".repeat(200)).as_bytes());
    let (_, says) = verifier.verify(format!("{header}.e30.").as_bytes(), "", NOW);
    assert_eq!(says["code"], "alg_not_supported");
    assert!(verifier.verify(b"", "", NOW).1["claim"].is_null());
    BUFFERS
        .with_borrow(|buffers| assert_eq!(buffers.results.first().0, br#"["token_missing",null]"#));
    verifier.verify(b"", "", NOW);
    BUFFERS.with_borrow(|buffers| assert_eq!(buffers.results.first().0, b""));
}

#[wasm_bindgen_test]
fn a_mistake_is_a_type_error_that_names_the_option() {
    let built = |policy: &str| CoreVerifier::new(policy, CoreKeys::new(), 0, 0);
    assert!(message(built(r#"{ "audience": null }"#)).starts_with("issuer must be"));
    let unknown = r#"{ "issuer": null, "audience": null, "isuer": "x" }"#;
    assert!(message(built(unknown)).starts_with("isuer must be"));
    assert!(message(built("7")).contains("must be"));
    let mut keys = CoreKeys::new();
    assert!(message(keys.secret(b"short", "{}")).starts_with("secret must be"));
    assert!(message(keys.pem("-----BEGIN", "{}")).starts_with("pem must be"));
    assert!(message(keys.jwk("[]", "{}")).starts_with("jwk must be"));
    assert!(message(keys.jwk(r#"{"kty":"EC"}"#, "{}")).starts_with("crv must be"));
    assert!(message(keys.jwk_set("{}", "{}")).starts_with("keys must be"));
    assert!(message(keys.secret(SECRET, r#"{"alg":"RS256"}"#)).starts_with("alg must be"));
    assert!(message(receipt(r#"{ "expires": "tomorrow" }"#)).starts_with("expires must be"));
    assert!(message(profile_of("unknown", "{}")).starts_with("profile must be"));
    assert!(message(receipt_of("unknown", "{}")).starts_with("receipt must be"));
}

#[wasm_bindgen_test]
fn options_that_are_not_json_are_a_mistake() {
    for options in [
        "",
        "{",
        r#"{ "issuer": NaN }"#,
        r#"{ "issuer": null, "issuer": "x" }"#,
    ] {
        let built = CoreVerifier::new(options, CoreKeys::new(), 0, 0);
        assert!(message(built).starts_with("options must be"));
    }
}

#[wasm_bindgen_test]
fn an_inspection_never_fails_for_a_token() {
    let verifier = verifier(r#"{ "issuer": null, "audience": null }"#);
    for token in ["", "a.b", "eyJhbGciOiJub25lIn0.e30.", "opaque", "~"] {
        put(&[token.as_bytes()]);
        let alone = inspect_token(token.len(), 16_384, NOW);
        assert!(alone > 0, "{token}");
        assert!(left(alone)["kind"].is_string());
        let held = verifier.verifier.inspect(token.len(), 0, NOW);
        assert!(held > 0, "{token}");
        assert!(left(held)["checks"].is_array());
    }
}

/// A good token, HS256, with these claims.
fn token(claims: &str) -> Vec<u8> {
    let [header, claims] =
        [r#"{"alg":"HS256"}"#, claims].map(|part| base64url::encode(part.as_bytes()));
    let input = format!("{header}.{claims}");
    let signature = sign_hmac_sha256(SECRET, input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(&signature)).into_bytes()
}

#[wasm_bindgen_test]
fn the_entries_that_lack_the_key_of_a_token_are_known() {
    let mut keys = CoreKeys::new();
    let named = |kid| format!(r#"{{ "kid": "{kid}" }}"#);
    keys.secret(SECRET, &named("a")).unwrap();
    keys.published_jwk_set(r#"{ "keys": [] }"#, "{}").unwrap();
    keys.secret(SECRET, "{}").unwrap();
    let policy = r#"{ "issuer": null, "audience": null, "algorithms": ["HS256"] }"#;
    let verifier = CoreVerifier::new(policy, keys, 0, 0).unwrap();
    let lacking = |header: &str| {
        let token = format!("{}.e30.AA", base64url::encode(header.as_bytes()));
        put(&[token.as_bytes()]);
        verifier.lacking(token.len())
    };
    assert_eq!(lacking(r#"{"alg":"HS256","kid":"a"}"#), [1, 2]);
    assert_eq!(lacking(r#"{"alg":"HS256","kid":"b"}"#), [0, 1, 2]);
    assert_eq!(lacking(r#"{"alg":"HS256"}"#), [0, 1, 2]);
    for hopeless in [
        r#"{"alg":"ES256","kid":"b"}"#,
        r#"{"alg":"none"}"#,
        "{}",
        "",
    ] {
        assert_eq!(lacking(hopeless), [0; 0], "{hopeless}");
    }
}

#[wasm_bindgen_test]
fn a_token_like_earlier_ones_allocates_nothing_but_its_refusal() {
    let policy = r#"{ "issuer": "i", "audience": "a", "scope": "read write" }"#;
    let mut verifier = verifier(policy);
    let claims = |sub: usize, exp: u32| {
        format!(
            r#"{{"iss":"i","aud":["b","a"],"sub":"{sub:09}","exp":{exp},"scope":"write read all",
                "roles":["x","y"],"act":{{"sub":"t","may":[1,2]}},"active":true,"level":0.5}}"#
        )
    };
    for (exp, verified, most) in [(1_700_000_300, true, 0), (1_600_000_000, false, 1)] {
        let allocations = |sub| {
            let token = token(&claims(sub, exp));
            put(&[&token]);
            let verify = || verifier.verifier.verify(token.len(), 0, NOW);
            let counted = allocation_counter::measure(verify).count_total;
            assert_eq!(verifier.says().0, verified);
            counted
        };
        let counted: Vec<_> = (0..20).map(allocations).collect();
        assert!(counted[0] > 0, "{counted:?}");
        assert!(
            counted[2..].iter().all(|count| *count == most),
            "{counted:?}"
        );
    }
}

/// The keys of a vector.
fn keys_of(keys: &Value) -> CoreKeys {
    let mut core = CoreKeys::new();
    let tags = "{}";
    let added = if let Some(secret) = keys["secret"]["$b64u"].as_str() {
        core.secret(&base64url::decode(secret).unwrap(), tags)
    } else if let Some(pem) = keys["pem"].as_str() {
        core.pem(pem, tags)
    } else {
        let jwk = keys.get("jwk").unwrap_or(keys);
        core.jwk(&jwk.to_string(), tags)
    };
    added.unwrap();
    core
}

/// A key has its table long before the last uses counted here.
#[wasm_bindgen_test]
fn no_algorithm_allocates_for_a_hot_key_but_a_refusal() {
    let vectors = include_str!("../../tests/vectors/rfc7518.json");
    let vectors: Vec<Value> = serde_json::from_str(vectors).unwrap();
    let mut headers = BTreeSet::new();
    for vector in &vectors {
        if !vector["answer"]["ok"].is_object() {
            continue;
        }
        let policy = vector["options"].to_string();
        let verifier = CoreVerifier::new(&policy, keys_of(&vector["keys"]), 0, 0).unwrap();
        let mut package = Package {
            verifier,
            reasons: BTreeMap::new(),
        };
        let token = vector["token"].as_str().unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let forged = vec![0xff; base64url::decode(signature).unwrap().len()];
        let forged = format!("{signed}.{}", base64url::encode(&forged));
        let mut allocations = |(token, is_good): (&str, bool)| {
            put(&[token.as_bytes()]);
            let verify = || package.verifier.verify(token.len(), 0, NOW);
            let counted = allocation_counter::measure(verify).count_total;
            assert_eq!(package.says().0, is_good, "{vector}");
            counted
        };
        let both = [(token, true), (&forged, false)];
        let counted: Vec<_> = (0..30).map(|_| both.map(&mut allocations)).collect();
        assert!(counted[0][0] > 0, "{vector} {counted:?}");
        assert!(
            counted[25..].iter().all(|counts| *counts == [0, 1]),
            "{vector} {counted:?}"
        );
        headers.insert(token.split('.').next().unwrap().to_owned());
    }
    let header = |alg: Alg| base64url::encode(format!(r#"{{"alg":"{}"}}"#, alg.name()).as_bytes());
    let others = Alg::ALL.into_iter().filter(|alg| *alg != Alg::Hs256);
    assert_eq!(headers, others.map(header).collect());
}
