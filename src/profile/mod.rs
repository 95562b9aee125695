//! Profiles: the policies of known token systems, one file of data each, and the table of all.

mod access_token;
mod apple;
mod auth0;
mod cashfree;
mod clerk;
mod cloudflare_access;
mod cognito;
mod entra;
mod firebase;
mod github_actions;
mod google;
mod google_iap;
mod juspay;
mod keycloak;
mod kubernetes;
mod okta;
mod parts;
mod publiq;
mod shopify;
mod spiffe;
mod supabase;
mod vtex;

pub use access_token::access_token;
pub use apple::apple;
pub use auth0::auth0;
pub use cashfree::cashfree;
pub use clerk::clerk;
pub use cloudflare_access::cloudflare_access;
pub use cognito::cognito;
pub use entra::entra;
pub use firebase::firebase;
pub use github_actions::github_actions;
pub use google::google;
pub use google_iap::google_iap;
pub use juspay::juspay;
pub use keycloak::keycloak;
pub use kubernetes::kubernetes;
pub use okta::okta;
pub use publiq::publiq;
pub use shopify::shopify;
pub use spiffe::spiffe;
pub use supabase::supabase;
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
    /// Makes its profile of options.
    profile: fn(Value) -> Result<Value, Error>,
    /// Parts of `iss` that only its tokens have.
    pub(crate) issuers: &'static [&'static str],
}

/// Every token system that has a profile, in the order in which a token is recognised.
pub(crate) const SYSTEMS: [System; 21] = [
    System {
        name: "publiq",
        profile: publiq,
        issuers: &[
            "uitid.be/",
            "publiq.eu.auth0.com/",
            "publiq-test.eu.auth0.com/",
            "publiq-acc.eu.auth0.com/",
        ],
    },
    System {
        name: "auth0",
        profile: auth0,
        issuers: &[".auth0.com/"],
    },
    System {
        name: "keycloak",
        profile: keycloak,
        issuers: &["/realms/"],
    },
    System {
        name: "okta",
        profile: okta,
        issuers: &[".okta.com", ".oktapreview.com", ".okta-emea.com"],
    },
    System {
        name: "entra",
        profile: entra,
        issuers: &[
            "https://login.microsoftonline.com/",
            "https://sts.windows.net/",
        ],
    },
    System {
        name: "cognito",
        profile: cognito,
        issuers: &["https://cognito-idp."],
    },
    System {
        name: "google",
        profile: google,
        issuers: &["accounts.google.com"],
    },
    System {
        name: "firebase",
        profile: firebase,
        issuers: &[
            "https://securetoken.google.com/",
            "https://session.firebase.google.com/",
        ],
    },
    System {
        name: "cloudflareAccess",
        profile: cloudflare_access,
        issuers: &[".cloudflareaccess.com"],
    },
    System {
        name: "googleIap",
        profile: google_iap,
        issuers: &["https://cloud.google.com/iap"],
    },
    System {
        name: "apple",
        profile: apple,
        issuers: &["https://appleid.apple.com"],
    },
    System {
        name: "supabase",
        profile: supabase,
        issuers: &[".supabase.co/auth/"],
    },
    System {
        name: "clerk",
        profile: clerk,
        issuers: &[".clerk.accounts.dev", "https://clerk."],
    },
    System {
        name: "shopify",
        profile: shopify,
        issuers: &[".myshopify.com"],
    },
    System {
        name: "githubActions",
        profile: github_actions,
        issuers: &["https://token.actions.githubusercontent.com"],
    },
    System {
        name: "kubernetes",
        profile: kubernetes,
        issuers: &[
            "kubernetes.default.svc",
            "kubernetes/serviceaccount",
            "https://oidc.eks.",
            "https://container.googleapis.com/v1/projects/",
        ],
    },
    System {
        name: "spiffe",
        profile: spiffe,
        issuers: &[],
    },
    System {
        name: "juspay",
        profile: juspay,
        issuers: &[".juspay.in"],
    },
    System {
        name: "cashfree",
        profile: cashfree,
        issuers: &[".cashfree.com"],
    },
    System {
        name: "vtex",
        profile: vtex,
        issuers: &[],
    },
    System {
        name: "accessToken",
        profile: access_token,
        issuers: &[],
    },
];

/// The profile of the system called `name`.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option, or `profile` if
/// no system is called so.
pub fn named(name: &str, options: Value) -> Result<Value, Error> {
    let system = SYSTEMS.iter().find(|system| system.name == name);
    let system = system.ok_or_else(|| Error::policy("profile", "one that is implemented"))?;
    (system.profile)(options)
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
