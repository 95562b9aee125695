//! A document of published keys: a JWK Set ([RFC 7517 section 5]), or an object of `kid` to PEM
//! text, as Google and Firebase publish certificates.
//!
//! [RFC 7517 section 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5

use serde_json::Value;

use crate::encoding::json::{Object, Raw};
use crate::encoding::limits::{MAX_EVIDENCE_CHARS, MAX_KEY_SET_BITS, MAX_KEY_SET_BYTES, MAX_KEYS};
use crate::error::Error;
use crate::jose::alg::Alg;
use crate::jose::jwk::{Jwk, KeyType};
use crate::jose::thumbprint;
use crate::signature::VerificationKey;

/// The keys of a document, and the members that are not usable as keys, as parts of a JSON text.
#[derive(Debug, Default)]
pub(crate) struct Published {
    /// Each one JWK.
    jwks: Vec<String>,
    /// One string per key; equal strings mean that nothing which decides about tokens differs.
    identities: Vec<String>,
    /// Each `{"kid":…,"reason":"…"}`.
    skipped: Vec<String>,
    /// The lengths of the keys together.
    bits: usize,
}

/// Reads a document. Members that are unknown, unfit, private or symmetric are skipped.
///
/// # Errors
///
/// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), blaming `keys`, for what is neither
/// of the two, is not strict JSON (a name that appears twice, say), or holds too many keys.
pub(crate) fn read(text: &str) -> Result<Published, Error> {
    if text.len() > MAX_KEY_SET_BYTES {
        return Err(Error::keys("keys", "at most 1 MiB of JSON").actual(text.len()));
    }
    let object = Object::parse(text).ok_or_else(|| Error::keys("keys", "one JSON object"))?;
    let mut published = Published::default();
    if let Some(keys) = object.get("keys") {
        let members = keys
            .as_array()
            .ok_or_else(|| Error::keys("keys", "an array of JWKs"))?;
        check_number(members.len())?;
        for member in members {
            published.add_jwk(member);
        }
    } else {
        let members: Vec<_> = object.members().collect();
        check_number(members.len())?;
        let must_be = "a JWK Set, or an object of kid to PEM text";
        let pems = members.into_iter().map(|(kid, value)| {
            let pem = value.as_str().filter(|text| text.contains("-----BEGIN "));
            pem.map(|pem| (kid, pem))
        });
        let pems: Option<Vec<_>> = pems.collect();
        let pems = pems.filter(|pems| !pems.is_empty());
        for (kid, pem) in pems.ok_or_else(|| Error::keys("keys", must_be))? {
            published.add_pem(&kid, &pem);
        }
    }
    if published.bits > MAX_KEY_SET_BITS {
        return Err(Error::keys("keys", "at most 4194304 bits of keys").actual(published.bits));
    }
    Ok(published)
}

fn check_number(keys: usize) -> Result<(), Error> {
    if keys > MAX_KEYS {
        return Err(Error::keys("keys", "at most 2000 keys").actual(keys));
    }
    Ok(())
}

