//! Numbers that look random and are the same in every run.

/// A generator of such numbers (SplitMix64).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The generator that starts at `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    /// Octets: random, or with long runs of zeros and ones, which carries have to cross.
    pub(crate) fn octets(&mut self, length: usize) -> Vec<u8> {
        let kind = self.below(4);
        let mut run = 0_u8;
        (0..length)
            .map(|_| {
                let octet = self.next().to_le_bytes()[0];
                if self.below(6) == 0 {
                    run = [0, 0xff, 0x80, octet][self.below(4)];
                }
                if kind == 0 { run } else { octet }
            })
            .collect()
    }
}

/// How many random cases a kernel is held against its oracle with: `some` of them, a tenth in a debug
/// build, which also sees every overflow, and as many where the tests are compiled with
/// `KERNEL_CASES=few` in the environment; with `KERNEL_CASES=million`, which takes hours, a million.
pub(crate) const fn cases(some: usize) -> usize {
    let asked = match option_env!("KERNEL_CASES") {
        Some(asked) => asked.as_bytes(),
        None => b"",
    };
    match asked {
        b"million" => 1_000_000,
        b"few" => some / 10,
        _ if cfg!(debug_assertions) => some / 10,
        _ => some,
    }
}
