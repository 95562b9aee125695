//! Reading of a policy from data.

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::encoding::json::Raw;
use crate::error::Error;
use crate::members::Members;

use super::Policy;
use super::options::Requirements;

impl Policy {
    /// Reads a policy from JSON text: one object with the members of [`Policy`], or `profile` and members
    /// that narrow it.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`], blaming the member, for one that is unknown, of the wrong
    /// type, out of range, or that requires nothing; for `issuer` or `audience` left out; for a
    /// profile and a member beside it that contradict each other.
    ///
    /// # Examples
    ///
    /// ```
    /// use countersign::{ErrorCode, Policy};
    ///
    /// let policy = Policy::from_json(
    ///     r#"{ "issuer": "https://issuer.example", "audience": "https://api.example" }"#,
    /// );
    /// assert!(policy.is_ok());
    ///
    /// let silent = Policy::from_json(r#"{ "issuer": "https://issuer.example" }"#);
    /// assert_eq!(silent.unwrap_err().code, ErrorCode::PolicyInvalid);
    /// ```
    ///
    /// [`ErrorCode::PolicyInvalid`]: crate::ErrorCode::PolicyInvalid
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let json = Raw::parse(text).ok_or_else(|| Error::policy("policy", "one JSON object"))?;
        Self::from_value(json.to_value())
    }

    /// Reads a policy as [`Self::from_json`] does, from data.
    ///
    /// # Errors
    ///
    /// As [`Self::from_json`].
    pub fn from_value(options: Value) -> Result<Self, Error> {
        let mut members = Members::of(options, "")?;
        let requirements = match members.take("profile") {
            None => Requirements::take(&mut members)?,
            Some(profile) => {
                let mut profile = Members::of(profile, "profile")?;
                // How a request carries the token and how a refusal is worded concern the guard; where
                // the keys are concerns the source that fetches them.
                for name in ["carriers", "refusal", "keys"] {
                    profile.take(name);
                }
                let whole = Requirements::take(&mut profile)?;
                profile.finish()?;
                whole
                    .spelled_out()
                    .narrowed_by(Requirements::take(&mut members)?)?
            }
        };
        members.finish()?;
        requirements.resolve()
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use crate::members::interface_members;

    /// The members in the first column of the table under "# Members".
    fn documented(text: &str) -> Vec<&str> {
        let (_, table) = text.split_once("# Members").unwrap_or_default();
        let table = table.split("\n# ").next().unwrap_or_default();
        let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
        rows.filter_map(|row| row.split('`').next()).collect()
    }

    #[test]
    fn every_member_is_documented() {
        let policy = documented(include_str!("policy.md"));
        assert_eq!(policy, interface_members("Policy"));
        let mut expected = interface_members("Expected");
        // In Rust, the moment is an argument.
        expected.retain(|member| *member != "now");
        assert_eq!(documented(include_str!("expected.md")), expected);
    }
}
