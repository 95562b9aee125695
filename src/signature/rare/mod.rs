//! ECDSA on P-384, P-521 and secp256k1: a crate of its own, which is compiled for its size.
//!
//! Its functions are not generic, so that the arithmetic of these curves is compiled here and nowhere else.

use countersign_arithmetic::ecdsa::{P384PublicKey, P521PublicKey, Secp256k1PublicKey};
use sha2::{Digest, Sha384, Sha512};

/// A public key for ES384, ES512 or ES256K.
#[derive(Debug)]
pub struct Key(Point);

#[derive(Debug)]
enum Point {
    P384(P384PublicKey),
    P521(P521PublicKey),
    Secp256k1(Secp256k1PublicKey),
}

impl Key {
    /// The key on P-384 with these coordinates, if that is a point of the curve.
    pub fn p384(x: &[u8], y: &[u8]) -> Option<Self> {
        P384PublicKey::from_coordinates(x, y)
            .map(Point::P384)
            .map(Self)
    }

    /// The key on P-521 with these coordinates, if that is a point of the curve.
    pub fn p521(x: &[u8], y: &[u8]) -> Option<Self> {
        P521PublicKey::from_coordinates(x, y)
            .map(Point::P521)
            .map(Self)
    }

    /// The key on secp256k1 with these coordinates, if that is a point of the curve.
    pub fn secp256k1(x: &[u8], y: &[u8]) -> Option<Self> {
        Secp256k1PublicKey::from_coordinates(x, y)
            .map(Point::Secp256k1)
            .map(Self)
    }

    /// Whether `signature` is one of ES384 over `message` with this key.
    pub fn verify_es384(&self, message: &[u8], signature: &[u8]) -> bool {
        matches!(&self.0, Point::P384(key) if key.verify(&Sha384::digest(message), signature))
    }

    /// Whether `signature` is one of ES512 over `message` with this key.
    pub fn verify_es512(&self, message: &[u8], signature: &[u8]) -> bool {
        matches!(&self.0, Point::P521(key) if key.verify(&Sha512::digest(message), signature))
    }

    /// Whether `signature` is one of ES256K with this key over the message of that SHA-256.
    pub fn verify_es256k(&self, sha256: &[u8; 32], signature: &[u8]) -> bool {
        matches!(&self.0, Point::Secp256k1(key) if key.verify(sha256, signature))
    }
}
