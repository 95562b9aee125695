//! Profiles and receipts by the name of their token system.

use serde_json::Value;

use super::SYSTEMS;
use crate::error::Error;

/// The profile of the system called `name`.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option, or `profile` if
/// no system is called so. With the feature `wasm`, only the profiles that receipts or publiq need are
/// there: the npm package makes the others itself.
pub fn named(name: &str, options: Value) -> Result<Value, Error> {
    let system = SYSTEMS.iter().find(|system| system.name == name);
    let profile = system.and_then(|system| system.profile);
    let profile = profile.ok_or_else(|| Error::policy("profile", "one that is implemented"))?;
    profile(options)
}

/// The receipt for tokens of the system called `name`, as the function of that name of the npm package's `receipts`
/// makes it.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option, or `receipt` if no system with
/// receipts is called so.
pub(crate) fn receipt_of(name: &str, options: Value) -> Result<Value, Error> {
    let system = SYSTEMS.iter().find(|system| system.name == name);
    let receipt = system.and_then(|system| system.receipt);
    let receipt = receipt.ok_or_else(|| Error::policy("receipt", "one that is implemented"))?;
    receipt(options)
}
