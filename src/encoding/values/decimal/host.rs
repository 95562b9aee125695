//! Decimal-to-binary conversion by JavaScript, for an inspection alone: its `Number` gives the double
//! nearest to a text, as `JSON.parse` does.

#[expect(unsafe_code, reason = "an import")]
#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// `Number` of the text of `length` octets at `address`, which are ASCII.
    safe fn number(address: *const u8, length: usize) -> f64;
}

/// The double nearest to `text`, or `None` if it is not a number. `text` is a JSON value.
pub fn to_f64(text: &str) -> Option<f64> {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        .then(|| number(text.as_ptr(), text.len()))
}

/// Whether the double nearest to `text` is finite. `text` is a number in JSON's grammar.
pub fn is_finite(text: &str) -> bool {
    to_f64(text).is_some_and(f64::is_finite)
}
