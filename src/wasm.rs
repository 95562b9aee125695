//! The JavaScript boundary: the exports of the WebAssembly module.
//!
//! For a verification, JavaScript writes token and expectations to one buffer, and reads text and
//! records of doubles from two others (`protocol.rs`). Verifiers and keys, which are built once, are
//! passed as JavaScript values. [`crate::session`] makes every decision.
//!
//! Over 400 lines: every export is in one file, so that the boundary can be read as a list.

mod claim_layout;
mod output;
pub(crate) mod protocol;
#[cfg(all(test, target_arch = "wasm32"))]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed test should panic"
)]
mod tests;

use std::cell::RefCell;
use std::sync::Arc;

use js_sys::{Function, TypeError, Uint8Array};
use serde_json::Value;
use wasm_bindgen::prelude::*;

use crate::claims::numeric_date::NumericDate;
use crate::encoding::json::Raw;
use crate::encoding::json::write::{text_of, write_array, write_error};
use crate::encoding::limits::{MAX_KEY_SET_BYTES, MAX_KEYS, MAX_MAX_TOKEN_BYTES};
use crate::encoding::sha256::Hasher;
use crate::error::{Error, ErrorCode};
use crate::inspect::{self, Inspection};
use crate::jose::jws::Octets;
use crate::keys::{self, KeyTags, KeyUsability, Keys};
use crate::members::object;
use crate::policy::expected::{Expected, Presentation};
use crate::policy::{self, Policy};
use crate::profile;
use crate::proof::ProofIdentity;
use crate::published;
use crate::receipt;
use crate::receipt::{Receipt, ReceiptKey};
use crate::session::{CacheLimits, Output, Session};
use crate::signature::{Host, Power};
use crate::verifier::Verifier;
use output::{Dictionaries, Results, Writer};
use protocol::MAX_TOKENS;

/// Buffers that every call uses again.
struct Buffers {
    input: Vec<u8>,
    /// The lengths of the tokens in the input of a call with many.
    lengths: [u32; MAX_TOKENS],
    octets: Octets,
    results: Results,
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::new(Buffers {
        input: Vec::new(),
        lengths: [0; MAX_TOKENS],
        octets: Octets::default(),
        results: Results::new(),
    });
    /// The message that a host hashes, its parts concatenated.
    static PARTS: RefCell<Vec<u8>> = RefCell::default();
}

#[wasm_bindgen]
extern "C" {
    /// The runtime's SHA-256: `HostHash` in the package's `bindings.ts`.
    #[derive(Debug)]
    pub type HostHash;

    /// Writes the SHA-256 of the `length` octets at address `from` to address `to`, which is divisible
    /// by four. Returns whether it did.
    #[wasm_bindgen(method)]
    fn sha256(this: &HostHash, from: usize, length: usize, to: usize) -> bool;
}

/// The address of an input buffer for at least `length` octets. Valid until the next call.
#[wasm_bindgen]
pub fn input(length: usize) -> *const u8 {
    BUFFERS.with_borrow_mut(|buffers| {
        if buffers.input.len() < length {
            buffers.input.resize(length, 0);
        }
        buffers.input.as_ptr()
    })
}

/// The address for the lengths of many tokens, one word each.
#[wasm_bindgen]
pub fn lengths() -> *const u32 {
    BUFFERS.with_borrow(|buffers| buffers.lengths.as_ptr())
}

/// The address of the last call's records (`protocol.rs`).
#[wasm_bindgen]
pub fn records() -> *const f64 {
    BUFFERS.with_borrow(|buffers| buffers.results.records())
}

/// The most octets of a token that are ever read.
#[wasm_bindgen(js_name = maxTokenBytes)]
pub fn max_token_bytes() -> usize {
    MAX_MAX_TOKEN_BYTES
}

/// The most keys in a set.
#[wasm_bindgen(js_name = maxKeys)]
pub fn max_keys() -> usize {
    MAX_KEYS
}

/// The longest text of a set, in octets.
#[wasm_bindgen(js_name = maxKeySetBytes)]
pub fn max_key_set_bytes() -> usize {
    MAX_KEY_SET_BYTES
}

