//! Profiles: the policies of known token systems, one file of data each, and the table of all.

/// Declares the modules of profiles that are not compiled into the Wasm, and exports their functions.
macro_rules! native {
    ($($name:ident),+ $(,)?) => {$(
        #[cfg(not(feature = "wasm"))]
        mod $name;
        #[cfg(not(feature = "wasm"))]
        pub use $name::$name;
    )+};
}

mod access_token;
mod cashfree;
mod juspay;
mod publiq;
mod vtex;

// The npm package has these in `pkg/src/profiles/`, where a bundler leaves out what is not used; in
// the Wasm they would weigh on everyone. The vectors hold both to the same policies.
native! {
    apple, auth0, clerk, cloudflare_access, cognito, entra, firebase, github_actions, google,
    google_iap, keycloak, kubernetes, okta, shopify, spiffe, supabase,
}
#[cfg(not(feature = "wasm"))]
mod parts;

pub use access_token::access_token;
pub use cashfree::cashfree;
pub use juspay::juspay;
pub use publiq::publiq;
pub use vtex::vtex;

use serde_json::Value;

use crate::claims::numeric_date::NumericDate;
use crate::encoding::members::{Members, object};
use crate::error::Error;

pub(crate) use cashfree::receipt as cashfree_receipt;
pub(crate) use juspay::receipt as juspay_receipt;

/// A token system that has a profile.
pub(crate) struct System {
    /// The name of its profile.
    pub(crate) name: &'static str,
    /// Makes its profile of options. None in the Wasm for a profile that the npm package makes.
    profile: Option<fn(Value) -> Result<Value, Error>>,
    /// Parts of `iss` that only its tokens have.
    pub(crate) issuers: &'static [&'static str],
}

impl System {
    const fn new(
        name: &'static str,
        profile: Option<fn(Value) -> Result<Value, Error>>,
        issuers: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            profile,
            issuers,
        }
    }
}

/// The function of a profile that is not compiled into the Wasm.
#[cfg(not(feature = "wasm"))]
macro_rules! unless_wasm {
    ($name:ident) => {
        Some($name)
    };
}
#[cfg(feature = "wasm")]
macro_rules! unless_wasm {
    ($name:ident) => {
        None
    };
}

/// Every token system that has a profile, in the order in which a token is recognised.
pub(crate) const SYSTEMS: [System; 21] = [
    System::new(
        "publiq",
        Some(publiq),
        &[
            "uitid.be/",
            "publiq.eu.auth0.com/",
            "publiq-test.eu.auth0.com/",
            "publiq-acc.eu.auth0.com/",
        ],
    ),
    System::new("auth0", unless_wasm!(auth0), &[".auth0.com/"]),
    System::new("keycloak", unless_wasm!(keycloak), &["/realms/"]),
    System::new(
        "okta",
        unless_wasm!(okta),
        &[".okta.com", ".oktapreview.com", ".okta-emea.com"],
    ),
    System::new(
        "entra",
        unless_wasm!(entra),
        &[
            "https://login.microsoftonline.com/",
            "https://sts.windows.net/",
        ],
    ),
    System::new("cognito", unless_wasm!(cognito), &["https://cognito-idp."]),
    System::new("google", unless_wasm!(google), &["accounts.google.com"]),
    System::new(
        "firebase",
        unless_wasm!(firebase),
        &[
            "https://securetoken.google.com/",
            "https://session.firebase.google.com/",
        ],
    ),
    System::new(
        "cloudflareAccess",
        unless_wasm!(cloudflare_access),
        &[".cloudflareaccess.com"],
    ),
    System::new(
        "googleIap",
        unless_wasm!(google_iap),
        &["https://cloud.google.com/iap"],
    ),
    System::new("apple", unless_wasm!(apple), &["https://appleid.apple.com"]),
    System::new("supabase", unless_wasm!(supabase), &[".supabase.co/auth/"]),
    System::new(
        "clerk",
        unless_wasm!(clerk),
        &[".clerk.accounts.dev", "https://clerk."],
    ),
    System::new("shopify", unless_wasm!(shopify), &[".myshopify.com"]),
    System::new(
        "githubActions",
        unless_wasm!(github_actions),
        &["https://token.actions.githubusercontent.com"],
    ),
    System::new(
        "kubernetes",
        unless_wasm!(kubernetes),
        &[
            "kubernetes.default.svc",
            "kubernetes/serviceaccount",
            "https://oidc.eks.",
            "https://container.googleapis.com/v1/projects/",
        ],
    ),
    System::new("spiffe", unless_wasm!(spiffe), &[]),
    System::new("juspay", Some(juspay), &[".juspay.in"]),
    System::new("cashfree", Some(cashfree), &[".cashfree.com"]),
    System::new("vtex", Some(vtex), &[]),
    System::new("accessToken", Some(access_token), &[]),
];

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

/// The carrier of a bearer token in a request ([RFC 6750 section 2.1]).
///
/// [RFC 6750 section 2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
fn bearer() -> Value {
    let carrier = vec![
        ("header", "Authorization".into()),
        ("scheme", "Bearer".into()),
    ];
    vec![object(carrier)].into()
}

/// What becomes of `now` in the options of a receipt: it goes with the receipt, if it is a moment.
fn now(options: &mut Members) -> Result<Option<Value>, Error> {
    let now = options.take("now").map(|now| {
        let moment = now.as_f64().and_then(NumericDate::from_secs);
        let moment = moment.map(NumericDate::to_value);
        options.must("now", moment, "a NumericDate in seconds")
    });
    now.transpose()
}

/// The object of these members without those that are null, except where `null` says something.
fn without_absent(mut members: Vec<(&str, Value)>) -> Value {
    const NULL_SPEAKS: [&str; 2] = ["issuer", "audience"];
    members.retain(|(name, value)| !value.is_null() || NULL_SPEAKS.contains(name));
    object(members)
}
