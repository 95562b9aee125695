//! Size limits, each with its reason.

/// The longest token read unless the policy says otherwise, in octets: twice what servers accept
/// as one header field.
pub const MAX_TOKEN_BYTES: usize = 16_384;

/// The longest token that a policy may allow, in octets.
pub const MAX_MAX_TOKEN_BYTES: usize = 1_048_576;

/// The longest encoded JOSE Header, in characters: room for one `x5c` chain, no more. Nothing in
/// it is signed when it is read.
pub const MAX_HEADER_CHARS: usize = 8_192;

/// How deep arrays and objects may be nested in JSON. Far beyond any claim set seen; far below
/// what a parser of the same text, ours or JavaScript's, could not take.
pub const MAX_DEPTH: usize = 256;

/// The longest JSON text whose layout is recorded beyond its members, in octets: JavaScript builds
/// claims from the layout of short texts alone, and parses longer ones.
pub const MAX_LAYOUT_OCTETS: usize = 2_048;

/// How many keys of one entry of `keys` are tried on one token:
/// an issuer rotates two or three at a time.
pub const MAX_CANDIDATES: usize = 8;

/// The most entries of `keys`: each may add [`MAX_CANDIDATES`] verifications to one token.
pub const MAX_KEY_ENTRIES: usize = 100;

/// The most keys in a set: the largest published sets hold some dozens.
pub const MAX_KEYS: usize = 2_000;

/// The longest text of a set, in octets: the largest published sets have less than a tenth. It is
/// read at every change, while all other tokens wait.
pub const MAX_KEY_SET_BYTES: usize = 1_048_576;

/// The most bits of the keys of a set together: 2,000 keys of 2,048 bits. They are kept in memory.
pub const MAX_KEY_SET_BITS: usize = 4_194_304;

/// The shortest RSA modulus, in bits (RFC 7518 section 3.3).
pub const MIN_RSA_BITS: usize = 2_048;

/// The longest RSA modulus, in bits: verification costs its square.
pub const MAX_RSA_BITS: usize = 8_192;

/// The longest RSA public exponent, in bits: verification costs its length.
pub const MAX_RSA_EXPONENT_BITS: usize = 32;

/// The smallest RSA public exponent: smaller ones turned every lapse in padding into a forgery
/// (FIPS 186-5 appendix A.1.1).
pub const MIN_RSA_EXPONENT: u64 = 65_537;

/// The longest PEM text, in octets: a certificate with many names, several times over.
pub const MAX_PEM_BYTES: usize = 65_536;

/// How deep elements may be nested in DER: certificates need about eight.
pub const MAX_DER_DEPTH: usize = 16;

/// The longest `kid`, in octets: it is compared and copied before anything is signed.
pub const MAX_KID_BYTES: usize = 1_024;

/// The most audiences in a token.
pub const MAX_AUDIENCES: usize = 1_000;

/// The most scope-tokens in a token.
pub const MAX_SCOPE_TOKENS: usize = 10_000;

/// The longest receipt, in characters: it travels beside the token in one header field.
pub const MAX_RECEIPT_CHARS: usize = 2_048;

/// The furthest expiry of a receipt, in seconds: a year, leap day included.
pub const MAX_RECEIPT_SECONDS: f64 = 366.0 * 86_400.0;

/// The most leeway that a policy may give, in seconds ("no more than a few minutes", RFC 7519
/// section 4.1.4).
pub const MAX_LEEWAY_SECONDS: u32 = 300;

/// The longest JWS Signing Input that an inspection holds against the published secrets, in octets:
/// each of some thirty secrets hashes it as a whole.
pub const MAX_GUESSED_BYTES: usize = 16_384;

/// How much of an unsigned header value is shown as evidence, in characters.
pub const MAX_EVIDENCE_CHARS: usize = 64;

/// The longest text of a claim that is shown as evidence, in octets: what tokens of the usual limit
/// hold. Evidence is converted to data several times.
pub const MAX_EVIDENCE_OCTETS: usize = 16_384;

/// The longest claims that an inspection shows as data, in octets: the JSON parsers of JavaScript
/// take up to 0.1 microseconds for an octet.
pub const MAX_SHOWN_OCTETS: usize = 131_072;

/// The longest DPoP proof, in characters: an RSA-4096 key and signature with room to spare. Nothing
/// in it is trusted when it is read.
pub const MAX_PROOF_CHARS: usize = 8_192;

/// The longest `jti` of a DPoP proof, in octets: several times a UUID.
pub const MAX_JTI_BYTES: usize = 256;

/// How far the `iat` of a DPoP proof may lie from the present, either way, in seconds: "seconds or
/// minutes" (RFC 9449 section 11.1).
pub const PROOF_WINDOW_SECONDS: u32 = 300;

/// How long a DPoP proof under a nonce of the server may be accepted, in seconds: two time slots of the
/// longest length that a guard allows.
pub const PROOF_NONCE_SECONDS: u32 = 600;

/// How many prepared keys of DPoP proofs are kept, for all verifiers together. Their tables take at
/// most half of the memory that the tables of all keys may take.
pub const MAX_PROOF_KEYS: usize = 32;

/// The first [`MAX_EVIDENCE_CHARS`] characters of unsigned text, for evidence.
// Compiled with the crates that call it, for size.
#[inline]
pub fn truncate(text: &str) -> String {
    text.chars().take(MAX_EVIDENCE_CHARS).collect()
}
