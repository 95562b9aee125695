//! One public key, fit for exactly the algorithms its members allow ([RFC 7517 section 4]).
//!
//! What a text can say is settled here; whether the numbers make a key (a point on its curve) is
//! for `signature` to prove.
//!
//! [RFC 7517 section 4]: https://www.rfc-editor.org/rfc/rfc7517#section-4

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use super::alg::{Alg, AlgSet};
use super::secret::{is_key_text, is_known};
use super::{pem, thumbprint};
use crate::encoding::base64url;
use crate::encoding::json::{Object, Raw};
use crate::encoding::limits::{
    MAX_EVIDENCE_CHARS, MAX_KID_BYTES, MAX_RSA_BITS, MAX_RSA_EXPONENT_BITS, MIN_RSA_BITS,
    MIN_RSA_EXPONENT,
};
use crate::error::Error;

/// A public key, or a secret that is shared with the issuer.
#[derive(Debug)]
pub(crate) struct Jwk {
    /// Its Key ID.
    pub(crate) kid: Option<String>,
    /// What it may verify: never empty.
    pub(crate) algs: AlgSet,
    /// What it is.
    pub(crate) material: Material,
}

/// The numbers of a key, big-endian. Its own text never shows them.
pub(crate) enum Material {
    /// A secret for HMAC.
    Secret(Vec<u8>),
    /// An RSA public key; neither number has leading zeros.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    /// Coordinates, each as long as the field of the curve.
    Ec {
        curve: Curve,
        x: Vec<u8>,
        y: Vec<u8>,
    },
    /// An Ed25519 public key (RFC 8032 section 5.1.5).
    Ed25519([u8; 32]),
}

/// A curve that ECDSA is implemented on (RFC 7518 section 6.2.1.1, RFC 8812 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    Secp256k1,
}

impl Jwk {
    /// Reads a JWK.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming the member to blame.
    pub(crate) fn parse(object: &Object<'_>) -> Result<Self, Error> {
        let kind = Kind::of(object)?;
        let kid = text(object, "kid")?
            .map(|kid| kid_within_limit(&kid).map(|()| kid.into_owned()))
            .transpose()?;
        check_unused_members(object)?;
        if let Some(member) = kind.private_member(object) {
            return Err(Error::keys(
                member,
                "left out: a private key has no place here",
            ));
        }
        check_use(object, "verify")?;
        let material = match kind {
            Kind::Oct => Material::secret(octets(object, "k")?, "k")?,
            Kind::Rsa => Material::rsa(octets(object, "n")?, octets(object, "e")?)?,
            Kind::Ec(curve) => Material::ec(curve, octets(object, "x")?, octets(object, "y")?)?,
            Kind::Ed25519 => Material::ed25519(&octets(object, "x")?)?,
        };
        let algs = match text(object, "alg")? {
            None => material.algs(),
            Some(name) => one_alg(&name, kind, &material)?,
        };
        Ok(Self {
            kid,
            algs,
            material,
        })
    }

    /// Reads a public key from one PEM block: SubjectPublicKeyInfo, PKCS#1 or X.509 certificate.
    /// A certificate lends its key; its dates and its chain are not checked.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming `pem`.
    pub(crate) fn from_pem(text: &str) -> Result<Self, Error> {
        let (material, algs) = pem::parse(text)?;
        Ok(Self {
            kid: None,
            algs,
            material,
        })
    }

    /// This key, with `kid` as its Key ID.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming `kid`, if it is too long.
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
        Ok(Self {
            kid: None,
            algs: material.algs(),
            material,
        })
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
        if self.material.kind().algs().contains(alg) && !self.material.algs().contains(alg) {
            return Err(Error::keys("secret", SECRET_MUST_BE));
        }
        Err(Error::keys("alg", ALG_MUST_BE).actual(alg.name()))
    }

    /// Its JWK Thumbprint (RFC 7638).
    pub(crate) fn thumbprint(&self) -> String {
        thumbprint::of(&self.material)
    }
}

impl Material {
    /// What a key of these numbers can verify: all that its type is for, save the HMACs whose hash
    /// is longer than the secret (RFC 7518 section 3.2).
    pub(crate) fn algs(&self) -> AlgSet {
        let algs = self.kind().algs();
        match self {
            Self::Secret(octets) => algs
                .iter()
                .filter(|alg| octets.len() >= hash_octets(*alg))
                .collect(),
            _ => algs,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Secret(_) => Kind::Oct,
            Self::Rsa { .. } => Kind::Rsa,
            Self::Ec { curve, .. } => Kind::Ec(*curve),
            Self::Ed25519(_) => Kind::Ed25519,
        }
    }

