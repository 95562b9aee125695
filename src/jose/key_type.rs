//! Key types and curves ([RFC 7518 section 6], RFC 8037, RFC 8812).
//!
//! [RFC 7518 section 6]: https://www.rfc-editor.org/rfc/rfc7518#section-6

/// The type of a key: its `kty` and, if it has one, its `crv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    Oct,
    Rsa,
    Ec(NamedCurve),
    Ed25519,
}

/// A curve that ECDSA is implemented on (RFC 7518 section 6.2.1.1, RFC 8812 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NamedCurve {
    P256,
    P384,
    P521,
    Secp256k1,
}

impl NamedCurve {
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

    /// The octets of a coordinate.
    pub(crate) const fn field_octets(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}
