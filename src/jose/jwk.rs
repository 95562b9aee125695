//! One public key, fit for exactly the algorithms its members allow ([RFC 7517 section 4]).
//!
//! The text of a key is checked here; whether its numbers make a key (a point on its curve) is
//! checked in `signature`.
//!
//! [RFC 7517 section 4]: https://www.rfc-editor.org/rfc/rfc7517#section-4

use std::borrow::Cow;

use super::alg::{Alg, AlgSet};
use super::key_material::SECRET_MUST_BE;
use super::{pem, thumbprint};
use crate::encoding::json::{Object, Raw, are_distinct_texts};
use crate::encoding::limits::{MAX_KID_BYTES, truncate};
use crate::encoding::{base64url, sha256};
use crate::error::Error;

pub(crate) use super::key_material::Material;
pub(crate) use super::key_type::{KeyType, NamedCurve};

/// A public key, or a secret that is shared with the issuer.
#[derive(Debug)]
pub(crate) struct Jwk {
    /// Its Key ID.
    pub(crate) kid: Option<String>,
    /// The algorithms that it may verify: never empty.
    pub(crate) algs: AlgSet,
    /// Its numbers.
    pub(crate) material: Material,
    /// The issuer that the JWK itself names (`issuer`, published by Microsoft Entra): the only one
    /// that the key vouches for. `{tenantid}` in it is replaced by the token's `tid`.
    pub(crate) issuer: Option<String>,
    /// The X.509 certificate thumbprints that a JOSE Header may name it by, `x5t#S256` and `x5t`.
    pub(crate) x5t: Vec<String>,
}

impl Jwk {
    /// Reads a JWK. Its `use` must be `usage`, or by default `sig` if it has one.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming the member to blame.
    pub(crate) fn parse(object: &Object<'_>, usage: Option<&str>) -> Result<Self, Error> {
        let key_type = KeyType::of(object)?;
        let kid = text(object, "kid")?
            .map(|kid| kid_within_limit(&kid).map(|()| kid.into_owned()))
            .transpose()?;
        let issuer = text(object, "issuer")?.map(Cow::into_owned);
        text(object, "x5u")?;
        let x5t = x5t(object)?;
        if let Some(member) = key_type.private_member(object) {
            return Err(Error::keys(member, NO_PRIVATE_KEY));
        }
        check_use(object, "verify", usage)?;
        let material = match key_type {
            KeyType::Oct => Material::secret(octets(object, "k")?, "k")?,
            KeyType::Rsa => Material::rsa(octets(object, "n")?, octets(object, "e")?)?,
            KeyType::Ec(curve) => Material::ec(curve, octets(object, "x")?, octets(object, "y")?)?,
            KeyType::Ed25519 => Material::ed25519(&octets(object, "x")?)?,
        };
        let algs = match text(object, "alg")? {
            None => material.algs(),
            Some(name) => one_alg(&name, key_type, &material)?,
        };
        Ok(Self {
            kid,
            algs,
            material,
            issuer,
            x5t,
        })
    }

    /// Reads a public key from one PEM block: SubjectPublicKeyInfo, PKCS#1 or X.509 certificate.
    /// Only the key of a certificate is used: its dates and its chain are not checked.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming `pem`.
    pub(crate) fn from_pem(text: &str) -> Result<Self, Error> {
        let (material, algs) = pem::parse(text)?;
        Ok(Self::without_members(material, algs))
    }

    /// This key, with `kid` as its Key ID.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming `kid`, if it is too long.
    // For `published`, which names the keys of an object of `kid` to PEM text.
    #[cfg(any(test, feature = "wasm"))]
    pub(crate) fn named(self, kid: &str) -> Result<Self, Error> {
        kid_within_limit(kid)?;
        let kid = Some(kid.to_owned());
        Ok(Self { kid, ..self })
    }

