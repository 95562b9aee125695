//! The numbers of a key: what its type is, and which sizes are accepted ([RFC 7518 section 6]).
//!
//! [RFC 7518 section 6]: https://www.rfc-editor.org/rfc/rfc7518#section-6

use std::fmt;

use super::alg::{Alg, AlgSet};
use super::secret::{is_key_text, is_known};
use crate::encoding::limits::{
    MAX_RSA_BITS, MAX_RSA_EXPONENT_BITS, MIN_RSA_BITS, MIN_RSA_EXPONENT,
};
use crate::error::Error;

/// The numbers of a key, big-endian. Its `Debug` text does not show them.
///
/// Ordered so that a set can find a key that it holds already.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    Secp256k1,
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

    /// Its length in bits: of the modulus, the secret or a coordinate.
    pub(crate) fn bits(&self) -> usize {
        let octets = match self {
            Self::Secret(octets) => octets.len(),
            Self::Rsa { modulus, .. } => modulus.len(),
            Self::Ec { x, .. } => x.len(),
            Self::Ed25519(x) => x.len(),
        };
        8 * octets
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Secret(_) => Kind::Oct,
            Self::Rsa { .. } => Kind::Rsa,
            Self::Ec { curve, .. } => Kind::Ec(*curve),
            Self::Ed25519(_) => Kind::Ed25519,
        }
    }

    /// A secret for HMAC; `member` is the name of the option that holds it.
    pub(super) fn secret(octets: Vec<u8>, member: &'static str) -> Result<Self, Error> {
        if is_known(&octets) {
            return Err(Error::keys(
                member,
                "secret: this one is printed in public documentation",
            ));
        }
        if is_key_text(&octets) {
            let must_be =
                "a secret: this is the text of a PEM or JWK key; give it as { pem } or { jwk }";
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
                let must_be = COORDINATE;
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
    pub(super) const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::Secp256k1];

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
}

/// How many bits a number has, or `None` if it is nothing or starts with a zero octet (RFC 7518
/// section 2, Base64urlUInt).
fn minimal_bits(octets: &[u8]) -> Option<usize> {
    let first = octets.first().filter(|first| **first != 0)?;
    let unused = usize::try_from(first.leading_zeros()).ok()?;
    Some(octets.len() * 8 - unused)
}

/// How many octets the hash of an HMAC has, and its secret must have at least.
pub(super) const fn hash_octets(alg: Alg) -> usize {
    match alg {
        Alg::Hs512 => 64,
        Alg::Hs384 => 48,
        _ => 32,
    }
}

const MINIMAL: &str =
    "a positive number without leading zero octets: strip them (RFC 7518 section 6.3.1)";
const COORDINATE: &str = "as long as the field of its curve, in octets (32 for P-256 and secp256k1, \
    48 for P-384, 66 for P-521): pad it with leading zeros (RFC 7518 section 6.2.1.2)";
pub(super) const SECRET_MUST_BE: &str =
    "at least as long as the hash: 32 octets for HS256, 48 for HS384, 64 for HS512";
