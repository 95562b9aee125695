//! Search for a piece of text. The standard library's search is made for long pieces, and weighs many times as much.

/// Splits `text` at the first `piece`, which is not empty: the text before it and the text after it. `None` if `text` does not
/// contain it. The time is proportional to the product of both lengths, so `piece` is a short constant.
#[inline(never)]
pub fn split_once<'t>(text: &'t str, piece: &str) -> Option<(&'t str, &'t str)> {
    let (first, others) = piece.as_bytes().split_first()?;
    let mut rest = text.as_bytes();
    loop {
        let (octet, after) = rest.split_first()?;
        if octet == first && after.starts_with(others) {
            let (before, found) = text.split_at_checked(text.len() - rest.len())?;
            return Some((before, found.strip_prefix(piece)?));
        }
        rest = after;
    }
}

/// Whether `piece` is in `text`, found as [`split_once`] finds it.
pub fn contains(text: &str, piece: &str) -> bool {
    split_once(text, piece).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard library's search is the oracle.
    #[test]
    fn a_text_is_split_at_the_first_piece() {
        let letters = ["", "a", "b", "é", "ab"];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = |text: &String| letters.map(|letter| format!("{text}{letter}"));
            texts = texts.iter().flat_map(longer).collect();
        }
        for text in texts {
            for piece in ["a", "ab", "aa", "aba", "é", "bé", "abababababab"] {
                assert_eq!(
                    split_once(&text, piece),
                    text.split_once(piece),
                    "{text} {piece}"
                );
                assert_eq!(
                    contains(&text, piece),
                    text.contains(piece),
                    "{text} {piece}"
                );
            }
        }
    }
}
