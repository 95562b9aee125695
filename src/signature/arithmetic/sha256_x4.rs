//! Four-way SHA-256: the same step of four messages in the lanes of a vector (FIPS 180-4 section 6.2.2).
//!
//! Constant time: no branch or address depends on the data, so keyed states may be hashed here. All additions are modulo
//! 2^32 by definition, so there are no bounds to keep.

#[cfg(target_feature = "simd128")]
mod words {
    use core::arch::wasm32 as simd;

    /// A word of each of four messages.
    #[derive(Clone, Copy)]
    pub(super) struct Words(simd::v128);

    impl Words {
        #[inline(always)]
        pub(super) const fn splat(word: u32) -> Self {
            Self(simd::u32x4(word, word, word, word))
        }

        /// The word of one message; of a fifth, 0.
        #[inline(always)]
        pub(super) fn lane(self, index: usize) -> u32 {
            match index {
                0 => simd::u32x4_extract_lane::<0>(self.0),
                1 => simd::u32x4_extract_lane::<1>(self.0),
                2 => simd::u32x4_extract_lane::<2>(self.0),
                3 => simd::u32x4_extract_lane::<3>(self.0),
                _ => 0,
            }
        }

        /// These words, that of one message replaced.
        #[inline(always)]
        pub(super) fn with_lane(self, index: usize, word: u32) -> Self {
            Self(match index {
                0 => simd::u32x4_replace_lane::<0>(self.0, word),
                1 => simd::u32x4_replace_lane::<1>(self.0, word),
                2 => simd::u32x4_replace_lane::<2>(self.0, word),
                3 => simd::u32x4_replace_lane::<3>(self.0, word),
                _ => self.0,
            })
        }

        #[inline(always)]
        pub(super) fn add(self, other: Self) -> Self {
            Self(simd::i32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn xor(self, other: Self) -> Self {
            Self(simd::v128_xor(self.0, other.0))
        }

        /// The bits of `one` where this has ones, and those of `other` where it has zeros.
        #[inline(always)]
        pub(super) fn choose(self, one: Self, other: Self) -> Self {
            Self(simd::v128_bitselect(one.0, other.0, self.0))
        }

        #[inline(always)]
        pub(super) fn right(self, bits: u32) -> Self {
            Self(simd::u32x4_shr(self.0, bits))
        }

        #[inline(always)]
        pub(super) fn rotated(self, bits: u32) -> Self {
            Self(simd::v128_or(
                simd::u32x4_shr(self.0, bits),
                simd::u32x4_shl(self.0, 32 - bits),
            ))
        }

        /// Four words of each of four messages, the first of all first.
        #[inline(always)]
        pub(super) fn read(messages: [[u8; 16]; 4]) -> [Self; 4] {
            let [a, b, c, d] = messages.map(|octets| {
                let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = octets;
                simd::u8x16(d, c, b, a, h, g, f, e, l, k, j, i, p, o, n, m)
            });
            let (ab, cd) = (
                simd::i32x4_shuffle::<0, 4, 1, 5>(a, b),
                simd::i32x4_shuffle::<0, 4, 1, 5>(c, d),
            );
            let (high_ab, high_cd) = (
                simd::i32x4_shuffle::<2, 6, 3, 7>(a, b),
                simd::i32x4_shuffle::<2, 6, 3, 7>(c, d),
            );
            [
                Self(simd::i64x2_shuffle::<0, 2>(ab, cd)),
                Self(simd::i64x2_shuffle::<1, 3>(ab, cd)),
                Self(simd::i64x2_shuffle::<0, 2>(high_ab, high_cd)),
                Self(simd::i64x2_shuffle::<1, 3>(high_ab, high_cd)),
            ]
        }
    }
}

#[cfg(not(target_feature = "simd128"))]
mod words {
    use core::array::from_fn;

    /// A word of each of four messages.
    #[derive(Clone, Copy)]
    pub(super) struct Words([u32; 4]);

    impl Words {
        pub(super) const fn splat(word: u32) -> Self {
            Self([word; 4])
        }

        pub(super) fn lane(self, index: usize) -> u32 {
            self.0.get(index).copied().unwrap_or_default()
        }

