//! The header cache: the encoded JOSE Headers of accepted tokens, with the result of their checks.
//!
//! An entry means "a token with exactly this JOSE Header passed every step up to its signature". It
//! belongs to one verifier, whose keys and policy never change, so the same header has the same
//! result. The signature of each token is checked.

use crate::encoding::octets::same;
use crate::fifo::Fifo;
use crate::jose::alg::Alg;

/// Encoded headers with the result of their checks; the oldest of eight is replaced (FIFO).
#[derive(Debug)]
pub(crate) struct HeaderCache(Fifo<CachedHeader, MOST>);

/// Issuers have few keys at a time, and each of them writes one header.
const MOST: usize = 8;

/// A JOSE Header that passed its checks.
#[derive(Debug)]
pub(crate) struct CachedHeader {
    /// The header as it is encoded in a token.
    pub(super) protected: Box<[u8]>,
    /// Its `alg`.
    pub(super) alg: Alg,
    /// The numbers of the candidate keys, in the order in which they are tried.
    pub(super) candidates: Box<[usize]>,
    /// Whether more keys fit it than are tried.
    pub(super) has_more: bool,
}

impl HeaderCache {
    /// The empty cache, for callers without one.
    pub(crate) const NONE: &Self = &Self::new();

    /// An empty cache.
    pub(crate) const fn new() -> Self {
        Self(Fifo::new())
    }

    /// The entry of an encoded header.
    pub(super) fn find(&self, protected: &[u8]) -> Option<&CachedHeader> {
        self.0.find(|known| same(&known.protected, protected))
    }

    /// Adds `header`, which is not in the cache.
    pub(crate) fn insert(&mut self, header: CachedHeader) {
        self.0.insert(header);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_by_all_of_its_octets() {
        let mut headers = HeaderCache::new();
        headers.insert(CachedHeader {
            protected: (*b"a header").into(),
            alg: Alg::Hs256,
            candidates: [3].into(),
            has_more: false,
        });
        assert!(headers.find(b"a header").is_some());
        for other in ["a heade", "a header ", "A header", "a heades", ""] {
            assert!(headers.find(other.as_bytes()).is_none(), "{other:?}");
        }
    }
}
