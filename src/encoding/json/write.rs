//! JSON text, written without a serializer.

use countersign_error::EvidenceValue;

use super::plain::plain_len;

/// Appends `text` as a string.
pub fn write_string(text: &str, json: &mut String) {
    json.push('"');
    let mut rest = text;
    loop {
        let length = plain_len(rest.as_bytes());
        let (plain, special) = rest.split_at_checked(length).unwrap_or_default();
        json.push_str(plain);
        let mut chars = special.chars();
        match chars.next() {
            None => break,
            Some(special @ ('"' | '\\')) => {
                json.push('\\');
                json.push(special);
            }
            Some(control) => {
                let digit = |value| char::from_digit(value & 0xf, 16).unwrap_or_default();
                json.push_str("\\u00");
                json.push(digit(u32::from(control) >> 4));
                json.push(digit(u32::from(control)));
            }
        }
        rest = chars.as_str();
    }
    json.push('"');
}

/// Appends a count, decimal.
pub fn write_count(count: usize, json: &mut String) {
    if count >= 10 {
        write_count(count / 10, json);
    }
    let digit = u8::try_from(count % 10).unwrap_or_default();
    json.push(char::from(b'0' + digit));
}

/// Appends evidence.
#[cfg(not(inspection_alone))]
pub fn write_evidence(evidence: &EvidenceValue, json: &mut String) {
    json.push_str(&evidence.to_string());
}

/// Appends evidence.
#[cfg(inspection_alone)]
pub fn write_evidence(evidence: &EvidenceValue, json: &mut String) {
    match evidence {
        EvidenceValue::Text(text) => write_string(text, json),
        EvidenceValue::Count(count) => write_count(*count, json),
        EvidenceValue::Json(text) => json.push_str(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_string_is_read_as_the_text_that_was_written() {
        let controls: String = (0..0x80_u8).map(char::from).collect();
        for text in ["", "plain", "\"", "\\", "é\u{2028}\u{1f600}\0", &controls] {
            let mut json = String::new();
            write_string(text, &mut json);
            let read: Option<Value> = serde_json::from_str(&json).ok();
            assert_eq!(read, Some(text.into()), "{json}");
        }
    }

    #[test]
    fn a_count_is_written_in_decimal() {
        for count in [0, 9, 10, 16_384, usize::MAX] {
            let mut json = String::new();
            write_count(count, &mut json);
            assert_eq!(json, count.to_string());
        }
    }
}
