//! The core obeys the vectors: `tests/vectors/*.json`, whose shape their README tells.
#![expect(clippy::unwrap_used, reason = "a failed test should panic")]
#![expect(clippy::panic, reason = "a failed test should panic")]
#![expect(
    clippy::indexing_slicing,
    reason = "a vector that lacks a member should panic"
)]

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use countersign::{
    CacheLimits, Error, ErrorCode, Expected, KeyTags, Keys, NumericDate, Policy, Receipt,
    ReceiptKey, Session, Verified, Verifier, countersign, profile,
};
use serde_json::{Map, Value, json};

/// A test for each file, and the list of them, so that none is lost without notice.
macro_rules! files {
    ($($file:ident),* $(,)?) => {
        const FILES: &[&str] = &[$(stringify!($file)),*];

        $(
            #[test]
            fn $file() {
                every_vector_is_obeyed(stringify!($file));
            }
        )*
    };
}

files!(
    access_token,
    cashfree,
    dates,
    dpop,
    hostile,
    juspay,
    key_entries,
    order,
    policy,
    profile_policies,
    profiles,
    publiq,
    receipts,
    rfc7515,
    rfc7517,
    rfc7518,
    rfc7519,
    rfc8725,
    rules,
    uses,
    vtex,
);

/// The secret of the receipts that only show what they hold.
const SECRET: &[u8] = b"a secret of thirty-two octets!!!";

#[test]
fn every_file_of_vectors_is_run() {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names, FILES);
}

#[test]
fn every_code_has_a_vector() {
    let source = include_str!("../src/error/mod.rs");
    let (_, after) = source.split_once("pub enum ErrorCode {").unwrap();
    let (variants, _) = after.split_once('}').unwrap();
    let names = variants
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','));
    let mut refusals: Vec<String> = names
        .filter(|name| !name.contains(' '))
        .map(snake_case)
        .collect();
    // A vector asks for these two as a TypeError.
    refusals.retain(|code| code != "policy_invalid" && code != "keys_invalid");
    assert!(refusals.len() > 20, "the enum was not found");
    let vectors: Vec<Value> = FILES.iter().flat_map(|file| vectors(file)).collect();
    let is_wanted = |code: &str| {
        vectors
            .iter()
            .any(|one| one["answer"]["err"]["code"] == code)
    };
    refusals.retain(|code| !is_wanted(code));
    assert!(
        refusals.is_empty(),
        "no vector is refused with {refusals:?}"
    );
}

fn snake_case(name: &str) -> String {
    let words = name.char_indices().flat_map(|(at, letter)| {
        let gap = (at > 0 && letter.is_ascii_uppercase()).then_some('_');
        gap.into_iter().chain([letter.to_ascii_lowercase()])
    });
    words.collect()
}

