//! Refusals: the error codes, and the claim, the expected and the actual value of a refusal.

#[cfg(inspection_alone)]
mod evidence;

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};

#[cfg(inspection_alone)]
pub use evidence::EvidenceValue;
use serde::{Serialize, Serializer};
#[cfg(not(inspection_alone))]
#[doc(hidden)]
pub use serde_json::Value as EvidenceValue;

/// The reason for a refusal.
///
/// The `snake_case` form is public API. It never changes meaning; a new reason gets a new code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// There is no token (RFC 6750 section 3.1).
    TokenMissing,
    /// The token is longer than a limit allows.
    TokenTooLarge,
    /// It is no JWS Compact Serialization (RFC 7515 section 7.1).
    TokenMalformed,
    /// Its JOSE Header is not one (RFC 7515 section 4).
    HeaderMalformed,
    /// `crit` names an extension that is not implemented, or is malformed (RFC 7515 section 4.1.11).
    CritNotSupported,
    /// `alg` names no algorithm that is implemented (RFC 7518 section 3.1).
    AlgNotSupported,
    /// The policy does not list its algorithm, or no key at hand allows it (RFC 8725 section 3.1).
    AlgNotAllowed,
    /// `typ` is not the one required (RFC 8725 section 3.11).
    TypMismatch,
    /// No key fits its JOSE Header (RFC 7515 section 6).
    KeyNotFound,
    /// The only key with its `kid` must not be used for it (RFC 7517 sections 4.2 to 4.4).
    KeyRejected,
    /// No key that fits signed this JWS Signing Input (RFC 7515 section 5.2). No detail, on purpose.
    SignatureInvalid,
    /// Its payload is not one JSON object (RFC 7519 section 7.2).
    ClaimsMalformed,
    /// A required claim is absent (RFC 7519 section 4).
    ClaimMissing,
    /// A claim has the wrong JSON type, or a time is out of range (RFC 7519 section 4.1).
    ClaimMalformed,
    /// A claim is not the value required (RFC 7519 sections 4.1.1 to 4.1.3).
    ClaimMismatch,
    /// `exp` has come (RFC 7519 section 4.1.4).
    TokenExpired,
    /// `nbf`, or a checked `iat`, is still to come (RFC 7519 sections 4.1.5 and 4.1.6).
    TokenNotYetValid,
    /// `iat` is further back than the policy allows.
    TokenTooOld,
    /// `exp - iat` is more than the policy allows.
    LifetimeTooLong,
    /// It lacks a scope-token (RFC 6750 section 3.1).
    ScopeInsufficient,
    /// It was issued for another resource, or the request did not say for which.
    BindingMismatch,
    /// It comes without the receipt that alone could vouch for it.
    ReceiptMissing,
    /// The receipt is for another token. No detail, on purpose.
    ReceiptMismatch,
    /// It is bound by `cnf` and came without the proof (RFC 7800 section 3).
    ProofMissing,
    /// Its DPoP proof fails a check (RFC 9449 section 4.3).
    ProofInvalid,
    /// Its DPoP proof lacks the nonce that the server asks for (RFC 9449 section 9).
    NonceRequired,
    /// Options that cannot mean anything: a mistake of the caller's, never of the token's.
    PolicyInvalid,
    /// A key that cannot be used: a mistake of the caller's, never of the token's.
    KeysInvalid,
}

impl ErrorCode {
    /// The `snake_case` form.
    #[doc(hidden)]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TokenMissing => "token_missing",
            Self::TokenTooLarge => "token_too_large",
            Self::TokenMalformed => "token_malformed",
            Self::HeaderMalformed => "header_malformed",
            Self::CritNotSupported => "crit_not_supported",
            Self::AlgNotSupported => "alg_not_supported",
            Self::AlgNotAllowed => "alg_not_allowed",
            Self::TypMismatch => "typ_mismatch",
            Self::KeyNotFound => "key_not_found",
            Self::KeyRejected => "key_rejected",
            Self::SignatureInvalid => "signature_invalid",
            Self::ClaimsMalformed => "claims_malformed",
            Self::ClaimMissing => "claim_missing",
            Self::ClaimMalformed => "claim_malformed",
            Self::ClaimMismatch => "claim_mismatch",
            Self::TokenExpired => "token_expired",
            Self::TokenNotYetValid => "token_not_yet_valid",
            Self::TokenTooOld => "token_too_old",
            Self::LifetimeTooLong => "lifetime_too_long",
            Self::ScopeInsufficient => "scope_insufficient",
            Self::BindingMismatch => "binding_mismatch",
            Self::ReceiptMissing => "receipt_missing",
            Self::ReceiptMismatch => "receipt_mismatch",
            Self::ProofMissing => "proof_missing",
            Self::ProofInvalid => "proof_invalid",
            Self::NonceRequired => "nonce_required",
            Self::PolicyInvalid => "policy_invalid",
            Self::KeysInvalid => "keys_invalid",
        }
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A refusal. It is of the size of a pointer, so that results are cheap to return, and dereferences to its [`Refusal`]:
/// `error.code` is the reason.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(not(inspection_alone), derive(Serialize))]
#[cfg_attr(not(inspection_alone), serde(transparent))]
pub struct Error(Box<Refusal>);

