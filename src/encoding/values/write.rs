//! JSON text, written without a serializer.

use countersign_error::{Error, EvidenceValue};
#[cfg(not(inspection_alone))]
use serde_json::Value;

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
                let short = [
                    ('\n', 'n'),
                    ('\t', 't'),
                    ('\r', 'r'),
                    ('\u{8}', 'b'),
                    ('\u{c}', 'f'),
                ];
                if let Some((_, letter)) = short.into_iter().find(|(other, _)| *other == control) {
                    json.push('\\');
                    json.push(letter);
                    rest = chars.as_str();
                    continue;
                }
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

/// Appends `text` as a string, and `None` as `null`.
pub fn write_text(text: Option<&str>, json: &mut String) {
    match text {
        Some(text) => write_string(text, json),
        None => json.push_str("null"),
    }
}

/// Begins a member of an object: after a comma, unless it is the first.
pub fn name_member(name: &str, json: &mut String) {
    if !(json.is_empty() || json.ends_with('{')) {
        json.push(',');
    }
    write_string(name, json);
    json.push(':');
}

/// Appends an array whose elements `write` writes.
pub fn write_array<T>(elements: &[T], json: &mut String, write: impl Fn(&T, &mut String)) {
    json.push('[');
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        write(element, json);
    }
    json.push(']');
}

/// Appends a refusal.
pub fn write_error(error: &Error, json: &mut String) {
    json.push('{');
    name_member("code", json);
    write_string(error.code.name(), json);
    write_blame(
        error.claim.as_deref(),
        [&error.expected, &error.actual],
        json,
    );
    json.push('}');
}

/// Appends the claim to blame and the expected and the actual value as members of an object, those that there are.
pub fn write_blame(claim: Option<&str>, evidence: [&Option<EvidenceValue>; 2], json: &mut String) {
    if let Some(claim) = claim {
        name_member("claim", json);
        write_string(claim, json);
    }
    for (name, value) in ["expected", "actual"].into_iter().zip(evidence) {
        if let Some(value) = value {
            name_member(name, json);
            write_evidence(value, json);
        }
    }
}

/// `value` as JSON text.
#[cfg(not(inspection_alone))]
pub fn text_of(value: &Value) -> String {
    let mut json = String::new();
    write_evidence(value, &mut json);
    json
}

/// Appends evidence, which is any JSON value.
#[cfg(not(inspection_alone))]
pub fn write_evidence(evidence: &EvidenceValue, json: &mut String) {
    match evidence {
        Value::Null => json.push_str("null"),
        Value::Bool(true) => json.push_str("true"),
        Value::Bool(false) => json.push_str("false"),
        Value::Number(number) => json.push_str(&number.to_string()),
        Value::String(text) => write_string(text, json),
        Value::Array(elements) => write_array(elements, json, write_evidence),
        Value::Object(members) => {
            json.push('{');
            for (name, value) in members {
                name_member(name, json);
                write_evidence(value, json);
            }
            json.push('}');
        }
    }
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
    fn a_string_is_written_as_serde_json_writes_it() {
        let controls: String = (0..0x80_u8).map(char::from).collect();
        for text in ["", "plain", "\"", "\\", "é\u{2028}\u{1f600}\0", &controls] {
            let mut json = String::new();
            write_string(text, &mut json);
            assert_eq!(json, Value::from(text).to_string());
        }
    }

    #[test]
    fn a_value_is_written_as_serde_json_writes_it() {
        let texts = [
            r#"{"a":[1,-1,0.5,1e300,-0.0,18446744073709551615,true,false,null],"b":{},"c":[],"d":{"e":"é\n"}}"#,
            r#"[[[]],"",{"":""}]"#,
            "7",
        ];
        for text in texts {
            let value: Value = serde_json::from_str(text).unwrap_or_default();
            assert_eq!(text_of(&value), value.to_string());
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
