//! HMAC with SHA-2 from the functions that hash a block ([RFC 2104 section 2], FIPS 180-4 section 5).
//!
//! For an inspection alone, which tries published secrets: the buffers of the crates would weigh more
//! than the hashing. Nothing here is secret.
//!
//! [RFC 2104 section 2]: https://www.rfc-editor.org/rfc/rfc2104#section-2

use sha2::block_api::{compress256, compress512};

use crate::encoding::sha256::State;
use crate::jose::alg::Alg;

/// Whether `tag` is the HMAC of `message` by `alg` with `secret`.
pub(crate) fn is_mac(tag: &[u8], secret: &[u8], alg: Alg, message: &[u8]) -> bool {
    let octets = alg.hash_octets();
    let made = match alg {
        Alg::Hs256 => mac256(State::START.words(), octets, secret, message),
        Alg::Hs384 => mac512(SHA384, octets, secret, message),
        Alg::Hs512 => mac512(SHA512, octets, secret, message),
        _ => return false,
    };
    made == tag
}

/// Defines an HMAC of `$octets` octets and the hash below it, whose blocks have `$block` octets and
/// whose messages end in their length as a `$length`.
macro_rules! hmac {
    ($mac:ident, $hash:ident, $compress:ident, $word:ty, $block:literal, $length:ty) => {
        fn $mac(start: [$word; 8], octets: usize, secret: &[u8], message: &[u8]) -> Vec<u8> {
            let hashed;
            let secret = match secret.len() {
                ..=$block => secret,
                _ => {
                    hashed = $hash(start, &[], octets, secret);
                    &hashed
                }
            };
            let padded = |pad: u8| {
                let mut block = [pad; $block];
                let places = block.iter_mut().zip(secret);
                places.for_each(|(place, octet)| *place ^= octet);
                [block]
            };
            let inner = $hash(start, &padded(0x36), octets, message);
            $hash(start, &padded(0x5c), octets, &inner)
        }

        /// The first `octets` octets of the hash of `before` and `message`.
        fn $hash(
            start: [$word; 8],
            before: &[[u8; $block]],
            octets: usize,
            message: &[u8],
        ) -> Vec<u8> {
            let mut state = start;
            let (blocks, rest) = message.as_chunks();
            $compress(&mut state, before);
            $compress(&mut state, blocks);
            let mut end = rest.to_vec();
            end.push(0x80);
            while end.len() % $block != $block - size_of::<$length>() {
                end.push(0);
            }
            let bits = <$length>::try_from(8 * (before.len() * $block + message.len()));
            end.extend_from_slice(&bits.unwrap_or_default().to_be_bytes());
            $compress(&mut state, end.as_chunks().0);
            let hash = state.iter().flat_map(|word| word.to_be_bytes());
            hash.take(octets).collect()
        }
    };
}

hmac!(mac256, hash256, compress256, u32, 64, u64);
hmac!(mac512, hash512, compress512, u64, 128, u128);

/// The state before the first block of SHA-384 (FIPS 180-4 section 5.3.4).
const SHA384: [u64; 8] = [
    0xcbbb_9d5d_c105_9ed8,
    0x629a_292a_367c_d507,
    0x9159_015a_3070_dd17,
    0x152f_ecd8_f70e_5939,
    0x6733_2667_ffc0_0b31,
    0x8eb4_4a87_6858_1511,
    0xdb0c_2e0d_64f9_8fa7,
    0x47b5_481d_befa_4fa4,
];

/// The state before the first block of SHA-512 (FIPS 180-4 section 5.3.5).
const SHA512: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::{Sha256, Sha384, Sha512};

    use super::*;

    fn tag<M: Mac + KeyInit>(secret: &[u8], message: &[u8]) -> Vec<u8> {
        let schedule = <M as KeyInit>::new_from_slice(secret).ok();
        let mac = schedule.map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec());
        mac.unwrap_or_default()
    }

    #[test]
    fn a_tag_is_that_of_the_crate_at_every_boundary_of_secret_and_message() {
        let text = [0xA5; 300];
        for secret in [0, 1, 63, 64, 65, 71, 127, 128, 129, 200] {
            for message in [
                0, 1, 54, 55, 56, 63, 64, 65, 110, 111, 112, 127, 128, 129, 300,
            ] {
                let (Some(secret), Some(message)) = (text.get(..secret), text.get(..message))
                else {
                    continue;
                };
                for (alg, tag) in [
                    (Alg::Hs256, tag::<Hmac<Sha256>>(secret, message)),
                    (Alg::Hs384, tag::<Hmac<Sha384>>(secret, message)),
                    (Alg::Hs512, tag::<Hmac<Sha512>>(secret, message)),
                ] {
                    assert_eq!(tag.len(), alg.hash_octets());
                    assert!(is_mac(&tag, secret, alg, message));
                    assert!(crate::signature::is_mac(&tag, secret, alg, message));
                    let mut other = tag.clone();
                    other.iter_mut().take(1).for_each(|octet| *octet ^= 1);
                    assert!(!is_mac(&other, secret, alg, message));
                    assert!(!is_mac(
                        tag.get(1..).unwrap_or_default(),
                        secret,
                        alg,
                        message
                    ));
                    assert!(!is_mac(&tag, secret, Alg::Rs256, message));
                }
            }
        }
    }
}