    fn secret(octets: Vec<u8>, member: &'static str) -> Result<Self, Error> {
        if is_known(&octets) {
            return Err(Error::keys(
                member,
                "secret: this one stands in documentation",
            ));
        }
        if is_key_text(&octets) {
            let must_be = "a secret: this is the text of a key, which others may know";
            return Err(Error::keys(member, must_be));
        }
        let material = Self::Secret(octets);
        if material.algs().is_empty() {
            return Err(Error::keys(member, SECRET_MUST_BE));
        }
        Ok(material)
    }

    /// An RSA public key, strong enough and cheap enough to use.
    pub(super) fn rsa(modulus: Vec<u8>, exponent: Vec<u8>) -> Result<Self, Error> {
        let bits = minimal_bits(&modulus).ok_or_else(|| Error::keys("n", MINIMAL))?;
        if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
            return Err(Error::keys("n", "a modulus of 2048 to 8192 bits").actual(bits));
        }
        if modulus.last().is_none_or(|last| last & 1 == 0) {
            return Err(Error::keys("n", "an odd modulus"));
        }
        let bits = minimal_bits(&exponent).ok_or_else(|| Error::keys("e", MINIMAL))?;
        let value = exponent
            .iter()
            .fold(0_u64, |value, octet| (value << 8) | u64::from(*octet));
        if bits > MAX_RSA_EXPONENT_BITS || value < MIN_RSA_EXPONENT || value & 1 == 0 {
            return Err(Error::keys("e", "an odd exponent from 65537 to 4294967295"));
        }
        Ok(Self::Rsa { modulus, exponent })
    }

    /// Coordinates as long as the field of their curve (RFC 7518 section 6.2.1.2).
    pub(super) fn ec(curve: Curve, x: Vec<u8>, y: Vec<u8>) -> Result<Self, Error> {
        for (member, coordinate) in [("x", &x), ("y", &y)] {
            if coordinate.len() != curve.field_octets() {
                let must_be = "a coordinate of as many octets as the field of the curve has";
                return Err(Error::keys(member, must_be).actual(coordinate.len()));
            }
        }
        Ok(Self::Ec { curve, x, y })
    }

    pub(super) fn ed25519(x: &[u8]) -> Result<Self, Error> {
        let x =
            <[u8; 32]>::try_from(x).map_err(|_| Error::keys("x", "32 octets").actual(x.len()))?;
        Ok(Self::Ed25519(x))
    }
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Material({:?})", self.kind())
    }
}

impl Curve {
    const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::Secp256k1];

    /// The registered `crv` value.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    /// How many octets a coordinate has.
    pub(crate) const fn field_octets(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    const fn alg(self) -> Alg {
        match self {
            Self::P256 => Alg::Es256,
            Self::P384 => Alg::Es384,
            Self::P521 => Alg::Es512,
            Self::Secp256k1 => Alg::Es256k,
        }
    }
}

/// What `kty` and `crv` say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Oct,
    Rsa,
    Ec(Curve),
    Ed25519,
}