    /// Takes a secret for the HMACs that it is long enough for.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming `secret`.
    pub(crate) fn from_secret(octets: &[u8]) -> Result<Self, Error> {
        let material = Material::secret(octets.to_vec(), "secret")?;
        let algs = material.algs();
        Ok(Self::without_members(material, algs))
    }

    fn without_members(material: Material, algs: AlgSet) -> Self {
        Self {
            kid: None,
            algs,
            material,
            issuer: None,
            x5t: Vec::new(),
        }
    }

    /// This key, for `alg` alone.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming `alg`, or `secret` if it
    /// is too short for it.
    pub(crate) fn restrict(self, alg: Alg) -> Result<Self, Error> {
        if self.algs.contains(alg) {
            let algs = [alg].into_iter().collect();
            return Ok(Self { algs, ..self });
        }
        if self.material.key_type().algs().contains(alg) && !self.material.algs().contains(alg) {
            return Err(Error::keys("secret", SECRET_MUST_BE));
        }
        Err(Error::keys("alg", ALG_MUST_BE).actual(alg.name()))
    }

    /// Its JWK Thumbprint (RFC 7638).
    pub(crate) fn thumbprint(&self) -> String {
        thumbprint::of(&self.material)
    }
}

impl KeyType {
    /// The type of a JWK.
    pub(crate) fn of(object: &Object<'_>) -> Result<Self, Error> {
        let crv = || text(object, "crv");
        match text(object, "kty")?.as_deref() {
            Some("oct") => Ok(Self::Oct),
            Some("RSA") => Ok(Self::Rsa),
            Some("EC") => {
                let crv = crv()?;
                NamedCurve::ALL
                    .into_iter()
                    .find(|curve| crv.as_deref() == Some(curve.name()))
                    .map(Self::Ec)
                    .ok_or_else(|| Error::keys("crv", "P-256, P-384, P-521 or secp256k1"))
            }
            Some("OKP") => match crv()?.as_deref() {
                Some("Ed25519") => Ok(Self::Ed25519),
                _ => Err(Error::keys("crv", "Ed25519")),
            },
            _ => Err(Error::keys("kty", "RSA, EC, OKP or oct")),
        }
    }

    /// The member, if there is one, that makes the JWK a private key (RFC 7518 section 6).
    fn private_member(self, object: &Object<'_>) -> Option<&'static str> {
        let private: &[_] = match self {
            Self::Oct => &[],
            Self::Rsa => &["d", "p", "q", "dp", "dq", "qi", "oth"],
            Self::Ec(_) | Self::Ed25519 => &["d"],
        };
        private
            .iter()
            .copied()
            .find(|name| member(object, name).is_some())
    }
}

/// The member called `name`. One that is `null` is absent: serializers of several languages write
/// members without a value so.
fn member<'a>(object: &Object<'a>, name: &str) -> Option<Raw<'a>> {
    object.get(name).filter(|value| value.text() != "null")
}

/// The member called `name` as text, if it is there.
pub(crate) fn text<'a>(
    object: &Object<'a>,
    name: &'static str,
) -> Result<Option<Cow<'a, str>>, Error> {
    member(object, name)
        .map(|value| value.as_str().ok_or_else(|| Error::keys(name, "a string")))
        .transpose()
}

/// The octets that the member called `name`, which may not be left out, encodes.
pub(crate) fn octets(object: &Object<'_>, name: &'static str) -> Result<Vec<u8>, Error> {
    text(object, name)?
        .and_then(|text| base64url::decode(&text))
        .ok_or_else(|| {
            Error::keys(
                name,
                "base64url without padding or stray bits (RFC 7515 section 2)",
            )
        })
}

