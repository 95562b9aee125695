//! A document of published keys: a JWK Set ([RFC 7517 section 5]), or an object of `kid` to PEM
//! text, as Google and Firebase publish certificates.
//!
//! [RFC 7517 section 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5

use std::borrow::Cow;

use serde_json::Value;

use crate::encoding::json::write::{text_of, write_string};
use crate::encoding::json::{Object, Raw};
use crate::encoding::limits::{MAX_KEY_SET_BITS, MAX_KEY_SET_BYTES, MAX_KEYS, truncate};
use crate::encoding::text::contains;
use crate::error::Error;
use crate::jose::alg::Alg;
use crate::jose::jwk::Jwk;
use crate::jose::jwk_set::{self, Origin, SetMember};
use crate::jose::thumbprint;
use crate::members::object;
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

/// Reads a document. Members that are unknown, unfit, private or symmetric are skipped; `usage` is what
/// the `use` of each must be, as [`Jwk::parse`] reads it.
///
/// # Errors
///
/// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), blaming `keys`, for what is neither
/// of the two, is not strict JSON (a name that appears twice, say), or holds too many keys.
pub(crate) fn read(text: &str, usage: Option<&str>) -> Result<Published, Error> {
    if text.len() > MAX_KEY_SET_BYTES {
        return Err(Error::keys("keys", "at most 1 MiB of JSON").actual(text.len()));
    }
    let object = Object::parse(text).ok_or_else(|| Error::keys("keys", "one JSON object"))?;
    let mut published = Published::default();
    if object.get("keys").is_some() {
        published.add_set(&object, usage)?;
    } else {
        let must_be = "a JWK Set, or an object of kid to PEM text";
        let pems = pems(&object)?.ok_or_else(|| Error::keys("keys", must_be))?;
        for (kid, pem) in pems {
            published.add_pem(&kid, &pem);
        }
    }
    if published.bits > MAX_KEY_SET_BITS {
        return Err(Error::keys("keys", "at most 4194304 bits of keys").actual(published.bits));
    }
    Ok(published)
}

/// A `kid` and its PEM text.
type Pem<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The `kid`s and PEM texts of a document that holds nothing else.
fn pems<'a>(object: &Object<'a>) -> Result<Option<Vec<Pem<'a>>>, Error> {
    let members: Vec<_> = object.members().collect();
    if members.len() > MAX_KEYS {
        return Err(Error::keys("keys", "at most 2000 keys").actual(members.len()));
    }
    let pems = members.into_iter().map(|(kid, value)| {
        let pem = value.as_str().filter(|text| contains(text, "-----BEGIN "));
        pem.map(|pem| (kid, pem))
    });
    let pems: Option<Vec<_>> = pems.collect();
    Ok(pems.filter(|pems| !pems.is_empty()))
}

impl Published {
    /// `{"keys":[…],"identities":["…"],"skipped":[{"kid":"…","reason":"…"}]}`.
    pub(crate) fn to_json(&self) -> String {
        let [keys, identities, skipped] =
            [&self.jwks, &self.identities, &self.skipped].map(|parts| parts.join(","));
        format!(r#"{{"keys":[{keys}],"identities":[{identities}],"skipped":[{skipped}]}}"#)
    }

    fn add_set(&mut self, set: &Object<'_>, usage: Option<&str>) -> Result<(), Error> {
        let members = jwk_set::parse_members(set, Origin::Published, usage)?;
        for (spelled, member) in jwk_set::elements(set)?.into_iter().zip(members) {
            let jwk = match member {
                SetMember::Key(jwk) => proved(jwk),
                SetMember::Unfit(unfit) => Err(unfit.error),
            };
            match jwk {
                Ok(jwk) => {
                    self.identify(&jwk);
                    self.jwks.push(spelled.text().to_owned());
                }
                Err(error) => {
                    let kid = spelled.as_object().unwrap_or_default().get("kid");
                    self.skip(kid.and_then(Raw::as_str).as_deref(), &error);
                }
            }
        }
        Ok(())
    }

    fn add_pem(&mut self, kid: &str, pem: &str) {
        let jwk = Jwk::from_pem(pem).and_then(|jwk| jwk.named(kid));
        match jwk.and_then(proved) {
            Ok(jwk) => {
                self.identify(&jwk);
                self.jwks.extend(texts(&jwk, kid));
            }
            Err(error) => self.skip(Some(kid), &error),
        }
    }

    /// Adds a key's identity: all of it that decides about tokens.
    fn identify(&mut self, jwk: &Jwk) {
        self.bits += jwk.material.bits();
        let algs: Vec<_> = jwk.algs.iter().map(Alg::name).collect();
        let thumbprint = jwk.thumbprint();
        let identity = Value::Array(vec![
            thumbprint.into(),
            algs.into(),
            jwk.kid.clone().into(),
            jwk.issuer.clone().into(),
            jwk.x5t.clone().into(),
        ]);
        self.identities.push(quoted(&text_of(&identity)));
    }

    fn skip(&mut self, kid: Option<&str>, error: &Error) {
        let kid = kid.map(truncate).into();
        let reason = jwk_set::reason(error).into();
        self.skipped
            .push(text_of(&object(vec![("kid", kid), ("reason", reason)])));
    }
}

/// `text` as a JSON string.
fn quoted(text: &str) -> String {
    let mut json = String::new();
    write_string(text, &mut json);
    json
}

/// `jwk`, if its numbers make a key.
fn proved(jwk: Jwk) -> Result<Jwk, Error> {
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
        let mut written: Value = serde_json::from_str(&read(text, None).ok()?.to_json()).ok()?;
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
    fn the_identity_does_not_depend_on_the_order_and_depends_on_kid_alg_issuer_and_x5t() {
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
            &with(r#""x5t":"AA""#),
        ];
        for (index, variant) in variants.iter().enumerate() {
            for (number, another) in variants.iter().enumerate() {
                assert_eq!(of(&[variant]) == of(&[another]), index == number);
            }
        }
        let unread = with(r#""note":"AA""#);
        assert_eq!(of(&[&unread]), of(&[KEY]));
    }

    #[test]
    fn what_is_no_usable_public_key_is_skipped_with_its_reason() {
        let private = KEY.replace("OKP\"", r#"OKP","d":"AA""#);
        let secret = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8"}"#;
        let text = format!(r#"{{"keys":[{private},{secret},7,{KEY}]}}"#);
        let private = "d must be left out: this is a private key; give only the public one, and replace \
                       the key if others saw it";
        let skipped = json!([
            { "kid": "a", "reason": private },
            { "kid": null, "reason": "kty must be RSA, EC or OKP: a secret in a published set is known to everyone" },
            { "kid": null, "reason": "keys must be JWKs: this one is not a JSON object" },
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
            assert!(read(text, None).is_err(), "{text}");
        }
        let many = |count: usize| format!(r#"{{"keys":[{}]}}"#, vec!["0"; count].join(","));
        assert!(read(&many(MAX_KEYS), None).is_ok());
        assert!(read(&many(MAX_KEYS + 1), None).is_err());
    }
}
