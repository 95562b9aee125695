//! Under which headers did keys sign before? The same ones come again and again.
//!
//! An entry means "a token with exactly this JOSE Header took every step up to its claims". It lives
//! beside one verifier, whose keys and policy never change, so neither does what they say of it.

use crate::encoding::octets::same;
use crate::jose::alg::Alg;

/// Headers and the keys that signed below them, each by its number.
#[derive(Debug, Default)]
pub(crate) struct Preambles {
    known: Vec<Preamble>,
    #[cfg_attr(
        not(any(test, feature = "wasm")),
        expect(dead_code, reason = "the boundary remembers")
    )]
    oldest: usize,
}

/// A JOSE Header that was found good, and a key that signed below it.
#[derive(Debug)]
pub(crate) struct Preamble {
    /// The header as it is spelled in a token.
    pub(crate) protected: Box<[u8]>,
    /// The algorithm that it names.
    pub(crate) alg: Alg,
    /// The numbers of the keys that fit it, in the order in which they are tried.
    pub(crate) candidates: Box<[usize]>,
    /// The one of them that signed.
    #[cfg_attr(
        not(any(test, feature = "wasm")),
        expect(dead_code, reason = "the boundary remembers")
    )]
    pub(crate) signer: usize,
}

impl Preambles {
    /// None of them.
    pub(crate) const NONE: &Self = &Self {
        known: Vec::new(),
        oldest: 0,
    };

    /// Issuers have few keys at a time, and each of them writes one header.
    #[cfg(any(test, feature = "wasm"))]
    const MOST: usize = 8;

    /// What is known of a header, given as it is spelled.
    pub(crate) fn find(&self, protected: &[u8]) -> Option<&Preamble> {
        let known = |preamble: &&Preamble| same(&preamble.protected, protected);
        self.known.iter().find(known)
    }

    /// The number of a header and the key that signed below it.
    #[cfg(any(test, feature = "wasm"))]
    pub(crate) fn number(&self, protected: &[u8], signer: usize) -> Option<usize> {
        let known =
            |preamble: &Preamble| preamble.signer == signer && same(&preamble.protected, protected);
        self.known.iter().position(known)
    }

    /// Remembers `preamble` and returns its number, which the one that came first loses where there
    /// is no room.
    #[cfg(any(test, feature = "wasm"))]
    pub(crate) fn insert(&mut self, preamble: Preamble) -> usize {
        if self.known.len() < Self::MOST {
            self.known.push(preamble);
            return self.known.len() - 1;
        }
        let number = self.oldest;
        self.oldest = (number + 1) % Self::MOST;
        if let Some(place) = self.known.get_mut(number) {
            *place = preamble;
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preamble(protected: &str, signer: usize) -> Preamble {
        Preamble {
            protected: protected.as_bytes().into(),
            alg: Alg::Hs256,
            candidates: [signer].into(),
            signer,
        }
    }

    #[test]
    fn a_header_is_known_by_all_of_its_octets() {
        let mut preambles = Preambles::default();
        assert_eq!(preambles.insert(preamble("a header", 3)), 0);
        assert_eq!(preambles.number(b"a header", 3), Some(0));
        assert_eq!(preambles.number(b"a header", 2), None);
        assert!(preambles.find(b"a header").is_some());
        for other in ["a heade", "a header ", "A header", ""] {
            assert!(preambles.find(other.as_bytes()).is_none(), "{other:?}");
        }
    }

    #[test]
    fn the_first_to_come_is_the_first_to_go() {
        let mut preambles = Preambles::default();
        for signer in 0..3 * Preambles::MOST {
            let number = preambles.insert(preamble("header", signer));
            assert_eq!(number, signer % Preambles::MOST);
            assert_eq!(preambles.number(b"header", signer), Some(number));
            let gone = signer.checked_sub(Preambles::MOST);
            assert_eq!(
                gone.and_then(|gone| preambles.number(b"header", gone)),
                None
            );
        }
    }
}