/// Reports on each member of a JWK Set, as JSON text. Throws for what is not a JWK Set.
#[wasm_bindgen(js_name = keySetUsability)]
pub fn key_set_usability(jwk_set: &str, is_published: bool) -> Result<String, JsValue> {
    let reports = keys::key_set_usability(jwk_set, is_published).map_err(mistake)?;
    let mut json = String::new();
    write_array(&reports, &mut json, KeyUsability::write);
    Ok(json)
}

/// Keys for a verifier.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct CoreKeys(Keys);

#[wasm_bindgen]
impl CoreKeys {
    /// No keys yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a secret.
    pub fn secret(&mut self, octets: &[u8], tags: &str) -> Result<(), JsValue> {
        let tags = tags_from(tags)?;
        self.add(|keys| keys.secret(octets, &tags))
    }

    /// Adds the public key of a PEM text.
    pub fn pem(&mut self, text: &str, tags: &str) -> Result<(), JsValue> {
        let tags = tags_from(tags)?;
        self.add(|keys| keys.pem(text, &tags))
    }

    /// Adds a JWK.
    pub fn jwk(&mut self, json: &str, tags: &str) -> Result<(), JsValue> {
        let tags = tags_from(tags)?;
        self.add(|keys| keys.jwk(json, &tags))
    }

    /// Adds the keys of a JWK Set that can be used.
    #[wasm_bindgen(js_name = jwkSet)]
    pub fn jwk_set(&mut self, json: &str, tags: &str) -> Result<(), JsValue> {
        let tags = tags_from(tags)?;
        self.add(|keys| keys.jwk_set(json, &tags))
    }

    /// Adds the public keys of a JWK Set that others can read. It may have none that can be used.
    #[wasm_bindgen(js_name = publishedJwkSet)]
    pub fn published_jwk_set(&mut self, json: &str, tags: &str) -> Result<(), JsValue> {
        let tags = tags_from(tags)?;
        self.add(|keys| keys.published_jwk_set(json, &tags))
    }

    /// Delegates RSA exponentiation to `host(modulus, exponent)`, which returns `raise(from, to)` or
    /// undefined. `raise` reads as many octets as the modulus has at the address `from`, writes as
    /// many to `to`, and returns whether it succeeded.
    #[wasm_bindgen(js_name = raisedBy)]
    pub fn raised_by(&mut self, host: Function) {
        let host: Host = Arc::new(move |modulus: &[u8], exponent: &[u8]| {
            let (modulus, exponent) = (Uint8Array::from(modulus), Uint8Array::from(exponent));
            let power = host.call2(&JsValue::NULL, &modulus, &exponent).ok()?;
            let power: Function = power.dyn_into().ok()?;
            let raise: Power = Box::new(move |signature, raised| {
                let from = signature.as_ptr().expose_provenance();
                let to = raised.as_mut_ptr().expose_provenance();
                let done = power.call2(&JsValue::NULL, &from.into(), &to.into());
                done.is_ok_and(|done| done.is_truthy())
            });
            Some(raise)
        });
        self.0 = std::mem::take(&mut self.0).raised_by(&host);
    }

    /// Delegates SHA-256 of long messages to `host`, if it passes a self-test.
    #[wasm_bindgen(js_name = hashedBy)]
    pub fn hashed_by(&mut self, host: HostHash) {
        let hasher = Hasher::self_tested(move |parts| {
            PARTS.with_borrow_mut(|octets| {
                octets.clear();
                parts.iter().for_each(|part| octets.extend_from_slice(part));
                // Words: the host writes four octets at a time.
                let mut digest = [0_u32; 8];
                let from = octets.as_ptr().expose_provenance();
                let to = digest.as_mut_ptr().expose_provenance();
                let done = host.sha256(from, octets.len(), to);
                // The first part is HMAC's padded key block: wipe it.
                let before = parts.first().map_or(0, |part| part.len());
                octets.get_mut(..before).unwrap_or_default().fill(0);
                done.then(|| octets_of(digest))
            })
        });
        self.0 = std::mem::take(&mut self.0).hashed_by(hasher);
    }

    fn add(&mut self, add: impl FnOnce(Keys) -> Result<Keys, Error>) -> Result<(), JsValue> {
        self.0 = add(std::mem::take(&mut self.0)).map_err(mistake)?;
        Ok(())
    }
}

