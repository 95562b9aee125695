//! The table of algorithms ([RFC 7518 section 3.1], [RFC 8037], [RFC 8812], [RFC 9864]).
//!
//! [RFC 7518 section 3.1]: https://www.rfc-editor.org/rfc/rfc7518#section-3.1
//! [RFC 8037]: https://www.rfc-editor.org/rfc/rfc8037
//! [RFC 8812]: https://www.rfc-editor.org/rfc/rfc8812
//! [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864

use std::fmt;

use serde::{Serialize, Serializer};

use super::key_type::{KeyType, NamedCurve};

/// Defines [`Alg`] from its table: a row has the registered name, the type of its keys, and the octets
/// of its hash.
macro_rules! algorithms {
    ($($(#[$doc:meta])* $variant:ident: $name:literal, $key_type:expr, $hash_octets:literal;)*) => {
        /// A registered signature algorithm that is implemented.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Alg {
            $($(#[$doc])* $variant,)*
        }

        impl Alg {
            /// Every algorithm implemented, in the order of their registration.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The registered `alg` value.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The type of the keys that verify it.
            pub(crate) const fn key_type(self) -> KeyType {
                match self {
                    $(Self::$variant => $key_type,)*
                }
            }

            /// The octets of its hash. An HMAC secret has at least as many (RFC 7518 section 3.2).
            pub(crate) const fn hash_octets(self) -> usize {
                match self {
                    $(Self::$variant => $hash_octets,)*
                }
            }
        }
    };
}

algorithms! {
    /// HMAC with SHA-256.
    Hs256: "HS256", KeyType::Oct, 32;
    /// HMAC with SHA-384.
    Hs384: "HS384", KeyType::Oct, 48;
    /// HMAC with SHA-512.
    Hs512: "HS512", KeyType::Oct, 64;
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256: "RS256", KeyType::Rsa, 32;
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384: "RS384", KeyType::Rsa, 48;
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512: "RS512", KeyType::Rsa, 64;
    /// RSASSA-PSS with SHA-256.
    Ps256: "PS256", KeyType::Rsa, 32;
    /// RSASSA-PSS with SHA-384.
    Ps384: "PS384", KeyType::Rsa, 48;
    /// RSASSA-PSS with SHA-512.
    Ps512: "PS512", KeyType::Rsa, 64;
    /// ECDSA on P-256 with SHA-256.
    Es256: "ES256", KeyType::Ec(NamedCurve::P256), 32;
    /// ECDSA on P-384 with SHA-384.
    Es384: "ES384", KeyType::Ec(NamedCurve::P384), 48;
    /// ECDSA on P-521 with SHA-512.
    Es512: "ES512", KeyType::Ec(NamedCurve::P521), 64;
    /// ECDSA on secp256k1 with SHA-256.
    Es256k: "ES256K", KeyType::Ec(NamedCurve::Secp256k1), 32;
    /// EdDSA; on Ed25519, the one curve implemented.
    EdDsa: "EdDSA", KeyType::Ed25519, 64;
    /// EdDSA on Ed25519, fully specified.
    Ed25519: "Ed25519", KeyType::Ed25519, 64;
}

impl Alg {
    /// The algorithm registered as `name`, compared exactly.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }

    /// Whether its signatures are HMACs: a key makes only one of a message.
    pub(crate) const fn is_mac(self) -> bool {
        matches!(self.key_type(), KeyType::Oct)
    }

    #[expect(
        clippy::as_conversions,
        reason = "the number of its row, of which an AlgSet has a bit for each"
    )]
    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl KeyType {
    /// Every algorithm that a key of this type could verify.
    pub(crate) fn algs(self) -> AlgSet {
        let algs = Alg::ALL.into_iter();
        algs.filter(|alg| alg.key_type() == self).collect()
    }
}

impl fmt::Display for Alg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Alg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A set of algorithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AlgSet(u16);

impl AlgSet {
    /// No algorithm.
    pub(crate) const EMPTY: Self = Self(0);

    /// Whether `alg` is one of these.
    pub(crate) const fn contains(self, alg: Alg) -> bool {
        self.0 & alg.bit() != 0
    }

    /// Whether it is empty.
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The union of both.
    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The intersection of both.
    pub(crate) const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Each of them, in the order of their registration.
    pub(crate) fn iter(self) -> impl Iterator<Item = Alg> {
        Alg::ALL.into_iter().filter(move |alg| self.contains(*alg))
    }
}

impl FromIterator<Alg> for AlgSet {
    fn from_iter<I: IntoIterator<Item = Alg>>(algs: I) -> Self {
        algs.into_iter()
            .fold(Self::EMPTY, |set, alg| Self(set.0 | alg.bit()))
    }
}