/// The contents of an [`Error`]: the code and, where one claim, Header Parameter or option is to blame, the evidence.
///
/// It never holds the token, the signature or a key.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(not(inspection_alone), derive(Serialize))]
#[non_exhaustive]
pub struct Refusal {
    /// The reason.
    pub code: ErrorCode,
    /// The Claim Name, Header Parameter name or option to blame: a registered one or one that the
    /// policy names, never text of the token's.
    #[cfg_attr(not(inspection_alone), serde(skip_serializing_if = "Option::is_none"))]
    pub claim: Option<Cow<'static, str>>,
    /// What the policy requires; for [`ErrorCode::PolicyInvalid`] and [`ErrorCode::KeysInvalid`],
    /// what the option must be, in words.
    #[cfg_attr(not(inspection_alone), serde(skip_serializing_if = "Option::is_none"))]
    pub expected: Option<EvidenceValue>,
    /// What the token contains. Text from a JOSE Header is unsigned, and cut to 64 characters.
    #[cfg_attr(not(inspection_alone), serde(skip_serializing_if = "Option::is_none"))]
    pub actual: Option<EvidenceValue>,
}

impl Error {
    /// A refusal without a claim, an expected or an actual value.
    #[doc(hidden)]
    #[cold]
    #[inline(never)]
    pub fn new(code: ErrorCode) -> Self {
        Self(Box::new(Refusal {
            code,
            claim: None,
            expected: None,
            actual: None,
        }))
    }

    /// Its contents, owned.
    pub fn into_refusal(self) -> Refusal {
        *self.0
    }

    /// A refusal that blames `claim`.
    #[doc(hidden)]
    pub fn about(code: ErrorCode, claim: impl Into<Cow<'static, str>>) -> Self {
        Self::blaming(code, claim.into(), None)
    }

    /// This refusal, with what was required.
    #[doc(hidden)]
    pub fn expected(self, expected: impl Into<EvidenceValue>) -> Self {
        self.with(Some(expected.into()), None)
    }

    /// This refusal, with what was found.
    #[doc(hidden)]
    pub fn actual(self, actual: impl Into<EvidenceValue>) -> Self {
        self.with(None, Some(actual.into()))
    }

    /// An option that cannot mean anything; `must_be` says what it must be, in words.
    #[doc(hidden)]
    pub fn policy(option: impl Into<Cow<'static, str>>, must_be: &'static str) -> Self {
        Self::blaming(ErrorCode::PolicyInvalid, option.into(), Some(must_be))
    }

    /// A key that cannot be used; `must_be` says what `member` must be, in words.
    #[doc(hidden)]
    pub fn keys(member: impl Into<Cow<'static, str>>, must_be: &'static str) -> Self {
        Self::blaming(ErrorCode::KeysInvalid, member.into(), Some(must_be))
    }

    // The two below, written out at every check, would weigh more than the checks.

    #[cold]
    #[inline(never)]
    fn blaming(code: ErrorCode, claim: Cow<'static, str>, must_be: Option<&'static str>) -> Self {
        let mut error = Self::new(code);
        error.claim = Some(claim);
        error.expected = must_be.map(EvidenceValue::from);
        error
    }

    #[cold]
    #[inline(never)]
    fn with(mut self, expected: Option<EvidenceValue>, actual: Option<EvidenceValue>) -> Self {
        if expected.is_some() {
            self.expected = expected;
        }
        if actual.is_some() {
            self.actual = actual;
        }
        self
    }
}

impl Deref for Error {
    type Target = Refusal;

    fn deref(&self) -> &Refusal {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Refusal {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())?;
        self.claim
            .iter()
            .try_for_each(|claim| write!(f, " ({claim})"))
    }
}

impl std::error::Error for Error {}
