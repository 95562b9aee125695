//! base64url, four characters at a time: small, for an inspection alone.

/// Replaces `octets` by those that `text` encodes. `None` unless it is their canonical encoding.
#[cfg_attr(
    not(inspection_alone),
    expect(unreachable_pub, reason = "an inspection alone re-exports it")
)]
pub fn decode_into(text: &[u8], octets: &mut Vec<u8>) -> Option<()> {
    octets.clear();
    octets.reserve_exact(text.len() / 4 * 3 + 2);
    for group in text.chunks(4) {
        let bits = group.iter().try_fold(0_u32, |bits, character| {
            let six = match character {
                b'A'..=b'Z' => character - b'A',
                b'a'..=b'z' => character - b'a' + 26,
                b'0'..=b'9' => character - b'0' + 52,
                b'-' => 62,
                b'_' => 63,
                _ => return None,
            };
            Some(bits << 6 | u32::from(six))
        })?;
        let (bits, count) = match group.len() {
            4 => (bits, 3),
            3 => (bits << 6, 2),
            2 => (bits << 12, 1),
            _ => return None,
        };
        let [_, group @ ..] = bits.to_be_bytes();
        let (group, rest) = group.split_at_checked(count)?;
        if rest.iter().any(|unused| *unused != 0) {
            return None;
        }
        octets.extend_from_slice(group);
    }
    Some(())
}
