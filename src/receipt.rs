//! Receipts: countersigning an opaque token, and reading what was countersigned.
//!
//! A receipt is a JWS of `typ` receipt+jwt, signed by the backend that obtained the token from its
//! issuer. Its `ath` is the token's hash, as in [RFC 9449 section 4.2]; its `bind` names what the
//! token was issued for. Without its token it is invalid, and it is never accepted as a token itself.
//!
//! [RFC 9449 section 4.2]: https://www.rfc-editor.org/rfc/rfc9449#section-4.2

use serde_json::{Map, Value};

use crate::claims::numeric_date::{NumericDate, number};
use crate::claims::wrong_type;
use crate::date_time;
use crate::encoding::json::write::text_of;
use crate::encoding::json::{Object, Raw};
use crate::encoding::limits::{MAX_RECEIPT_CHARS, MAX_RECEIPT_SECONDS};
use crate::encoding::{base64url, sha256};
use crate::error::Error;
use crate::jose::header::RECEIPT_TYP;
use crate::jose::jwk::Jwk;
use crate::jose::jws::is_b64token;
use crate::members::{Members, object};
use crate::policy::expected::is_id;
use crate::policy::rule::{one_or_many, scope_tokens};
use crate::profile;
use crate::signature::{self, SigningKey};

/// The claims of a receipt that its maker does not choose under `claims`: the registered ones
/// (RFC 7519 section 4.1, RFC 7800 section 3.1) and the receipt's own.
const OWN_CLAIMS: [&str; 14] = [
    "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "nonce", "scope", "scp", "ath", "bind",
    "uses",
];

/// What a token was issued for, until when, and how often it may be used.
#[derive(Clone, Debug)]
pub struct Receipt {
    expires: NumericDate,
    now: Option<NumericDate>,
    claims: Map<String, Value>,
}

/// What countersigns.
#[derive(Debug)]
pub struct ReceiptKey {
    kid: Option<String>,
    signer: Signer,
}

/// Its secrets are in no text.
enum Signer {
    Secret(Vec<u8>),
    Ed25519(Box<SigningKey>),
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Secret",
            Self::Ed25519(_) => "Ed25519",
        })
    }
}

impl Receipt {
    /// Reads a receipt from data: the members of `Receipt` in the npm package.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the member: an expiry
    /// without a zone or that is no moment, an id that is neither a string nor a safe integer, a
    /// claim that is the receipt's own.
    pub fn from_value(value: Value) -> Result<Self, Error> {
        let mut members = Members::of(value, "")?;
        let expires = members
            .take("expires")
            .as_ref()
            .and_then(date_time::from_value);
        let must_be = "a NumericDate in seconds, or RFC 3339 text with a zone";
        let expires = members.must("expires", expires, must_be)?;
        let now = members.take("now").map(|now| {
            let now = now.as_f64().and_then(NumericDate::from_secs);
            members.must("now", now, "a NumericDate in seconds")
        });
        let receipt = Self {
            expires,
            now: now.transpose()?,
            claims: claims_of(&mut members)?,
        };
        members.finish()?;
        Ok(receipt)
    }
}

/// The claims of a receipt that `members` state.
fn claims_of(members: &mut Members) -> Result<Map<String, Value>, Error> {
    let mut claims = Map::new();
    if let Some(issuer) = members.text("issuer")? {
        claims.insert("iss".to_owned(), issuer.into());
    }
    if let Some(audience) = members.texts("audience")? {
        claims.insert("aud".to_owned(), one_or_many(&audience));
    }
    let bind = members.take("bind").filter(|bind| {
        let ids = bind.as_object().filter(|ids| !ids.is_empty());
        let named = |(name, value): (&String, &Value)| !name.is_empty() && is_id(value);
        ids.is_some_and(|ids| ids.iter().all(named))
    });
    let must_be = "an object of names and ids, each a string or a safe integer";
    claims.insert("bind".to_owned(), members.must("bind", bind, must_be)?);
    if let Some(scope) = members.take("scope") {
        let tokens = scope_tokens(scope, "scope")?;
        claims.insert("scope".to_owned(), tokens.join(" ").into());
    }
    let many = (1, u32::MAX);
    if let Some(uses) = members.whole("uses", many, "a whole number, at least 1")? {
        claims.insert("uses".to_owned(), uses.into());
    }
    if let Some(further) = members.take("claims") {
        let mut further = Members::of(further, "claims")?;
        for name in OWN_CLAIMS {
            if further.take(name).is_some() {
                return Err(further.mistake(name, "left out: it is the receipt's own"));
            }
        }
        claims.extend(further.into_rest());
    }
    Ok(claims)
}

impl Receipt {
    /// What the tokens of [`profile::juspay`] are countersigned with: its options and `{ id,
    /// expires, uses?, now? }`. A client auth token may be used 30 times unless `uses` says
    /// otherwise.
    ///
    /// # Errors
    ///
    /// As [`Self::from_value`].
    pub fn juspay(options: Value) -> Result<Self, Error> {
        profile::receipt_of("juspay", options).and_then(Self::from_value)
    }

