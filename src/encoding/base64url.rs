//! base64url: no padding, no stray bits, one spelling only ([RFC 7515 section 2]).
//!
//! [RFC 7515 section 2]: https://www.rfc-editor.org/rfc/rfc7515#section-2

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The octets that `text` encodes, or `None` if it is not their one spelling.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Puts the octets that `text` encodes into `octets`, replacing what was there. `None` if it is
/// not their one spelling.
pub(crate) fn decode_into(text: &str, octets: &mut Vec<u8>) -> Option<()> {
    octets.clear();
    URL_SAFE_NO_PAD.decode_vec(text, octets).ok()
}

/// The one spelling of `octets`.
pub(crate) fn encode(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const VECTORS: &str = include_str!("../../tests/conformance/vectors/json/base64url.json");

    #[test]
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
