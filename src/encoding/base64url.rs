//! base64url: no padding, no stray bits, one encoding only ([RFC 7515 section 2]).
//!
//! [RFC 7515 section 2]: https://www.rfc-editor.org/rfc/rfc7515#section-2

#[cfg(any(test, inspection_alone))]
mod scalar;
#[cfg(target_feature = "simd128")]
mod simd;

#[cfg(any(test, not(target_feature = "simd128")))]
use base64::Engine;
#[cfg(any(test, not(target_feature = "simd128")))]
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

#[cfg(inspection_alone)]
pub use scalar::decode_into;
#[cfg(target_feature = "simd128")]
pub use simd::{decode_into, encode_sha256};

/// The octets that `text` encodes, or `None` unless it is their canonical encoding.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    decode_into(text.as_bytes(), &mut octets)?;
    Some(octets)
}

/// Replaces `octets` by those that `text` encodes. `None` unless it is their canonical encoding.
#[cfg(not(any(target_feature = "simd128", inspection_alone)))]
pub fn decode_into(text: &[u8], octets: &mut Vec<u8>) -> Option<()> {
    octets.clear();
    URL_SAFE_NO_PAD.decode_vec(text, octets).ok()
}

/// The octets that `text` encodes in base64 with its padding ([RFC 4648 section 4]), or `None` unless it is their canonical
/// encoding.
///
/// [RFC 4648 section 4]: https://www.rfc-editor.org/rfc/rfc4648#section-4
// Compiled with the crates that call it, for size.
#[inline]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) || text.contains(['-', '_']) {
        return None;
    }
    let pad = |text| str::strip_suffix(text, '=').unwrap_or(text);
    decode(&pad(pad(text)).replace('+', "-").replace('/', "_"))
}

/// The canonical encoding of `octets`.
pub fn encode(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(octets.len().div_ceil(3) * 4);
    for group in octets.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| group.get(at).copied().unwrap_or_default());
        let sextets = [a >> 2, a << 4 | b >> 4, b << 2 | c >> 6, c].map(|sextet| sextet & 63);
        let characters = sextets
            .iter()
            .filter_map(|sextet| ALPHABET.get(usize::from(*sextet)));
        text.extend(characters.take(group.len() + 1).copied().map(char::from));
    }
    text
}

/// The canonical encoding of a SHA-256.
#[cfg(not(target_feature = "simd128"))]
pub fn encode_sha256(hash: &[u8; 32]) -> [u8; 43] {
    let mut text = [0; 43];
    // It has room for exactly as many.
    URL_SAFE_NO_PAD
        .encode_slice(hash, &mut text)
        .unwrap_or_default();
    text
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use serde_json::Value;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const VECTORS: &str = include_str!("../../tests/conformance/vectors/json/base64url.json");

    /// Every octet at every place of texts of every length up to three blocks: the crate is the
    /// oracle, where it is not what decodes.
    #[wasm_bindgen_test(unsupported = test)]
    fn a_text_is_decoded_as_the_crate_decodes_it() {
        let mut octets = vec![7; 5];
        for length in 0..49 {
            let text = "q83vAS-_ZxY0".repeat(5).into_bytes();
            let mut text = text.get(..length).unwrap_or_default().to_vec();
            for at in 0..length {
                for octet in 0..=255 {
                    let before = text.get(at).copied().unwrap_or_default();
                    text.iter_mut()
                        .skip(at)
                        .take(1)
                        .for_each(|place| *place = octet);
                    let decoded = decode_into(&text, &mut octets).map(|()| octets.clone());
                    assert_eq!(decoded, URL_SAFE_NO_PAD.decode(&text).ok(), "{text:?}");
                    let by_fours = scalar::decode_into(&text, &mut octets).map(|()| octets.clone());
                    assert_eq!(by_fours, decoded, "{text:?}");
                    text.iter_mut()
                        .skip(at)
                        .take(1)
                        .for_each(|place| *place = before);
                }
            }
            let decoded = decode_into(&text, &mut octets).map(|()| octets.clone());
            assert_eq!(decoded, URL_SAFE_NO_PAD.decode(&text).ok());
        }
    }

    /// Texts of every length, good and bad: the crate is the oracle.
    #[wasm_bindgen_test(unsupported = test)]
    fn base64_is_read_and_base64url_written_as_by_the_crate() {
        let octets: Vec<u8> = (0..=255).rev().collect();
        for length in 0..octets.len() {
            let octets = octets.get(..length).unwrap_or_default();
            assert_eq!(encode(octets), URL_SAFE_NO_PAD.encode(octets));
            let text = STANDARD.encode(octets);
            for text in [
                text.clone(),
                format!("{text}="),
                format!("{text}===="),
                format!("{text}A"),
                text.trim_end_matches('=').to_owned(),
                text.replace('/', "_").replace('+', "-"),
                text.replacen('A', "=", 1),
                text.replace("==", "=A"),
                text.replace("g==", "h=="),
                text.to_lowercase(),
            ] {
                assert_eq!(decode_base64(&text), STANDARD.decode(&text).ok(), "{text}");
            }
        }
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_hash_is_spelled_as_the_crate_spells_it() {
        let mut hash = [0; 32];
        for step in 0..2_000_u32 {
            let text = encode_sha256(&hash);
            assert_eq!(text.as_slice(), URL_SAFE_NO_PAD.encode(hash).as_bytes());
            for (octet, by) in hash.iter_mut().zip(1_u8..) {
                *octet = octet
                    .wrapping_mul(5)
                    .wrapping_add(by ^ step.to_le_bytes()[0]);
            }
        }
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn every_octet_sequence_has_one_spelling_both_ways() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap_or_default();
        let vectors = vectors.get("vectors").and_then(Value::as_array);
        let (mut good, mut bad) = (0, 0);
        for vector in vectors.into_iter().flatten() {
            let text = |member| {
                vector
                    .get(member)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let decoded = decode(text("enc"));
            if vector.get("ok") == Some(&Value::Bool(true)) {
                let octets = decoded.unwrap_or_default();
                let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
                assert_eq!(hex, text("hex"));
                assert_eq!(encode(&octets), text("enc"));
                good += 1;
            } else {
                assert_eq!(decoded, None, "{}", text("enc"));
                bad += 1;
            }
        }
        assert_eq!((good, bad), (265, 200));
    }
}