/// A session, with the dictionaries that its results refer to.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CoreVerifier {
    session: Session,
    dictionaries: Dictionaries,
}

#[wasm_bindgen]
impl CoreVerifier {
    /// Builds a verifier from a policy (the package's `Policy`, as JSON text). Its token cache holds at most
    /// `entries` tokens of `bytes` octets together. Throws if the policy is not valid.
    #[wasm_bindgen(constructor)]
    pub fn new(
        policy: &str,
        keys: CoreKeys,
        entries: usize,
        bytes: usize,
    ) -> Result<Self, JsValue> {
        let policy = Policy::from_value(value_from(policy)?).map_err(mistake)?;
        let verifier = Verifier::checked(policy, keys.0).map_err(mistake)?;
        Ok(Self {
            session: Session::new(verifier, CacheLimits { entries, bytes }),
            dictionaries: Dictionaries::new(),
        })
    }

    /// Whether the policy limits the uses of a token.
    #[wasm_bindgen(getter, js_name = limitsUses)]
    pub fn limits_uses(&self) -> bool {
        self.policy().max_uses().is_some()
    }

    /// Whether the policy accepts each `jti` once.
    #[wasm_bindgen(getter, js_name = singleUse)]
    pub fn single_use(&self) -> bool {
        self.policy().single_use()
    }

    /// How long after `exp` a token is accepted.
    #[wasm_bindgen(getter, js_name = leewaySeconds)]
    pub fn leeway_seconds(&self) -> u32 {
        self.policy().leeway_seconds()
    }

    /// Whether a receipt vouches for tokens, and not their own signature.
    #[wasm_bindgen(getter, js_name = readsReceipts)]
    pub fn reads_receipts(&self) -> bool {
        self.policy().evidence() == policy::Evidence::Receipt
    }

    /// How many tokens are cached.
    #[wasm_bindgen(getter)]
    pub fn entries(&self) -> usize {
        self.session.cached_tokens()
    }

    /// Verifies the token in the first `token` octets of the input, as of `now`, in seconds since
    /// the Unix epoch; the next `expected` octets are what the request expects, as JSON. The result
    /// is the first record at [`records`].
    pub fn verify(&mut self, token: usize, expected: usize, now: f64) {
        BUFFERS.with_borrow_mut(|buffers| {
            let Buffers {
                input,
                octets,
                results,
                ..
            } = buffers;
            results.clear();
            let mut writer = Writer::new(results, &mut self.dictionaries);
            match Call::read(input, token, expected, now) {
                Ok(call) => self.session.check(call.presentation(), octets, &mut writer),
                Err(mistake) => writer.refused(0, mistake),
            }
            results.finish(1);
        });
    }

    /// Verifies `count` tokens as [`Self::verify`] does. They are concatenated in the input;
    /// [`lengths`] has their lengths. Returns whether they were verified: if not, the first result is
    /// the mistake.
    #[wasm_bindgen(js_name = verifyMany)]
    pub fn verify_many(&mut self, count: usize, expected: usize, now: f64) -> bool {
        BUFFERS.with_borrow_mut(|buffers| {
            let Buffers {
                input,
                lengths,
                octets,
                results,
            } = buffers;
            results.clear();
            let lengths = lengths.iter().take(count);
            let lengths: Vec<_> = lengths.map(|length| as_usize(*length)).collect();
            let mut writer = Writer::new(results, &mut self.dictionaries);
            let call = Call::read(input, lengths.iter().sum(), expected, now);
            let checked = call.and_then(|call| {
                let tokens = call.tokens(&lengths);
                self.session
                    .check_many(&tokens, call.expected(), call.now, octets, &mut writer)
            });
            let is_checked = checked.is_ok();
            if let Err(mistake) = checked {
                writer.refused(0, mistake);
            }
            results.finish(count.max(1));
            is_checked
        })
    }

    /// The indexes of the entries of keys in which no key has the `kid` of the token in the first
    /// `token` octets of the input: those that a new set could help.
    pub fn lacking(&self, token: usize) -> Vec<usize> {
        BUFFERS.with_borrow(|buffers| {
            let token = buffers.input.get(..token).unwrap_or_default();
            self.session.verifier().lacking(token)
        })
    }

