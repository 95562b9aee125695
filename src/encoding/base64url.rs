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
