//! Under which headers did keys sign before? The same ones come again and again.
//!
//! An entry means "a token with exactly this JOSE Header took every step up to its claims". It lives
//! beside one verifier, whose keys and policy never change, so neither does what they say of it.

use crate::encoding::octets::same;
use crate::jose::alg::Alg;
use crate::recent::Recent;

/// Headers and the keys that signed below them, each by its number.
#[derive(Debug)]
pub(crate) struct Preambles(Recent<Preamble, MOST>);

/// Issuers have few keys at a time, and each of them writes one header.
const MOST: usize = 8;

/// A JOSE Header that was found good, and a key that signed below it.
#[derive(Debug)]
pub(crate) struct Preamble {
    /// The header as it is spelled in a token.
    pub(crate) protected: Box<[u8]>,
    /// The algorithm that it names.
    pub(crate) alg: Alg,
    /// The numbers of the keys that fit it, in the order in which they are tried.
    pub(crate) candidates: Box<[usize]>,
    /// Whether more keys fit it than are tried.
    pub(crate) has_more: bool,
    /// The one of them that signed.
    #[cfg_attr(
        not(any(test, feature = "wasm")),
        expect(dead_code, reason = "the boundary remembers")
    )]
    pub(crate) signer: usize,
}

impl Preambles {
    /// None of them.
    pub(crate) const NONE: &Self = &Self::new();

    /// None yet.
    pub(crate) const fn new() -> Self {
        Self(Recent::new())
    }

    /// What is known of a header, given as it is spelled.
    pub(crate) fn find(&self, protected: &[u8]) -> Option<&Preamble> {
        self.0.find(|known| same(&known.protected, protected))
    }

    /// The number of a header and the key that signed below it.
    #[cfg(any(test, feature = "wasm"))]
    pub(crate) fn number(&self, protected: &[u8], signer: usize) -> Option<usize> {
        self.0
            .number(|known| known.signer == signer && same(&known.protected, protected))
    }

    /// Remembers `preamble` and returns its number.
    #[cfg(any(test, feature = "wasm"))]
    pub(crate) fn insert(&mut self, preamble: Preamble) -> usize {
        self.0.insert(preamble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_known_by_all_of_its_octets() {
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
