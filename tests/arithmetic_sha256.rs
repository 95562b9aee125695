//! SHA-256 of four messages at a time against the crate that hashes one.
#![cfg_attr(
    test,
    expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a failed test should panic"
    )
)]

#[path = "../src/signature/arithmetic/mod.rs"]
pub mod arithmetic;
mod arithmetic_random;

use arithmetic::sha256_x4::{Task, hash};
use arithmetic_random::{Random, cases};
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

const MESSAGES: usize = cases(200_000);

/// Before the first block (FIPS 180-4 section 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The hashes of `messages`, each behind `prefix`, all at a time and one by one.
fn compare(prefix: Option<&[u8; 64]>, messages: &[Vec<u8>]) {
    let mut state = START;
    if let Some(prefix) = prefix {
        compress256(&mut state, &[*prefix]);
    }
    let blocks = usize::from(prefix.is_some());
    let tasks: Vec<_> = messages
        .iter()
        .map(|octets| Task {
            state,
            blocks,
            octets,
        })
        .collect();
    let prefix = prefix.map_or(&[][..], |prefix| prefix);
    let before = Sha256::new_with_prefix(prefix);
    let known: Vec<[u8; 32]> = messages
        .iter()
        .map(|octets| before.clone().chain_update(octets).finalize().into())
        .collect();
    assert_eq!(hash(&tasks), known);
}

/// Lanes that end together, one after the other, and not at all.
#[cfg_attr(test, test)]
pub(crate) fn messages_of_every_length_have_the_hashes_of_the_crate() {
    let random = &mut Random::new(41);
    let text = random.octets(600);
    let prefix: [u8; 64] = random.octets(64).try_into().unwrap();
    for count in 0..9 {
        for length in 0..260 {
            for step in [0, 1, 64, 7] {
                let messages: Vec<_> = (0..count)
                    .map(|index| text[index..index + (length + index * step) % 260].to_vec())
                    .collect();
                compare(None, &messages);
                compare(Some(&prefix), &messages);
            }
        }
    }
}

#[cfg_attr(test, test)]
pub(crate) fn random_messages_have_the_hashes_of_the_crate() {
    let random = &mut Random::new(42);
    let mut left = MESSAGES;
    while left > 0 {
        let count = 1 + random.below(70).min(left - 1);
        let most = [10, 130, 800][random.below(3)];
        let messages: Vec<_> = (0..count)
            .map(|_| {
                let length = random.below(most);
                random.octets(length)
            })
            .collect();
        let prefix: [u8; 64] = random.octets(64).try_into().unwrap();
        compare((random.below(2) == 0).then_some(&prefix), &messages);
        left -= count;
    }
}