/// Checks that `use` is `usage`, or by default `sig` if it is there, and that `key_ops` allows
/// `operation` if it is there (RFC 7517 sections 4.2 and 4.3).
pub(crate) fn check_use(
    object: &Object<'_>,
    operation: &str,
    usage: Option<&str>,
) -> Result<(), Error> {
    let found = text(object, "use")?;
    let found = found.as_deref();
    let is_fit = match usage {
        Some(usage) => found == Some(usage),
        None => found.is_none_or(|found| found == "sig"),
    };
    if !is_fit {
        let must_be = match (usage, found) {
            (Some(_), _) => "the one that the keys are tagged with",
            (None, Some("enc")) => "sig",
            (None, _) => "sig, or the one that the keys are tagged with: { jwks, use }",
        };
        let error = Error::keys("use", must_be);
        return Err(match found {
            Some(found) => error.actual(truncate(found)),
            None => error,
        });
    }
    let Some(operations) = member(object, "key_ops") else {
        return Ok(());
    };
    let must_be =
        "an array of different strings, one of them \"verify\" (\"sign\" for a private key)";
    let wrong = || Error::keys("key_ops", must_be);
    let operations = operations.as_strings().ok_or_else(wrong)?;
    if operations.is_empty() {
        let must_be = "left out or not empty: an empty list allows no operation";
        return Err(Error::keys("key_ops", must_be));
    }
    let is_listed = operations.iter().any(|op| op == operation);
    let fit = is_listed && are_distinct_texts(operations);
    fit.then_some(()).ok_or_else(wrong)
}

/// The one algorithm that `alg` names, if the key can verify it (RFC 7517 section 4.4).
fn one_alg(name: &str, key_type: KeyType, material: &Material) -> Result<AlgSet, Error> {
    let alg = Alg::from_name(name)
        .filter(|alg| key_type.algs().contains(*alg))
        .ok_or_else(|| Error::keys("alg", ALG_MUST_BE).actual(truncate(name)))?;
    if !material.algs().contains(alg) {
        return Err(Error::keys("k", SECRET_MUST_BE));
    }
    Ok([alg].into_iter().collect())
}

/// The certificate thumbprints of a JWK, base64url: its `x5t#S256`, or else the one of the first
/// certificate in `x5c`, and its `x5t` (RFC 7517 sections 4.7 to 4.9). They only put a key first:
/// `x5t` is never computed, for it would take SHA-1.
fn x5t(object: &Object<'_>) -> Result<Vec<String>, Error> {
    let x5c = member(object, "x5c")
        .map(|x5c| {
            x5c.as_strings()
                .ok_or_else(|| Error::keys("x5c", "an array of strings"))
        })
        .transpose()?;
    let computed = || {
        let certificate = base64url::decode_base64(x5c?.first()?)?;
        Some(base64url::encode(&sha256::digest(&certificate)))
    };
    let stated = text(object, "x5t#S256")?.map(Cow::into_owned);
    let sha1 = text(object, "x5t")?.map(Cow::into_owned);
    Ok(stated.or_else(computed).into_iter().chain(sha1).collect())
}

fn kid_within_limit(kid: &str) -> Result<(), Error> {
    if kid.len() > MAX_KID_BYTES {
        return Err(Error::keys("kid", "at most 1024 octets").actual(kid.len()));
    }
    Ok(())
}