    /// What the tokens of [`profile::cashfree`] are countersigned with: its options and `{
    /// vkycRequestId, user?: { type, value }, expires | response: { expiry?, expires_at? }, now?
    /// }`. The expiry may be `YYYY-MM-DD HH:MM:SS IST`, which here, and only here, means +05:30.
    ///
    /// # Errors
    ///
    /// As [`Self::from_value`], and for two fields of the answer that disagree.
    pub fn cashfree(options: Value) -> Result<Self, Error> {
        profile::receipt_of("cashfree", options).and_then(Self::from_value)
    }
}

impl ReceiptKey {
    /// HS256 with a secret of at least 32 octets: every verifier can countersign, too.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid) for a secret that is short or
    /// known to everyone.
    pub fn secret(octets: &[u8], kid: Option<&str>) -> Result<Self, Error> {
        Jwk::from_secret(octets)?;
        Ok(Self {
            kid: kid.map(str::to_owned),
            signer: Signer::Secret(octets.to_owned()),
        })
    }

    /// Ed25519 with a private JWK, as JSON text: a verifier cannot countersign. `kid` is the
    /// JWK's own unless it is given.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), blaming the member.
    pub fn private_jwk(json: &str, kid: Option<&str>) -> Result<Self, Error> {
        let must_be = "an Ed25519 private JWK";
        let object = Object::parse(json).ok_or_else(|| Error::keys("privateKey", must_be))?;
        let own = object.get("kid").and_then(Raw::as_str);
        Ok(Self {
            signer: Signer::Ed25519(Box::new(SigningKey::parse(&object)?)),
            kid: kid.map(str::to_owned).or(own.map(Into::into)),
        })
    }
}

/// Countersigns an opaque token: returns `receipt~token`, which travels wherever the token
/// travelled. `now` counts unless the receipt brings its own.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid) for a token outside b64token
/// ([RFC 6750 section 2.1]), an expiry in the past or beyond a year, a receipt of more than 2048
/// characters.
///
/// # Examples
///
/// ```
/// use countersign::{NumericDate, Receipt, ReceiptKey, countersign};
/// use serde_json::json;
///
/// let now = NumericDate::from_secs(1_700_000_000.0).unwrap();
/// let receipt = Receipt::from_value(json!({
///     "expires": "2023-11-14T22:28:20Z",
///     "bind": { "order_id": "14183944763" },
/// }))?;
/// let key = ReceiptKey::secret(b"a secret of thirty-two octets!!!", None)?;
/// let token = countersign("tkn_24543c6a278f45d680d09edb32e78061", &receipt, &key, now)?;
/// assert!(token.ends_with("~tkn_24543c6a278f45d680d09edb32e78061"));
/// # Ok::<(), countersign::Error>(())
/// ```
///
/// [RFC 6750 section 2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
pub fn countersign(
    token: &str,
    receipt: &Receipt,
    key: &ReceiptKey,
    now: NumericDate,
) -> Result<String, Error> {
    if !is_b64token(token.as_bytes()) {
        return Err(Error::policy("token", "a b64token (RFC 6750 section 2.1)"));
    }
    let now = receipt.now.unwrap_or(now);
    let left = receipt.expires.secs_since(now);
    if left <= 0.0 || left > MAX_RECEIPT_SECONDS {
        return Err(Error::policy("expires", "a moment to come, within a year"));
    }
    let mut claims = receipt.claims.clone();
    claims.insert("ath".to_owned(), ath(token.as_bytes()).into());
    claims.insert("iat".to_owned(), number(now.secs().floor()));
    claims.insert("exp".to_owned(), receipt.expires.to_value());
    let receipt = signed(claims, key)?;
    if receipt.len() > MAX_RECEIPT_CHARS {
        return Err(Error::policy(
            "receipt",
            "at most 2048 characters when signed",
        ));
    }
    Ok(format!("{receipt}~{token}"))
}

/// The JWS of a receipt with these claims.
fn signed(claims: Map<String, Value>, key: &ReceiptKey) -> Result<String, Error> {
    let alg = match key.signer {
        Signer::Secret(_) => "HS256",
        Signer::Ed25519(_) => "EdDSA",
    };
    let mut header = vec![("alg", alg.into()), ("typ", RECEIPT_TYP.into())];
    if let Some(kid) = &key.kid {
        header.push(("kid", kid.as_str().into()));
    }
    let encode = |value: String| base64url::encode(value.as_bytes());
    let claims = Value::Object(claims);
    let signing_input = format!(
        "{}.{}",
        encode(text_of(&object(header))),
        encode(text_of(&claims))
    );
    let signature = match &key.signer {
        Signer::Secret(secret) => signature::sign_hmac_sha256(secret, signing_input.as_bytes())?,
        Signer::Ed25519(key) => key.sign(signing_input.as_bytes()).to_vec(),
    };
    let signature = base64url::encode(&signature);
    Ok(format!("{signing_input}.{signature}"))
}

/// The hash by which a receipt names its token.
pub(crate) fn ath(token: &[u8]) -> String {
    base64url::encode(&sha256::digest(token))
}

/// Reads the `uses` of a receipt.
///
/// # Errors
///
/// [`ErrorCode::ClaimMalformed`](crate::ErrorCode::ClaimMalformed) unless it is a whole number, at
/// least 1.
pub(crate) fn uses(value: Raw<'_>) -> Result<u32, Error> {
    let uses = value.text().parse().ok().filter(|uses| *uses >= 1);
    uses.ok_or_else(|| wrong_type("uses", "whole number, at least 1", value))
}
