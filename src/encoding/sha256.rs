//! SHA-256 where it names something and signs nothing (FIPS 180-4).

use sha2::{Digest, Sha256};

/// The hash of `octets`.
pub(crate) fn digest(octets: &[u8]) -> [u8; 32] {
    Sha256::digest(octets).into()
}