fn vectors(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder().join(file).with_extension("json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn every_vector_is_obeyed(file: &str) {
    let vectors = vectors(file);
    let ours: Vec<&Value> = vectors.iter().filter(|one| is_for_rust(one)).collect();
    assert!(!ours.is_empty(), "no vector is for Rust");
    let said = |vector: &Value| run(vector).map(|what| format!("{}: {what}", vector["name"]));
    let differences: Vec<String> = ours.into_iter().filter_map(said).collect();
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors"))
}

fn is_for_rust(vector: &Value) -> bool {
    vector["only"]
        .as_array()
        .is_none_or(|only| only.contains(&json!("rust")))
}

/// What came out otherwise than `vector` says.
fn run(vector: &Value) -> Option<String> {
    let Some(call) = vector["call"].as_str() else {
        let token = vector["token"].as_str().unwrap_or_default();
        return compare(&vector["answer"], verify(vector, token));
    };
    let arguments = vector["arguments"].as_array().unwrap();
    if let Some(name) = call.strip_prefix("profiles.") {
        let made = profile::named(name, arguments[0].clone());
        return compare(
            &vector["answer"],
            made.map(|made| json!({ "policy": [made] })),
        );
    }
    if call != "countersign" {
        return compare(&vector["answer"], receipt_of(call, &arguments[0]));
    }
    let made = countersigned(&arguments[0], &arguments[1], &arguments[2]);
    let taken_apart = made.as_deref().map(taken_apart).map_err(Clone::clone);
    compare(&vector["answer"], taken_apart).or_else(|| {
        let then = vector.get("then")?;
        compare(&then["answer"], verify(then, &made.ok()?)).map(|what| format!("then {what}"))
    })
}

fn verify(check: &Value, token: &str) -> Result<Value, Error> {
    let mut options = check["options"].clone();
    if let Some(given) = options.get("profile").cloned() {
        options["profile"] = profile_of(given)?;
    }
    let verifier = Verifier::new(Policy::from_value(options)?, keys_of(&check["keys"])?);
    let expected = check.get("expected").cloned().unwrap_or(json!({}));
    let now = moment(&check["now"])?;
    let expected = Expected::from_value(expected)?;
    let result = verifier.verify_expecting(token, &expected, now);
    let result = result.map(|verified| serde_json::to_value(verified).unwrap());
    assert_eq!(in_a_session(verifier, token, &expected, now), result);
    result
}

/// The result of a session, which is the same each time: of a token that is verified, of one that is cached, and of one
/// among many.
fn in_a_session(
    verifier: Verifier,
    token: &str,
    expected: &Expected,
    now: NumericDate,
) -> Result<Value, Error> {
    let mut session = Session::new(verifier, CacheLimits::default());
    let first = session.verify(token, expected, now);
    let mut results = vec![session.verify(token, expected, now)];
    match session.verify_many(&[token, "not.a.token", token], expected, now) {
        Ok(many) => results.extend(many.into_iter().step_by(2)),
        Err(mistake) => results.push(Err(mistake)),
    }
    let value = |result: Result<Verified, Error>| {
        result.map(|verified| serde_json::to_value(verified).unwrap())
    };
    let first = value(first);
    for result in results {
        assert_eq!(value(result), first, "{token}");
    }
    assert_eq!(
        session.cached_tokens(),
        usize::from(first.is_ok()),
        "{token}"
    );
    first
}

fn profile_of(mut options: Value) -> Result<Value, Error> {
    let name = options.as_object_mut().unwrap().remove("$profile").unwrap();
    profile::named(name.as_str().unwrap(), options)
}

fn keys_of(keys: &Value) -> Result<Keys, Error> {
    let all = keys
        .as_array()
        .map_or(std::slice::from_ref(keys), Vec::as_slice);
    all.iter().try_fold(Keys::new(), |keys, key| {
        let mut tags = key.as_object().unwrap().clone();
        if tags.contains_key("kty") {
            return keys.jwk(&key.to_string(), &KeyTags::default());
        }
        if tags.contains_key("keys") {
            return keys.jwk_set(&key.to_string(), &KeyTags::default());
        }
        let mut form = |name: &str| tags.remove(name);
        let (secret, pem, jwk, jwks) = (form("secret"), form("pem"), form("jwk"), form("jwks"));
        let tags = KeyTags::from_value(Value::Object(tags))?;
        match (secret, pem, jwk, jwks) {
            (Some(secret), None, None, None) => keys.secret(&octets(&secret), &tags),
            (None, Some(pem), None, None) => keys.pem(pem.as_str().unwrap(), &tags),
            (None, None, Some(jwk), None) => keys.jwk(&jwk.to_string(), &tags),
            (None, None, None, Some(jwks)) => keys.jwk_set(&jwks.to_string(), &tags),
            _ => panic!("no key: {key}"),
        }
    })
}

fn octets(secret: &Value) -> Vec<u8> {
    match secret.get("$b64u") {
        Some(text) => BASE64_URL_SAFE_NO_PAD
            .decode(text.as_str().unwrap())
            .unwrap(),
        None => secret.as_str().unwrap().as_bytes().to_owned(),
    }
}

/// A moment outside NumericDate is a mistake in either language; in Rust it has no value.
fn moment(now: &Value) -> Result<NumericDate, Error> {
    let date = now.as_f64().and_then(NumericDate::from_secs);
    date.ok_or_else(|| Policy::from_json(r#"{ "now": 0 }"#).unwrap_err())
}

fn receipt(options: &Value) -> Result<Receipt, Error> {
    let mut options = options.clone();
    match options.as_object_mut().unwrap().remove("$receipt") {
        None => Receipt::from_value(options),
        Some(Value::String(name)) if name == "juspay" => Receipt::juspay(options),
        Some(Value::String(name)) if name == "cashfree" => Receipt::cashfree(options),
        Some(other) => panic!("no receipt is called {other}"),
    }
}

fn countersigned(token: &Value, data: &Value, key: &Value) -> Result<String, Error> {
    let kid = key["kid"].as_str();
    let receipt = receipt(data)?;
    let key = match key.get("privateKey") {
        Some(jwk) => ReceiptKey::private_jwk(&jwk.to_string(), kid),
        None => ReceiptKey::secret(&octets(&key["secret"]), kid),
    }?;
    let now = NumericDate::from_secs(0.0).unwrap();
    countersign(token.as_str().unwrap(), &receipt, &key, now)
}

/// What `receipts.…` makes, as the package shows it: read from a receipt that was signed.
fn receipt_of(call: &str, options: &Value) -> Result<Value, Error> {
    let mut options = options.clone();
    options["$receipt"] = json!(call.strip_prefix("receipts.").unwrap());
    let key = json!({ "secret": String::from_utf8(SECRET.to_vec()).unwrap() });
    let made = countersigned(&json!("opaque"), &options, &key)?;
    let mut claims = taken_apart(&made)["claims"].as_object().unwrap().clone();
    let mut take = |name: &str| claims.remove(name).unwrap_or(Value::Null);
    let (issuer, expires) = (take("iss"), take("exp"));
    let (bind, uses) = (take("bind"), take("uses"));
    let [_ath, _iat] = ["ath", "iat"].map(take);
    Ok(json!({
        "issuer": issuer, "expires": expires, "bind": bind, "uses": uses, "claims": claims,
    }))
}

/// `receipt~token` as the vectors have it.
fn taken_apart(made: &str) -> Value {
    let (receipt, token) = made.split_once('~').unwrap();
    let mut segments = receipt.split('.').map(|segment| {
        let octets = BASE64_URL_SAFE_NO_PAD.decode(segment).unwrap();
        serde_json::from_slice(&octets).unwrap_or(Value::Null)
    });
    json!({ "header": segments.next(), "claims": segments.next(), "token": token })
}

fn compare(answer: &Value, outcome: Result<Value, Error>) -> Option<String> {
    let answer = answer.as_object().unwrap();
    match outcome {
        Ok(value) => match answer.get("ok") {
            Some(wanted) => differing(wanted, Some(&value), ""),
            None => Some("a result instead of a refusal".to_owned()),
        },
        Err(error) if is_mistake(&error) => match answer.get("typeError") {
            None => Some(format!("{error} instead of an answer")),
            Some(Value::String(word)) if !names(&error, word) => {
                Some(format!("{error} does not name {word}"))
            }
            Some(_) => None,
        },
        Err(error) => match answer.get("err") {
            None if answer.contains_key("refused") => None,
            None => Some(format!("{error} instead of what is wanted")),
            Some(wanted) => {
                let refusal = serde_json::to_value(&error).unwrap();
                let silent = matches!(
                    error.code,
                    ErrorCode::SignatureInvalid | ErrorCode::ReceiptMismatch
                );
                if silent && (error.expected.is_some() || error.actual.is_some()) {
                    return Some(format!("{error} has evidence"));
                }
                wanted
                    .as_object()
                    .unwrap()
                    .iter()
                    .find_map(|(field, value)| {
                        let found = refusal.get(field).unwrap_or(&Value::Null);
                        (!same(value, found))
                            .then(|| format!("{error}: {field} {found}, not {value}"))
                    })
            }
        },
    }
}

fn is_mistake(error: &Error) -> bool {
    matches!(
        error.code,
        ErrorCode::PolicyInvalid | ErrorCode::KeysInvalid
    )
}

fn names(error: &Error, word: &str) -> bool {
    let must_be = error.expected.as_ref().and_then(Value::as_str);
    format!("{error} {}", must_be.unwrap_or_default())
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .any(|name| name == word)
}

/// Where `found` lacks what `wanted` holds: objects may hold more, all else is compared whole.
fn differing(wanted: &Value, found: Option<&Value>, path: &str) -> Option<String> {
    if wanted.get("$undefined").is_some() {
        return found.map(|found| format!("{path} is {found}, not absent"));
    }
    match (wanted, found) {
        (Value::Object(wanted), Some(Value::Object(found))) => wanted
            .iter()
            .find_map(|(name, value)| differing(value, found.get(name), &format!("{path}/{name}"))),
        (wanted, Some(found)) if same(wanted, found) => None,
        (wanted, found) => Some(format!("{path} is {found:?}, not {wanted}")),
    }
}

/// Equal as JavaScript has it: a number is its value.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => same_members(a, b),
        (a, b) => a == b,
    }
}

fn same_members(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    a.len() == b.len()
        && a.iter()
            .all(|(name, value)| b.get(name).is_some_and(|other| same(value, other)))
}
