//! Evidence of an inspection alone, in place of `serde_json::Value`: it is only written, and a tree of
//! values with its serializer would weigh a third of such a build.

/// The expected or the actual value of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceValue {
    /// A string.
    Text(String),
    /// A number.
    Count(usize),
    /// A value as it is spelled in a valid JSON text.
    Json(String),
}

impl From<&str> for EvidenceValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for EvidenceValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for EvidenceValue {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}