const NO_PRIVATE_KEY: &str = "left out: this is a private key; give only the public one, and replace the key if others saw it";
const ALG_MUST_BE: &str = "an algorithm for keys of this type, which its members allow";
#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    const N: &str = "6KS0xXzeropRWYCVG3m20Ofty5ZT6gqpFvDlQD1AnlpnV-3KPu3DrTwIRHFnByQHggGE9ClkEH0T\
        cRpKroSCOvsa2HAswM2eYfxHxZmyGgadIP2YcOFOW84lm3ZZtmzPhKyTbD7zitTlbXM1g-3mNW019F31sRuAu3_Ys\
        3X_i8RrEwHxfvVKsMnyxjlw3YnHwn4mkprucIZGZgsEMaa1vPsx6_0WXSWR2q8fyeyJq0DhwXvG-PEltgYFKb62QM\
        BcKCTZZJCpQsFeNgnWFXsCwuBo5liLr-QyuU2wEokxJxllTJrIgZh4zkK6-ppF51xKOM1NFxKfsWavBKg3s0rT5Q";

    fn parse(text: &str) -> Result<Jwk, Error> {
        Jwk::parse(
            &Object::parse(text).ok_or_else(|| Error::keys("", "JSON"))?,
            None,
        )
    }

    /// The member blamed for the refusal of `text`, or `None` if it is a good key.
    fn blamed(text: &str) -> Option<String> {
        let error = parse(text).err()?;
        assert_eq!(error.code, ErrorCode::KeysInvalid);
        error.into_refusal().claim.map(Cow::into_owned)
    }

    fn rsa(members: &str) -> String {
        format!(r#"{{"kty":"RSA","n":"{N}","e":"AQAB"{members}}}"#)
    }

    fn algs(jwk: &Jwk) -> Vec<&'static str> {
        jwk.algs.iter().map(Alg::name).collect()
    }

    #[test]
    fn a_key_allows_what_its_type_and_its_members_allow() {
        let allowed = |text: &str| parse(text).map(|jwk| algs(&jwk)).unwrap_or_default();
        let all = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
        assert_eq!(allowed(&rsa("")), all);
        assert_eq!(
            allowed(&rsa(r#","use":"sig","key_ops":["verify"],"x":1"#)),
            all
        );
        assert_eq!(allowed(&rsa(r#","alg":"PS384""#)), ["PS384"]);
        let okp =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        assert_eq!(allowed(okp), ["EdDSA", "Ed25519"]);
        let k = |octets: usize| {
            let k = base64url::encode(&vec![7; octets]);
            allowed(&format!(r#"{{"kty":"oct","k":"{k}"}}"#))
        };
        assert_eq!(k(31), [""; 0]);
        assert_eq!(k(32), ["HS256"]);
        assert_eq!(k(47), ["HS256"]);
        assert_eq!(k(48), ["HS256", "HS384"]);
        assert_eq!(k(64), ["HS256", "HS384", "HS512"]);
    }

    #[test]
    fn a_refusal_names_the_member_to_blame() {
        for (members, member) in [
            (r#","use":"enc""#, "use"),
            (r#","use":["sig"]"#, "use"),
            (r#","key_ops":["sign"]"#, "key_ops"),
            (r#","key_ops":["verify","verify"]"#, "key_ops"),
            (r#","key_ops":[]"#, "key_ops"),
            (r#","issuer":["a"]"#, "issuer"),
            (r#","key_ops":"verify""#, "key_ops"),
            (r#","alg":"ES256""#, "alg"),
            (r#","alg":"RSA-OAEP""#, "alg"),
            (r#","alg":7"#, "alg"),
            (r#","kid":7"#, "kid"),
            (r#","x5c":"MII""#, "x5c"),
            (r#","x5t":[]"#, "x5t"),
            (r#","d":"AQ""#, "d"),
            (r#","oth":[]"#, "oth"),
        ] {
            assert_eq!(blamed(&rsa(members)).as_deref(), Some(member), "{members}");
        }
        assert_eq!(blamed(r#"{"kty":"rsa"}"#).as_deref(), Some("kty"));
        assert_eq!(blamed(r#"{}"#).as_deref(), Some("kty"));
        assert_eq!(
            blamed(r#"{"kty":"EC","crv":"P-224"}"#).as_deref(),
            Some("crv")
        );
        assert_eq!(
            blamed(r#"{"kty":"OKP","crv":"P-256"}"#).as_deref(),
            Some("crv")
        );
        assert_eq!(
            blamed(r#"{"kty":"OKP","crv":"Ed25519","x":"AQ"}"#).as_deref(),
            Some("x")
        );
        assert_eq!(
            blamed(r#"{"kty":"EC","crv":"P-256","x":"AQ"}"#).as_deref(),
            Some("y")
        );
    }

    #[test]
    fn a_member_that_is_null_is_absent() {
        for name in [
            "kid", "use", "key_ops", "alg", "issuer", "x5u", "x5c", "x5t", "x5t#S256", "d", "oth",
        ] {
            assert_eq!(blamed(&rsa(&format!(r#","{name}":null"#))), None, "{name}");
        }
        assert_eq!(blamed(r#"{"kty":null}"#).as_deref(), Some("kty"));
        assert_eq!(blamed(r#"{"kty":"RSA","n":null}"#).as_deref(), Some("n"));
    }

    #[test]
    fn a_kid_is_bounded() {
        let kid = |octets| blamed(&rsa(&format!(r#","kid":"{}""#, "k".repeat(octets))));
        assert_eq!(kid(MAX_KID_BYTES), None);
        assert_eq!(kid(MAX_KID_BYTES + 1).as_deref(), Some("kid"));
    }

    #[test]
    fn rsa_numbers_are_strong_cheap_and_minimal() {
        let exponent_of_65537 = vec![1, 0, 1];
        let modulus = |bits: usize, last| {
            let mut octets = vec![0; bits.div_ceil(8)];
            let high = u8::try_from(1_u16 << ((bits - 1) % 8)).unwrap_or_default();
            octets
                .first_mut()
                .into_iter()
                .for_each(|first| *first = high);
            octets
                .last_mut()
                .into_iter()
                .for_each(|octet| *octet = last);
            octets
        };
        let blamed = |n, e| match Material::rsa(n, e) {
            Ok(_) => String::new(),
            Err(error) => error.into_refusal().claim.unwrap_or_default().into_owned(),
        };
        assert_eq!(blamed(modulus(2048, 1), exponent_of_65537.clone()), "");
        assert_eq!(blamed(modulus(8192, 1), exponent_of_65537.clone()), "");
        assert_eq!(blamed(modulus(2047, 1), exponent_of_65537.clone()), "n");
        assert_eq!(blamed(modulus(8193, 1), exponent_of_65537.clone()), "n");
        assert_eq!(blamed(modulus(2048, 2), exponent_of_65537.clone()), "n");
        assert_eq!(
            blamed([vec![0], modulus(2048, 1)].concat(), exponent_of_65537),
            "n"
        );
        assert_eq!(blamed(vec![], vec![1, 0, 1]), "n");
        for (exponent, blame) in [
            (vec![3], "e"),
            (vec![0xff, 0xff], "e"),
            (vec![1, 0, 0], "e"),
            (vec![1, 0, 2], "e"),
            (vec![0, 1, 0, 1], "e"),
            (vec![], "e"),
            (vec![0xff; 4], ""),
            (vec![1, 0, 0, 0, 1], "e"),
            (vec![0xff; 16], "e"),
        ] {
            assert_eq!(blamed(modulus(2048, 1), exponent), blame);
        }
    }

    #[test]
    fn an_alg_beside_a_key_only_narrows() {
        let secret = || Jwk::from_secret(&[7; 48]);
        let claim = |jwk: Result<Jwk, Error>, alg| {
            let error = jwk.and_then(|jwk| jwk.restrict(alg)).err();
            error
                .and_then(|error| error.into_refusal().claim)
                .map(Cow::into_owned)
        };
        assert_eq!(claim(secret(), Alg::Hs384), None);
        assert_eq!(claim(secret(), Alg::Hs512).as_deref(), Some("secret"));
        assert_eq!(claim(secret(), Alg::Rs256).as_deref(), Some("alg"));
        assert_eq!(
            claim(parse(&rsa(r#","alg":"RS256""#)), Alg::Ps256).as_deref(),
            Some("alg")
        );
        let jwk = secret().and_then(|jwk| jwk.restrict(Alg::Hs384));
        assert_eq!(jwk.map(|jwk| algs(&jwk)), Ok(vec!["HS384"]));
    }

    #[test]
    fn nothing_shows_the_numbers_of_a_key() {
        let shown = Jwk::from_secret(&[7; 48]).map(|jwk| format!("{jwk:?}"));
        assert!(shown.is_ok_and(|shown| shown.contains("Material(Oct)") && !shown.contains('7')));
    }
}