impl Published {
    /// `{"keys":[…],"identities":["…"],"skipped":[{"kid":"…","reason":"…"}]}`.
    pub(crate) fn to_json(&self) -> String {
        let [keys, identities, skipped] =
            [&self.jwks, &self.identities, &self.skipped].map(|parts| parts.join(","));
        format!(r#"{{"keys":[{keys}],"identities":[{identities}],"skipped":[{skipped}]}}"#)
    }

    fn add_jwk(&mut self, member: Raw<'_>) {
        let Some(object) = member.as_object() else {
            return self.skip(None, &Error::keys("key", "a JWK"));
        };
        let issuer = object.get("issuer").map_or("", Raw::text);
        match Jwk::parse(&object).and_then(proved) {
            Ok(jwk) => {
                self.identify(&jwk, issuer);
                self.jwks.push(member.text().to_owned());
            }
            Err(error) => self.skip(object.get("kid").and_then(Raw::as_str).as_deref(), &error),
        }
    }

    fn add_pem(&mut self, kid: &str, pem: &str) {
        let jwk = Jwk::from_pem(pem).and_then(|jwk| jwk.named(kid));
        match jwk.and_then(proved) {
            Ok(jwk) => {
                self.identify(&jwk, "");
                self.jwks.extend(texts(&jwk, kid));
            }
            Err(error) => self.skip(Some(kid), &error),
        }
    }

    fn identify(&mut self, jwk: &Jwk, issuer: &str) {
        self.bits += jwk.material.bits();
        let algs: Vec<_> = jwk.algs.iter().map(Alg::name).collect();
        let kid = jwk.kid.as_deref().map_or_else(String::new, quoted);
        let identity = format!("{} {} {kid} {issuer}", jwk.thumbprint(), algs.join(" "));
        self.identities.push(quoted(&identity));
    }

    fn skip(&mut self, kid: Option<&str>, error: &Error) {
        let kid = kid.map(|kid| kid.chars().take(MAX_EVIDENCE_CHARS).collect::<String>());
        let kid = kid.map_or_else(|| "null".to_owned(), |kid| quoted(&kid));
        let member = error.claim.as_deref().unwrap_or("key");
        let must_be = error.expected.as_ref().and_then(Value::as_str);
        let reason = [member, " must be ", must_be.unwrap_or("something else")].concat();
        let reason = quoted(&reason);
        self.skipped
            .push(format!(r#"{{"kid":{kid},"reason":{reason}}}"#));
    }
}

/// `text` as a JSON string.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// `jwk`, if it is a public key whose numbers make one.
fn proved(jwk: Jwk) -> Result<Jwk, Error> {
    if jwk.material.key_type() == KeyType::Oct {
        let must_be = "left out: a published set gives its secrets away";
        return Err(Error::keys("k", must_be));
    }
    VerificationKey::new(&jwk.material)?;
    Ok(jwk)
}

/// `jwk` as JSON texts: one, or one for each algorithm where its type alone would allow others.
fn texts(jwk: &Jwk, kid: &str) -> Vec<String> {
    let kid = quoted(kid);
    let members = thumbprint::required_members(&jwk.material);
    let members = members.strip_prefix('{').unwrap_or_default();
    if jwk.algs == jwk.material.algs() {
        return vec![format!(r#"{{"kid":{kid},{members}"#)];
    }
    let text = |alg: Alg| format!(r#"{{"kid":{kid},"alg":"{}",{members}"#, alg.name());
    jwk.algs.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = concat!(
        r#"{"kty":"OKP","crv":"Ed25519","kid":"a","#,
        r#""x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
    );
    const SPKI: &str = concat!(
        r"-----BEGIN PUBLIC KEY-----\n",
        r"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        r"\n-----END PUBLIC KEY-----"
    );

    fn written(text: &str) -> Option<Value> {
        let mut written: Value = serde_json::from_str(&read(text).ok()?.to_json()).ok()?;
        let identities = written.get_mut("identities")?.as_array_mut()?;
        identities.sort_by_key(|identity| identity.to_string());
        Some(written)
    }

    fn member(text: &str, name: &str) -> Option<Value> {
        written(text)?.get_mut(name).map(Value::take)
    }

    #[test]
    fn a_map_of_pem_texts_gives_the_set_with_the_same_identity() {
        let set = format!(r#"{{"keys":[{KEY}]}}"#);
        let map = format!(r#"{{"a":"{SPKI}"}}"#);
        assert!(member(&set, "identities").is_some());
        assert_eq!(member(&set, "identities"), member(&map, "identities"));
        let keys = member(&map, "keys").map(|keys| keys.to_string());
        let keys = format!(r#"{{"keys":{}}}"#, keys.unwrap_or_default());
        assert_eq!(member(&keys, "identities"), member(&set, "identities"));
    }

    #[test]
    fn the_identity_does_not_depend_on_the_order_and_depends_on_kid_alg_and_issuer() {
        let other = KEY.replace(r#""kid":"a""#, r#""kid":"b""#);
        let of =
            |keys: &[&str]| member(&format!(r#"{{"keys":[{}]}}"#, keys.join(",")), "identities");
        assert_eq!(of(&[KEY, &other]), of(&[&other, KEY]));
        let with = |member: &str| KEY.replace('{', &format!("{{{member},"));
        let variants = [
            KEY,
            &other,
            &with(r#""alg":"Ed25519""#),
            &with(r#""issuer":"x""#),
        ];
        for (index, variant) in variants.iter().enumerate() {
            for (number, another) in variants.iter().enumerate() {
                assert_eq!(of(&[variant]) == of(&[another]), index == number);
            }
        }
        let unread = with(r#""x5t":"AA""#);
        assert_eq!(of(&[&unread]), of(&[KEY]));
    }

    #[test]
    fn what_is_no_usable_public_key_is_skipped_with_its_reason() {
        let private = KEY.replace("OKP\"", r#"OKP","d":"AA""#);
        let secret = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8"}"#;
        let text = format!(r#"{{"keys":[{private},{secret},7,{KEY}]}}"#);
        let skipped = json!([
            { "kid": "a", "reason": "d must be left out: a private key has no place here" },
            { "kid": null, "reason": "k must be left out: a published set gives its secrets away" },
            { "kid": null, "reason": "key must be a JWK" },
        ]);
        assert_eq!(member(&text, "skipped"), Some(skipped));
    }

    #[test]
    fn another_document_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"issuer":"https://a.example","jwks_uri":"https://a.example/jwks"}"#,
            r#"{"keys":{}}"#,
            r#"{"keys":[],"keys":[]}"#,
            r#"{"a":"-----BEGIN CERTIFICATE-----","b":7}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let many = |count: usize| format!(r#"{{"keys":[{}]}}"#, vec!["0"; count].join(","));
        assert!(read(&many(MAX_KEYS)).is_ok());
        assert!(read(&many(MAX_KEYS + 1)).is_err());
    }
}
