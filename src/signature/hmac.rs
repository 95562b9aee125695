//! HMAC with SHA-2 ([RFC 7518 section 3.2]): whole tags, compared in constant time.
//!
//! [RFC 7518 section 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2

use std::fmt;

use super::arithmetic::sha256_x4::{self, Task};
use crate::encoding::mac::{Schedules, is_tag};
use crate::encoding::sha256::{self, BLOCK, Message, State};
use crate::error::Error;
use crate::jose::alg::Alg;

/// A secret, prepared for each hash.
pub(super) struct Key {
    schedules: Schedules,
    halves: Halves,
}

/// HMAC-SHA-256 for a secret, in its two halves: the host may compute the inner hash.
struct Halves {
    /// The padded key block before the message.
    before: [u8; BLOCK],
    /// The state after that block.
    inner: State,
    /// The state after the padded key block before the inner hash.
    outer: State,
}

impl Key {
    pub(super) fn new(secret: &[u8]) -> Result<Self, Error> {
        let unusable = || Error::keys("k", "a secret that HMAC can use");
        Ok(Self {
            schedules: Schedules::new(secret).ok_or_else(unusable)?,
            halves: Halves::new(secret),
        })
    }

    pub(super) fn verify(&self, alg: Alg, message: &Message<'_>, tag: &[u8]) -> Option<()> {
        let (octets, Self { schedules, halves }) = (message.octets(), self);
        let verified = match alg {
            Alg::Hs256 => {
                let inner = message.sha256_behind(&halves.before);
                let inner = inner.unwrap_or_else(|| halves.inner.digest(1, octets));
                is_tag(&halves.tag(&inner), tag)
            }
            Alg::Hs384 => schedules.verify_hs384(octets, tag),
            Alg::Hs512 => schedules.verify_hs512(octets, tag),
            _ => false,
        };
        verified.then_some(())
    }
}

impl Halves {
    /// RFC 2104 section 2.
    fn new(secret: &[u8]) -> Self {
        let hash = (secret.len() > BLOCK).then(|| sha256::digest(secret));
        let secret = hash.as_ref().map_or(secret, |hash| hash.as_slice());
        let padded = |pad: u8| {
            let mut block = [pad; BLOCK];
            let places = block.iter_mut().zip(secret);
            places.for_each(|(place, octet)| *place ^= octet);
            block
        };
        let before = padded(0x36);
        Self {
            before,
            inner: State::after(&before),
            outer: State::after(&padded(0x5c)),
        }
    }

    /// The tag of a message that the inner hash is of.
    fn tag(&self, inner: &[u8; 32]) -> [u8; 32] {
        self.outer.digest(1, inner)
    }
}

/// HMAC-SHA-256 tags of messages, each with its own key, four at a time.
pub(super) fn macs<'a>(tasks: impl Iterator<Item = (&'a Key, &'a [u8])>) -> Vec<[u8; 32]> {
    let task = |state: State, octets| Task {
        state: state.words(),
        blocks: 1,
        octets,
    };
    let (inner, outer): (Vec<_>, Vec<_>) = tasks
        .map(|(Key { halves, .. }, message)| (task(halves.inner, message), halves.outer))
        .unzip();
    let hashes = sha256_x4::hash(&inner);
    let outer = outer.into_iter().zip(&hashes);
    sha256_x4::hash(
        &outer
            .map(|(state, hash)| task(state, hash))
            .collect::<Vec<_>>(),
    )
}

/// Whether `tag` is the HMAC of `message` by `alg` with `secret`. For a single message.
pub(crate) fn is_mac(tag: &[u8], secret: &[u8], alg: Alg, message: &[u8]) -> bool {
    let key = Key::new(secret);
    key.is_ok_and(|key| key.verify(alg, &Message::new(message), tag).is_some())
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// The HS256 signature of `message`, for receipts.
pub(crate) fn sign_sha256(secret: &[u8], message: &[u8]) -> Result<Vec<u8>, Error> {
    let Key { halves, .. } = Key::new(secret)?;
    Ok(halves.tag(&halves.inner.digest(1, message)).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::sha256::{Hasher, digest};

    #[test]
    fn tags_computed_together_are_those_computed_alone() {
        let secrets = [32, 64, 65, 200].map(|length| vec![0xA5; length]);
        let keys: Vec<_> = secrets
            .iter()
            .filter_map(|secret| Key::new(secret).ok())
            .collect();
        for count in [0, 1, 3, 4, 5, 64, 131] {
            let messages: Vec<_> = (0..count).map(|index| vec![7; index * 13 % 300]).collect();
            let by = |index: usize| (keys.get(index % 4), secrets.get(index % 4));
            let tasks = messages.iter().enumerate();
            let tasks = tasks.filter_map(|(index, message)| Some((by(index).0?, &message[..])));
            let signed = messages.iter().enumerate();
            let signed: Vec<_> = signed
                .filter_map(|(index, message)| sign_sha256(by(index).1?, message).ok())
                .collect();
            let tags: Vec<_> = macs(tasks).iter().map(|tag| tag.to_vec()).collect();
            assert_eq!(tags, signed);
            assert_eq!(signed.len(), count);
        }
    }

    #[test]
    fn the_verdict_does_not_depend_on_who_computes_the_inner_hash() {
        let hasher = Hasher::self_tested(|parts| Some(digest(&parts.concat())));
        assert!(hasher.is_some());
        for secret in [32, 63, 64, 65, 200].map(|length| vec![0xA5; length]) {
            for message in [255, 256, 257, 1_000].map(|length| vec![0x5A; length]) {
                let tag = sign_sha256(&secret, &message).unwrap_or_default();
                let long = [&tag[..], &[0]].concat();
                let key = Key::new(&secret).ok();
                let verify = |hasher, tag: &[u8]| {
                    let message = Message::hashed_by(&message, hasher, None);
                    key.as_ref()?.verify(Alg::Hs256, &message, tag)
                };
                for hasher in [None, hasher.as_ref()] {
                    assert_eq!(verify(hasher, &tag), Some(()));
                    assert_eq!(verify(hasher, &long), None);
                    assert_eq!(verify(hasher, &[]), None);
                    for at in 0..32 {
                        let mut other = tag.clone();
                        other
                            .iter_mut()
                            .skip(at)
                            .take(1)
                            .for_each(|octet| *octet ^= 0x10);
                        assert_eq!(verify(hasher, &other), None);
                        assert_eq!(verify(hasher, tag.get(..at).unwrap_or_default()), None);
                    }
                }
            }
        }
    }
}