    /// Inspects the token as [`Self::verify`] would verify it; returns the length of the JSON text,
    /// below zero for a mistake.
    pub fn inspect(&self, token: usize, expected: usize, now: f64) -> i32 {
        BUFFERS.with_borrow_mut(|buffers| {
            let inspection = Call::read(&buffers.input, token, expected, now).and_then(|call| {
                let verifier = self.session.verifier();
                verifier.inspect(call.token()?, call.expected(), call.now)
            });
            buffers.leave(inspection)
        })
    }
}

impl CoreVerifier {
    fn policy(&self) -> &Policy {
        self.session.verifier().policy()
    }
}

impl Buffers {
    /// Writes an inspection, or a mistake; returns the length, below zero for a mistake.
    fn leave(&mut self, inspection: Result<Inspection, Error>) -> i32 {
        match inspection {
            Ok(inspection) => {
                let text = inspection.to_json().unwrap_or_default();
                self.results.text(text.as_bytes())
            }
            Err(mistake) => {
                let mut text = String::new();
                write_error(&mistake, &mut text);
                -self.results.text(text.as_bytes())
            }
        }
    }
}

/// Reads the token in the first `token` octets of the input, `limit` at most, without trusting it;
/// returns the length of the JSON text in the output.
#[wasm_bindgen(js_name = inspectToken)]
pub fn inspect_token(token: usize, limit: usize, now: f64) -> i32 {
    BUFFERS.with_borrow_mut(|buffers| {
        let inspection = Call::read(&buffers.input, token, 0, now)
            .and_then(|call| Ok(inspect::inspect_within(call.token()?, limit, call.now)));
        buffers.leave(inspection)
    })
}

/// The profile called `name`, as JSON text. Throws if its options are not valid.
#[wasm_bindgen(js_name = profileOf)]
pub fn profile_of(name: &str, options: &str) -> Result<String, JsValue> {
    data(|options| profile::named(name, options), options)
}

/// The receipt for tokens of the system called `name`, as JSON text. Throws if the options are not
/// valid.
#[wasm_bindgen(js_name = receiptOf)]
pub fn receipt_of(name: &str, options: &str) -> Result<String, JsValue> {
    data(|options| profile::receipt_of(name, options), options)
}

/// What identifies the proof `jwt`, which a verifier accepted as of `now`, maybe under a nonce:
/// `{ id, expiresAt }` as JSON text.
#[wasm_bindgen(js_name = proofIdentity)]
pub fn proof_identity(jwt: &str, is_under_nonce: bool, now: f64) -> Result<String, JsValue> {
    let now = moment(now).map_err(mistake)?;
    let absent = |_| mistake(Error::policy("expected.proof.jwt", "one that was accepted"));
    let ProofIdentity { id, expires_at } =
        ProofIdentity::of(jwt, is_under_nonce, now).map_err(absent)?;
    let identity = object(vec![("id", id.into()), ("expiresAt", expires_at.into())]);
    Ok(text_of(&identity))
}

/// The usable keys of a published document, JSON text, as JSON text. Throws for what is neither a
/// JWK Set nor an object of `kid` to PEM text.
#[wasm_bindgen(js_name = publishedKeys)]
pub fn published_keys(text: &str, usage: Option<String>) -> Result<String, JsValue> {
    let published = published::read(text, usage.as_deref()).map_err(mistake)?;
    Ok(published.to_json())
}

/// Countersigns `token` with a secret.
#[wasm_bindgen(js_name = countersignWithSecret)]
pub fn countersign_with_secret(
    token: &str,
    receipt: &str,
    secret: &[u8],
    kid: Option<String>,
    now: f64,
) -> Result<String, JsValue> {
    let key = ReceiptKey::secret(secret, kid.as_deref()).map_err(key_mistake)?;
    countersign(token, receipt, &key, now)
}

/// Countersigns `token` with a private JWK.
#[wasm_bindgen(js_name = countersignWithPrivateJwk)]
pub fn countersign_with_private_jwk(
    token: &str,
    receipt: &str,
    jwk: &str,
    kid: Option<String>,
    now: f64,
) -> Result<String, JsValue> {
    let key = ReceiptKey::private_jwk(jwk, kid.as_deref()).map_err(key_mistake)?;
    countersign(token, receipt, &key, now)
}