        pub(super) fn with_lane(mut self, index: usize, word: u32) -> Self {
            self.0
                .iter_mut()
                .skip(index)
                .take(1)
                .for_each(|lane| *lane = word);
            self
        }

        fn map(self, other: Self, both: impl Fn(u32, u32) -> u32) -> Self {
            let (mut ours, mut others) = (self.0.into_iter(), other.0.into_iter());
            let mut next = || ours.next().zip(others.next()).unwrap_or_default();
            Self(from_fn(|_| {
                let (our, other) = next();
                both(our, other)
            }))
        }

        pub(super) fn add(self, other: Self) -> Self {
            self.map(other, u32::wrapping_add)
        }

        pub(super) fn xor(self, other: Self) -> Self {
            self.map(other, |a, b| a ^ b)
        }

        pub(super) fn choose(self, one: Self, other: Self) -> Self {
            let kept = self.map(one, |a, b| a & b);
            self.map(other, |a, b| !a & b).xor(kept)
        }

        pub(super) fn right(self, bits: u32) -> Self {
            Self(self.0.map(|word| word >> bits))
        }

        pub(super) fn rotated(self, bits: u32) -> Self {
            Self(self.0.map(|word| word.rotate_right(bits)))
        }

        pub(super) fn read(messages: [[u8; 16]; 4]) -> [Self; 4] {
            let words = messages.map(|octets| {
                let mut chunks = octets.as_chunks().0.iter();
                from_fn(|_| chunks.next().map_or(0, |chunk| u32::from_be_bytes(*chunk)))
            });
            let [[a, b, c, d], [e, f, g, h], [i, j, k, l], [m, n, o, p]] = words;
            [
                Self([a, e, i, m]),
                Self([b, f, j, n]),
                Self([c, g, k, o]),
                Self([d, h, l, p]),
            ]
        }
    }
}

use words::Words;

/// The octets of a block.
const BLOCK: usize = 64;

/// A message to hash: octets after whole blocks, and the state after those blocks.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    pub state: [u32; 8],
    pub blocks: usize,
    pub octets: &'a [u8],
}

/// The hashes of `tasks`, in their order. The next message takes the lane of one that ends at once.
pub fn hash(tasks: &[Task<'_>]) -> Vec<[u8; 32]> {
    let mut hashes = vec![[0; 32]; tasks.len()];
    let mut left = tasks.iter().zip(&mut hashes);
    let mut states = [Words::splat(0); 8];
    let mut next = |index, states: &mut [Words; 8]| {
        let (task, hash) = left.next()?;
        write(states, index, task.state);
        Some(Lane::new(task, hash))
    };
    let mut lanes = [0, 1, 2, 3].map(|index| next(index, &mut states));
    while lanes.iter().any(Option::is_some) {
        compress(&mut states, lanes.each_mut().map(next_block));
        for (index, lane) in lanes.iter_mut().enumerate() {
            if let Some(done) = lane.take_if(|lane| lane.is_done()) {
                done.finish(states.map(|words| words.lane(index)));
                *lane = next(index, &mut states);
            }
        }
    }
    hashes
}

/// Writes `state` to a lane.
fn write(states: &mut [Words; 8], lane: usize, state: [u32; 8]) {
    for (words, word) in states.iter_mut().zip(state) {
        *words = words.with_lane(lane, word);
    }
}

/// One of the four messages being hashed.
struct Lane<'t, 'h> {
    /// The whole blocks that are left.
    whole: core::slice::Iter<'t, [u8; BLOCK]>,
    /// The end of the octets, a one, zeros and the length: one block, or two.
    end: [[u8; BLOCK]; 2],
    /// Which of these is next, after the whole blocks.
    next: usize,
    hash: &'h mut [u8; 32],
}

impl<'t, 'h> Lane<'t, 'h> {
    fn new(task: &Task<'t>, hash: &'h mut [u8; 32]) -> Self {
        let (whole, rest) = task.octets.as_chunks();
        let mut end = [[0; BLOCK]; 2];
        let octets = end.as_flattened_mut();
        let padded = rest.iter().chain(&[0x80]);
        octets
            .iter_mut()
            .zip(padded)
            .for_each(|(to, from)| *to = *from);
        let bits = 8 * (task.blocks * BLOCK + task.octets.len());
        let length = u64::try_from(bits).unwrap_or_default().to_be_bytes();
        let places = octets.iter_mut().rev();
        places
            .zip(length.iter().rev())
            .for_each(|(to, from)| *to = *from);
        let fits = rest.len() < BLOCK - 8;
        if fits {
            let [first, last] = &mut end;
            last.iter_mut()
                .zip(*first)
                .for_each(|(to, from)| *to |= from);
        }
        Self {
            whole: whole.iter(),
            end,
            next: usize::from(fits),
            hash,
        }
    }

    fn is_done(&self) -> bool {
        self.next == 2
    }

    fn finish(self, state: [u32; 8]) {
        let words = self.hash.as_chunks_mut().0.iter_mut().zip(state);
        words.for_each(|(octets, word)| *octets = word.to_be_bytes());
    }
}

/// Takes the next block; zeros for a lane without a message.
fn next_block<'l>(lane: &'l mut Option<Lane<'_, '_>>) -> &'l [u8; BLOCK] {
    const NOTHING: [u8; BLOCK] = [0; BLOCK];
    let Some(lane) = lane else {
        return &NOTHING;
    };
    if let Some(block) = lane.whole.next() {
        return block;
    }
    lane.next += 1;
    lane.end.get(lane.next - 1).unwrap_or(&NOTHING)
}

