//! What the conformance tests have in common: reading vectors, and taking a key as a vector has it.
#![expect(
    dead_code,
    reason = "each test target uses what it needs of this module"
)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::{Error, ErrorCode, KeyTags, Keys};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// The vectors that `text` holds.
pub(crate) fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("vectors are JSON")
}

/// The member of a vector that is text.
pub(crate) fn text<'a>(vector: &'a Value, member: &str) -> &'a str {
    vector[member].as_str().expect("a member is text")
}

/// The member of a vector that is an array.
pub(crate) fn list<'a>(vector: &'a Value, member: &str) -> &'a [Value] {
    vector[member].as_array().expect("a member is an array")
}

/// The octets that base64url text encodes.
pub(crate) fn octets(base64url: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(base64url).expect("base64url")
}

/// The base64url text of octets.
pub(crate) fn base64url(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

/// The keys of a vector that says of what kind they are.
pub(crate) fn keys_of(key: &Value) -> Result<Keys, Error> {
    let (keys, tags) = (Keys::new(), KeyTags::default());
    match text(key, "kind") {
        "jwk" => keys.jwk(&key["jwk"].to_string(), &tags),
        "jwks" => keys.jwk_set(&key["jwks"].to_string(), &tags),
        "pem" => keys.pem(text(key, "pem"), &tags),
        "secret" => keys.secret(&octets(text(key, "b64u")), &tags),
        other => panic!("there is no kind of key called {other}"),
    }
}

/// A code as it is written, for messages and tables.
pub(crate) fn name(code: ErrorCode) -> String {
    let code = serde_json::to_value(code).expect("a code is text");
    code.as_str().expect("a code is text").to_owned()
}

/// The HS256 token over a header of that alone and over `payload`, spelled as it is given.
pub(crate) fn hs256(secret: &[u8], payload: &str) -> String {
    let input = format!("{}.{payload}", base64url(br#"{"alg":"HS256"}"#));
    let mac = Hmac::<Sha256>::new_from_slice(secret).expect("a secret of any length");
    let tag = mac.chain_update(&input).finalize().into_bytes();
    format!("{input}.{}", base64url(&tag))
}