fn countersign(token: &str, receipt: &str, key: &ReceiptKey, now: f64) -> Result<String, JsValue> {
    let receipt = Receipt::from_value(value_from(receipt)?).map_err(mistake)?;
    let now = moment(now).map_err(mistake)?;
    receipt::countersign(token, &receipt, key, now).map_err(mistake)
}

/// The mistake in the key of a receipt, by its path among the arguments.
fn key_mistake(mut error: Error) -> JsValue {
    let path = match error.claim.as_deref().unwrap_or_default() {
        option @ ("secret" | "privateKey") => format!("key.{option}"),
        member => format!("key.privateKey.{member}"),
    };
    error.claim = Some(path.into());
    mistake(error)
}

/// The arguments of one call, read from the input.
struct Call<'a> {
    octets: &'a [u8],
    /// `None` if the request expects nothing.
    expected: Option<Box<Expected>>,
    now: NumericDate,
}

impl<'a> Call<'a> {
    fn read(input: &'a [u8], token: usize, expected: usize, now: f64) -> Result<Self, Error> {
        let now = moment(now)?;
        let absent = || Error::policy("expected", "JSON text");
        let expected = match expected {
            0 => None,
            length => {
                let text = input.get(token..token + length).ok_or_else(absent)?;
                let text = std::str::from_utf8(text).map_err(|_| absent())?;
                Some(Box::new(Expected::from_json(text)?))
            }
        };
        Ok(Self {
            octets: input
                .get(..token)
                .ok_or_else(|| Error::new(ErrorCode::TokenMalformed))?,
            expected,
            now,
        })
    }

    fn expected(&self) -> &Expected {
        self.expected.as_deref().unwrap_or(Expected::NOTHING)
    }

    /// The token, as this call presents it.
    fn presentation(&self) -> Presentation<'_> {
        Presentation {
            token: self.octets,
            expected: self.expected(),
            now: self.now,
        }
    }

    /// The octets split into tokens of these lengths.
    fn tokens(&self, lengths: &[usize]) -> Vec<&'a [u8]> {
        let mut rest = self.octets;
        let token = |length: &usize| {
            let (token, others) = rest.split_at_checked(*length).unwrap_or_default();
            rest = others;
            token
        };
        lengths.iter().map(token).collect()
    }

    /// The token as text.
    fn token(&self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.octets).map_err(|_| Error::new(ErrorCode::TokenMalformed))
    }
}

/// The octets of words as they lie in the memory.
fn octets_of(words: [u32; 8]) -> [u8; 32] {
    let mut octets = [0; 32];
    let places = octets.as_chunks_mut().0.iter_mut().zip(words);
    places.for_each(|(place, word)| *place = word.to_le_bytes());
    octets
}

/// Lossless: the addresses of this target have 32 bits.
fn as_usize(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

fn moment(now: f64) -> Result<NumericDate, Error> {
    NumericDate::from_secs(now)
        .ok_or_else(|| Error::policy("now", "seconds since the Unix epoch, not milliseconds"))
}

fn data(
    make: impl FnOnce(Value) -> Result<Value, Error>,
    options: &str,
) -> Result<String, JsValue> {
    make(value_from(options)?)
        .map(|data| text_of(&data))
        .map_err(mistake)
}

fn tags_from(tags: &str) -> Result<KeyTags, JsValue> {
    KeyTags::from_value(value_from(tags)?).map_err(mistake)
}

/// Options, from JSON text.
fn value_from(options: &str) -> Result<Value, JsValue> {
    let value = Raw::parse(options).map(Raw::to_value);
    value.ok_or_else(|| mistake(Error::policy("options", "plain data")))
}

/// The `TypeError` for a mistake of the caller: which option, and what it must be.
fn mistake(error: Error) -> JsValue {
    let option = error.claim.as_deref().unwrap_or("options");
    let must_be = error.expected.as_ref().and_then(Value::as_str);
    let message = [option, " must be ", must_be.unwrap_or("something else")].concat();
    TypeError::new(&message).into()
}
