//! Are these the same octets? For public data: how long it takes shows where they differ.

/// Whether `one` is `other`. Eight octets at a time, where the comparison of slices goes octet by
/// octet in WebAssembly.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    let (words, rest) = one.as_chunks::<8>();
    let (other_words, other_rest) = other.as_chunks::<8>();
    let differ = |(word, other): (&[u8; 8], &[u8; 8])| {
        u64::from_le_bytes(*word) != u64::from_le_bytes(*other)
    };
    one.len() == other.len() && rest == other_rest && !words.iter().zip(other_words).any(differ)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_counts_and_so_does_the_length() {
        for length in 0..40 {
            let octets = vec![7; length];
            assert!(same(&octets, &octets.clone()));
            assert!(!same(&octets, &vec![7; length + 1]));
            for at in 0..length {
                let mut other = octets.clone();
                other
                    .iter_mut()
                    .skip(at)
                    .take(1)
                    .for_each(|octet| *octet ^= 0x80);
                assert!(!same(&octets, &other) && !same(&other, &octets));
            }
        }
    }
}
