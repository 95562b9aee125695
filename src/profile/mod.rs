//! Profiles: the policies of known token systems, one file of data each, and the table of all.

/// Declares the modules of profiles that are not compiled into the Wasm, and exports their functions.
macro_rules! native {
    ($($name:ident),+ $(,)?) => {$(
        #[cfg(not(any(feature = "wasm", inspection_alone)))]
        mod $name;
        #[cfg(not(any(feature = "wasm", inspection_alone)))]
        pub use $name::$name;
    )+};
}

/// Declares the modules of profiles that are compiled into the Wasm too, and exports their functions.
macro_rules! everywhere {
    ($($name:ident),+ $(,)?) => {$(
        #[cfg(not(inspection_alone))]
        mod $name;
        #[cfg(not(inspection_alone))]
        pub use $name::$name;
    )+};
}

everywhere! { access_token, cashfree, juspay, publiq, vtex }

// The npm package has these in `pkg/src/profiles/`, where a bundler leaves out what is not used; in
// the Wasm they would weigh on everyone. The vectors hold both to the same policies.
native! {
    apple, auth0, clerk, cloudflare_access, cognito, entra, firebase, github_actions, google,
    google_iap, keycloak, kubernetes, okta, shopify, spiffe, supabase,
}
#[cfg(not(any(feature = "wasm", inspection_alone)))]
mod parts;

#[cfg(not(inspection_alone))]
mod by_name;
#[cfg(not(inspection_alone))]
mod making;

#[cfg(not(inspection_alone))]
pub use by_name::named;
#[cfg(not(inspection_alone))]
pub(crate) use by_name::receipt_of;
#[cfg(not(inspection_alone))]
pub(crate) use making::{bearer, now, without_absent};
#[cfg(not(inspection_alone))]
use {cashfree::receipt as cashfree_receipt, juspay::receipt as juspay_receipt};

/// Makes a profile of options.
#[cfg(not(inspection_alone))]
type Make = fn(serde_json::Value) -> Result<serde_json::Value, crate::error::Error>;
/// What only inspects a token makes no profile.
#[cfg(inspection_alone)]
type Make = ();

/// A token system that has a profile.
pub(crate) struct System {
    /// The name of its profile.
    pub(crate) name: &'static str,
    /// Makes its profile of options. None in the Wasm for a profile that the npm package makes.
    profile: Option<Make>,
    /// Makes the receipt of one of its tokens of options. None where the issuer signs its tokens.
    receipt: Option<Make>,
    /// Parts of `iss` that only its tokens have.
    pub(crate) issuers: &'static [&'static str],
}

impl System {
    const fn new(
        name: &'static str,
        profile: Option<Make>,
        issuers: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            profile,
            receipt: None,
            issuers,
        }
    }

    /// This system, whose tokens are verified by receipts.
    const fn with_receipt(self, receipt: Option<Make>) -> Self {
        Self { receipt, ..self }
    }
}

/// The function of a profile that is compiled into the Wasm too.
macro_rules! always {
    ($name:ident) => {{
        #[cfg(not(inspection_alone))]
        let make: Option<Make> = Some($name);
        #[cfg(inspection_alone)]
        let make: Option<Make> = None;
        make
    }};
}

/// The function of a profile that is not compiled into the Wasm.
macro_rules! unless_wasm {
    ($name:ident) => {{
        #[cfg(not(any(feature = "wasm", inspection_alone)))]
        let make: Option<Make> = Some($name);
        #[cfg(any(feature = "wasm", inspection_alone))]
        let make: Option<Make> = None;
        make
    }};
}

/// Every token system that has a profile, in the order in which a token is recognised.
pub(crate) const SYSTEMS: [System; 21] = [
    System::new(
        "publiq",
        always!(publiq),
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
    System::new("juspay", always!(juspay), &[".juspay.in"]).with_receipt(always!(juspay_receipt)),
    System::new("cashfree", always!(cashfree), &[".cashfree.com"])
        .with_receipt(always!(cashfree_receipt)),
    System::new("vtex", always!(vtex), &[]),
    System::new("accessToken", always!(access_token), &[]),
];
