//! Are these the same octets, and where does one stand? For public data: how long it takes shows
//! the answer.

/// Whether `one` is `other`. Eight octets at a time, where the comparison of slices goes octet by
/// octet in WebAssembly.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    let differ = |(word, other): (&[u8; 8], &[u8; 8])| {
        u64::from_le_bytes(*word) != u64::from_le_bytes(*other)
    };
    if one.len() != other.len() {
        return false;
    }
    // The last eight overlap those before them, so that no octet is left over.
    match one.last_chunk().zip(other.last_chunk()) {
        Some(ends) => {
            let words = one.as_chunks().0.iter().zip(other.as_chunks().0);
            !differ(ends) && !words.into_iter().any(differ)
        }
        None => one.iter().zip(other).all(|(octet, other)| octet == other),
    }
}

/// Whether `one` is `other`, as [`same`] tells it.
pub(crate) fn same_text(one: &str, other: &str) -> bool {
    same(one.as_bytes(), other.as_bytes())
}

/// Where `octet` first stands in `octets`. So many at a time that the compiler uses vectors.
pub(crate) fn position(octets: &[u8], octet: u8) -> Option<usize> {
    let (chunks, _) = octets.as_chunks();
    let before = chunks.iter().take_while(|chunk| !holds(chunk, octet));
    let start = before.count() * CHUNK;
    let rest = octets.get(start..)?;
    rest.iter()
        .position(|other| *other == octet)
        .map(|at| start + at)
}

/// Where `octet` last stands in `octets`.
pub(crate) fn last_position(octets: &[u8], octet: u8) -> Option<usize> {
    let (_, chunks) = octets.as_rchunks();
    let behind = chunks.iter().rev().take_while(|chunk| !holds(chunk, octet));
    let end = octets.len() - behind.count() * CHUNK;
    let rest = octets.get(..end)?;
    rest.iter().rposition(|other| *other == octet)
}

const CHUNK: usize = 16;

fn holds(chunk: &[u8; CHUNK], octet: u8) -> bool {
    chunk
        .iter()
        .fold(false, |held, other| held | (*other == octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_are_found_wherever_they_stand() {
        for length in 0..70 {
            let mut octets = vec![b'a'; length];
            assert_eq!(position(&octets, b'.'), None);
            assert_eq!(last_position(&octets, b'.'), None);
            for first in 0..length {
                for last in first..length {
                    octets.fill(b'a');
                    for at in [first, first.midpoint(last), last] {
                        octets
                            .iter_mut()
                            .skip(at)
                            .take(1)
                            .for_each(|octet| *octet = b'.');
                    }
                    assert_eq!(position(&octets, b'.'), Some(first));
                    assert_eq!(last_position(&octets, b'.'), Some(last));
                }
            }
        }
    }

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
