//! The header cache: the encoded JOSE Headers of accepted tokens, with the result of their checks.
//!
//! An entry means "a token with exactly this JOSE Header passed every step up to its claims". It belongs to one verifier,
//! whose keys and policy never change, so the same header has the same result.

use crate::encoding::octets::same;
use crate::jose::alg::Alg;
use crate::recent::Recent;

/// Headers with the keys that signed under them, each with a number; the oldest of eight is replaced (FIFO).
#[derive(Debug)]
pub(crate) struct Preambles(Recent<Preamble, MOST>);

/// Issuers have few keys at a time, and each of them writes one header.
const MOST: usize = 8;

/// A JOSE Header that passed its checks, and a key that signed under it.
#[derive(Debug)]
pub(crate) struct Preamble {
    /// The header as it is encoded in a token.
    pub(crate) protected: Box<[u8]>,
    /// Its `alg`.
    pub(crate) alg: Alg,
    /// The numbers of the candidate keys, in the order in which they are tried.
    pub(crate) candidates: Box<[usize]>,
    /// Whether more keys fit it than are tried.
    pub(crate) has_more: bool,
    /// The one of them that signed.
    #[cfg_attr(
        not(any(test, feature = "wasm")),
        expect(dead_code, reason = "only the boundary inserts")
    )]
    pub(crate) signer: usize,
}

impl Preambles {
    /// The empty cache, for callers without one.
    pub(crate) const NONE: &Self = &Self::new();

    /// An empty cache.
    pub(crate) const fn new() -> Self {
        Self(Recent::new())
    }

    /// The entry of an encoded header.
    pub(crate) fn find(&self, protected: &[u8]) -> Option<&Preamble> {
        self.0.find(|known| same(&known.protected, protected))
    }

    /// The number of the entry for a header and the key that signed under it.
    #[cfg(any(test, feature = "wasm"))]
    pub(crate) fn number(&self, protected: &[u8], signer: usize) -> Option<usize> {
        self.0
            .number(|known| known.signer == signer && same(&known.protected, protected))
    }

    /// Caches `preamble` and returns its number.
    #[cfg(any(test, feature = "wasm"))]
    pub(crate) fn insert(&mut self, preamble: Preamble) -> usize {
        self.0.insert(preamble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_by_all_of_its_octets() {
        let mut preambles = Preambles::new();
        let number = preambles.insert(Preamble {
            protected: (*b"a header").into(),
            alg: Alg::Hs256,
            candidates: [3].into(),
            has_more: false,
            signer: 3,
        });
        assert_eq!(preambles.number(b"a header", 3), Some(number));
        assert_eq!(preambles.number(b"a header", 2), None);
        assert!(preambles.find(b"a header").is_some());
        for other in ["a heade", "a header ", "A header", "a heades", ""] {
            assert!(preambles.find(other.as_bytes()).is_none(), "{other:?}");
        }
    }
}
