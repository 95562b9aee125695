//! The numbers of a key, and the sizes that are accepted ([RFC 7518 section 6]).
//!
//! [RFC 7518 section 6]: https://www.rfc-editor.org/rfc/rfc7518#section-6

use std::fmt;

use super::alg::AlgSet;
use super::key_type::{KeyType, NamedCurve};
use super::weak_secrets::{is_key_text, is_known};
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
        curve: NamedCurve,
        x: Vec<u8>,
        y: Vec<u8>,
    },
    /// An Ed25519 public key (RFC 8032 section 5.1.5).
    Ed25519([u8; 32]),
}

impl Material {
    /// What a key of these numbers can verify: all that its type is for, save the HMACs whose hash
    /// is longer than the secret (RFC 7518 section 3.2).
    pub(crate) fn algs(&self) -> AlgSet {
        let algs = self.key_type().algs();
        match self {
            Self::Secret(octets) => algs
                .iter()
                .filter(|alg| octets.len() >= alg.hash_octets())
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

    pub(crate) fn key_type(&self) -> KeyType {
        match self {
            Self::Secret(_) => KeyType::Oct,
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Ec { curve, .. } => KeyType::Ec(*curve),
            Self::Ed25519(_) => KeyType::Ed25519,
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
    pub(super) fn ec(curve: NamedCurve, x: Vec<u8>, y: Vec<u8>) -> Result<Self, Error> {
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
        write!(f, "Material({:?})", self.key_type())
    }
}

/// How many bits a number has, or `None` if it is nothing or starts with a zero octet (RFC 7518
/// section 2, Base64urlUInt).
fn minimal_bits(octets: &[u8]) -> Option<usize> {
    let first = octets.first().filter(|first| **first != 0)?;
    let unused = usize::try_from(first.leading_zeros()).ok()?;
    Some(octets.len() * 8 - unused)
}

const MINIMAL: &str =
    "a positive number without leading zero octets: strip them (RFC 7518 section 6.3.1)";
const COORDINATE: &str = "as long as the field of its curve, in octets (32 for P-256 and secp256k1, \
    48 for P-384, 66 for P-521): pad it with leading zeros (RFC 7518 section 6.2.1.2)";
pub(super) const SECRET_MUST_BE: &str =
    "at least as long as the hash: 32 octets for HS256, 48 for HS384, 64 for HS512";