/// One block of each of four messages.
#[inline(never)]
fn compress(states: &mut [Words; 8], [a, b, c, d]: [&[u8; BLOCK]; 4]) {
    let part = |at: usize| {
        [a, b, c, d].map(|block| match block.as_chunks().0.get(at) {
            Some(part) => *part,
            None => [0; 16],
        })
    };
    let [w0, w1, w2, w3] = Words::read(part(0));
    let [w4, w5, w6, w7] = Words::read(part(1));
    let [w8, w9, wa, wb] = Words::read(part(2));
    let [wc, wd, we, wf] = Words::read(part(3));
    let mut schedule = [
        w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, wa, wb, wc, wd, we, wf,
    ];
    let mut state = *states;
    for (index, constants) in K.as_chunks::<16>().0.iter().enumerate() {
        if index > 0 {
            extend(&mut schedule);
        }
        for (word, constant) in schedule.iter().zip(constants) {
            step(&mut state, word.add(Words::splat(*constant)));
        }
    }
    for (before, after) in states.iter_mut().zip(state) {
        *before = before.add(after);
    }
}

/// One step of the sixty-four.
#[inline(always)]
fn step(state: &mut [Words; 8], word: Words) {
    let [a, b, c, d, e, f, g, h] = *state;
    let sigma1 = e.rotated(6).xor(e.rotated(11)).xor(e.rotated(25));
    let first = h.add(sigma1).add(e.choose(f, g)).add(word);
    let sigma0 = a.rotated(2).xor(a.rotated(13)).xor(a.rotated(22));
    // Of three bits, the one that two have: a's where the others differ, and theirs where not.
    let majority = b.xor(c).choose(a, b);
    let second = sigma0.add(majority);
    *state = [first.add(second), a, b, c, d.add(first), e, f, g];
}

/// The next sixteen words of the schedule.
#[inline(always)]
fn extend(schedule: &mut [Words; 16]) {
    let mut words = *schedule;
    for _ in 0..16 {
        let [
            w0,
            w1,
            w2,
            w3,
            w4,
            w5,
            w6,
            w7,
            w8,
            w9,
            wa,
            wb,
            wc,
            wd,
            we,
            wf,
        ] = words;
        let sigma0 = w1.rotated(7).xor(w1.rotated(18)).xor(w1.right(3));
        let sigma1 = we.rotated(17).xor(we.rotated(19)).xor(we.right(10));
        let next = w0.add(sigma0).add(w9).add(sigma1);
        words = [
            w1, w2, w3, w4, w5, w6, w7, w8, w9, wa, wb, wc, wd, we, wf, next,
        ];
    }
    *schedule = words;
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4
/// section 4.2.2).
#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];