impl Kind {
    /// The type of a JWK.
    pub(crate) fn of(object: &Object<'_>) -> Result<Self, Error> {
        let crv = || text(object, "crv");
        match text(object, "kty")?.as_deref() {
            Some("oct") => Ok(Self::Oct),
            Some("RSA") => Ok(Self::Rsa),
            Some("EC") => {
                let crv = crv()?;
                Curve::ALL
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

    /// Every algorithm that a key of this type could verify.
    pub(crate) fn algs(self) -> AlgSet {
        use Alg::{Ed25519, EdDsa, Hs256, Hs384, Hs512, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        match self {
            Self::Oct => [Hs256, Hs384, Hs512].into_iter().collect(),
            Self::Rsa => [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512]
                .into_iter()
                .collect(),
            Self::Ec(curve) => [curve.alg()].into_iter().collect(),
            Self::Ed25519 => [EdDsa, Ed25519].into_iter().collect(),
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
            .find(|name| object.get(name).is_some())
    }
}

/// The member called `name` as text, if it is there.
pub(crate) fn text<'a>(
    object: &Object<'a>,
    name: &'static str,
) -> Result<Option<Cow<'a, str>>, Error> {
    object
        .get(name)
        .map(|value| value.as_str().ok_or_else(|| Error::keys(name, "a string")))
        .transpose()
}

/// The octets that the member called `name`, which may not be left out, encodes.
pub(crate) fn octets(object: &Object<'_>, name: &'static str) -> Result<Vec<u8>, Error> {
    text(object, name)?
        .and_then(|text| base64url::decode(&text))
        .ok_or_else(|| Error::keys(name, "base64url without padding, in its one spelling"))
}

/// Holds `use` and `key_ops`, where they are present, against `operation` (RFC 7517 sections 4.2
/// and 4.3).
pub(crate) fn check_use(object: &Object<'_>, operation: &str) -> Result<(), Error> {
    if let Some(found) = text(object, "use")?
        && found != "sig"
    {
        return Err(Error::keys("use", "sig").actual(cut(&found)));
    }
    let Some(operations) = object.get("key_ops") else {
        return Ok(());
    };
    let must_be = "an array of different strings, one of them what the key is used for";
    let wrong = || Error::keys("key_ops", must_be);
    let operations = operations.as_strings().ok_or_else(wrong)?;
    let mut different = BTreeSet::new();
    let fit = operations.iter().all(|op| different.insert(op))
        && operations.iter().any(|op| op == operation);
    fit.then_some(()).ok_or_else(wrong)
}

/// The one algorithm that `alg` names, if the key can verify it (RFC 7517 section 4.4).
fn one_alg(name: &str, kind: Kind, material: &Material) -> Result<AlgSet, Error> {
    let alg = Alg::from_name(name)
        .filter(|alg| kind.algs().contains(*alg))
        .ok_or_else(|| Error::keys("alg", ALG_MUST_BE).actual(cut(name)))?;
    if !material.algs().contains(alg) {
        return Err(Error::keys("k", SECRET_MUST_BE));
    }
    Ok([alg].into_iter().collect())
}

/// Registered members that say nothing about the use of a key must still be what they are
/// (RFC 7517 sections 4.6 to 4.9).
fn check_unused_members(object: &Object<'_>) -> Result<(), Error> {
    for name in ["x5u", "x5t", "x5t#S256"] {
        text(object, name)?;
    }
    match object.get("x5c").map(Raw::as_strings) {
        Some(None) => Err(Error::keys("x5c", "an array of strings")),
        _ => Ok(()),
    }
}

fn kid_within_limit(kid: &str) -> Result<(), Error> {
    if kid.len() > MAX_KID_BYTES {
        return Err(Error::keys("kid", "at most 1024 octets").actual(kid.len()));
    }
    Ok(())
}

/// How many bits a number has, or `None` if it is nothing or starts with a zero octet (RFC 7518
/// section 2, Base64urlUInt).
fn minimal_bits(octets: &[u8]) -> Option<usize> {
    let first = octets.first().filter(|first| **first != 0)?;
    let unused = usize::try_from(first.leading_zeros()).ok()?;
    Some(octets.len() * 8 - unused)
}

/// How many octets the hash of an HMAC has, and its secret must have at least.
const fn hash_octets(alg: Alg) -> usize {
    match alg {
        Alg::Hs512 => 64,
        Alg::Hs384 => 48,
        _ => 32,
    }
}

/// As much of a text as may stand in evidence.
fn cut(text: &str) -> String {
    text.chars().take(MAX_EVIDENCE_CHARS).collect()
}

const MINIMAL: &str = "a positive number without leading zero octets";
const ALG_MUST_BE: &str = "an algorithm for keys of this type, which its members allow";
const SECRET_MUST_BE: &str =
    "at least as long as the hash: 32 octets for HS256, 48 for HS384, 64 for HS512";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    const N: &str = "6KS0xXzeropRWYCVG3m20Ofty5ZT6gqpFvDlQD1AnlpnV-3KPu3DrTwIRHFnByQHggGE9ClkEH0T\
        cRpKroSCOvsa2HAswM2eYfxHxZmyGgadIP2YcOFOW84lm3ZZtmzPhKyTbD7zitTlbXM1g-3mNW019F31sRuAu3_Ys\
        3X_i8RrEwHxfvVKsMnyxjlw3YnHwn4mkprucIZGZgsEMaa1vPsx6_0WXSWR2q8fyeyJq0DhwXvG-PEltgYFKb62QM\
        BcKCTZZJCpQsFeNgnWFXsCwuBo5liLr-QyuU2wEokxJxllTJrIgZh4zkK6-ppF51xKOM1NFxKfsWavBKg3s0rT5Q";

    fn parse(text: &str) -> Result<Jwk, Error> {
        Jwk::parse(&Object::parse(text).ok_or(Error::keys("", "JSON"))?)
    }

    /// The member blamed for the refusal of `text`, or `None` if it is a good key.
    fn blamed(text: &str) -> Option<String> {
        let error = parse(text).err()?;
        assert_eq!(error.code, ErrorCode::KeysInvalid);
        error.claim.map(Cow::into_owned)
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
            (r#","key_ops":"verify""#, "key_ops"),
            (r#","alg":"ES256""#, "alg"),
            (r#","alg":"RSA-OAEP""#, "alg"),
            (r#","alg":null"#, "alg"),
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
            Err(error) => error.claim.unwrap_or_default().into_owned(),
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
            error.and_then(|error| error.claim).map(Cow::into_owned)
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
