//! SHA-256 where it names something and signs nothing, and of what is signed and named (FIPS
//! 180-4).

use std::cell::OnceCell;

use sha2::{Digest, Sha256};

/// The hash of `octets`.
pub(crate) fn digest(octets: &[u8]) -> [u8; 32] {
    Sha256::digest(octets).into()
}

/// The hash of `parts` in `domain`. Each part stands behind its length, so that no two lists of
/// parts read alike.
pub(crate) fn digest_parts(domain: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in std::iter::once(&domain.as_bytes()).chain(parts) {
        hash.update(part.len().to_string());
        hash.update(b":");
        hash.update(part);
    }
    hash.finalize().into()
}

/// Octets that are signed and named: hashed once for both.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    octets: &'a [u8],
    hashed: OnceCell<Sha256>,
}

impl<'a> Message<'a> {
    /// Hashes nothing yet.
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        let hashed = OnceCell::new();
        Self { octets, hashed }
    }

    /// The octets themselves.
    pub(crate) const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// Their hash.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        self.hashed().finalize().into()
    }

    /// The hash of the octets and, behind them, `suffix`.
    pub(crate) fn sha256_before(&self, suffix: &[u8]) -> [u8; 32] {
        self.hashed().chain_update(suffix).finalize().into()
    }

    fn hashed(&self) -> Sha256 {
        let hashed = || Sha256::new_with_prefix(self.octets);
        self.hashed.get_or_init(hashed).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hashed_once_has_the_hashes_of_its_own() {
        for length in [0, 1, 55, 56, 63, 64, 65, 300] {
            let octets = vec![7; length];
            let message = Message::new(&octets);
            assert_eq!(
                message.sha256_before(b" end"),
                digest(&[&octets[..], b" end"].concat())
            );
            assert_eq!(message.sha256(), digest(&octets));
            assert_eq!(message.sha256_before(b""), digest(&octets));
            assert_eq!(message.octets(), octets);
        }
    }
}
