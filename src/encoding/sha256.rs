//! SHA-256 where it names something and signs nothing (FIPS 180-4).

use sha2::{Digest, Sha256};

/// The hash of `octets`.
pub(crate) fn digest(octets: &[u8]) -> [u8; 32] {
    Sha256::digest(octets).into()
}

/// The hash of `parts` in `domain`. Each part stands behind its length, so that no two lists of
/// parts read alike.
pub(crate) fn digest_parts(domain: &str, parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in std::iter::once(&domain).chain(parts) {
        hash.update(part.len().to_string());
        hash.update(b":");
        hash.update(part);
    }
    hash.finalize().into()
}
