//! The layout of a call's input and of its results in the memory of the WebAssembly module: the one
//! specification of what JavaScript writes and reads there.
//!
//! `pkg/src/core/protocol.ts` is generated from the constants of this file; `tests/protocol.rs` writes and checks it.
//!
//! # Input
//!
//! JavaScript writes UTF-8 text to the input buffer and passes lengths. Where there are many
//! tokens, their lengths are in a buffer of their own.
//!
//! ```text
//! input    token 0 | token 1 | … | expectations (JSON text)                octets
//! lengths  token 0 | token 1 | …                                            u32 each, at most MAX_TOKENS
//! ```
//!
//! # Results
//!
//! A call leaves three buffers, each valid until the next call. A record refers to its part of the
//! output by address, and to its spans by index among the memory's 32-bit words.
//!
//! ```text
//! records  record 0 | record 1 | …                                          RECORD × f64 each, one for each token
//! output   part 0 | part 1 | …                                              octets
//! spans    spans 0 | spans 1 | …                                            pairs of u32
//!
//! record   STATUS | OUTPUT | ADDITIONS | REASON | ENTRY | HEADER | EXPIRES_AT | USES | LAYOUT | SPANS | DOUBLES…
//!
//! STATUS > 0   accepted   part: claims (STATUS octets of JSON text) | id (ID_LENGTH octets) | additions (JSON text)
//!                         the other fields, REASON excepted
//! STATUS = 0   cached     part: none                                        ENTRY
//! STATUS < 0   refused    part: evidence (-1 - STATUS octets of JSON text) | additions (JSON text)
//!                         REASON; expected and actual value in DOUBLES where there is no evidence as text
//! ```
//!
//! # Numbers and dictionaries
//!
//! Values that recur are written once, as additions, and referred to by number afterwards. Each verifier has three
//! dictionaries on both sides:
//!
//! | dictionary | number | additions | entries | eviction |
//! | --- | --- | --- | --- | --- |
//! | headers, each with the key that signed | `HEADER` | `[scope, names, header, kid, alg]` | [`HEADERS`] | the oldest |
//! | layouts: lists of Claim Names | `LAYOUT` | `[scope, names]` | [`LAYOUTS`] | the oldest; see `claim_layout.rs` |
//! | reasons for refusals | `REASON` | `[code, claim]` | [`REASONS`] | the oldest |
//!
//! 1. A number is below the count of entries, so the arrays in JavaScript are as bounded as the rings here.
//! 2. A number whose entry is replaced is written again with its additions, in the result that replaces it.
//! 3. JavaScript reads every result of a call, in order, before the next call to the same verifier. If that fails
//!    part-way, the dictionaries may differ, and the verifier is rebuilt.
//! 4. `ENTRY` is the number of a slot of the token cache. When a token is cached under a number, the token that had the
//!    number before is gone. JavaScript keeps the contents of the accepted token by this number.
//!
//! # Spans
//!
//! The values of a Claims Set that has a layout, each a pair of words: a kind in the low
//! [`KIND_BITS`] of the first word and a number above it.
//!
//! | kind | number, second word |
//! | --- | --- |
//! | [`TEXT`] | start and end of the string inside its quotes |
//! | [`TEXTS`] | the count of strings, 0; a pair (start, end) for each of them follows |
//! | [`NUMBER`] | index among the record's doubles, 0 |
//! | [`JSON_TEXT`] | start and end of any other value, which JavaScript parses |
//! | [`TRUE`], [`FALSE`], [`NULL`] | 0, 0 |
//!
//! The scope-tokens come before the values, as [`TEXTS`].

/// Declares the record and, for each field, the constant with its index.
macro_rules! record {
    ($($(#[doc = $doc:literal])+ $name:ident $field:ident: $type:ty,)+) => {
        /// The record of one token.
        #[derive(Clone, Default)]
        #[repr(C)]
        pub(crate) struct Record {
            $($(#[doc = $doc])+ pub(crate) $field: $type,)+
        }

        /// The index of each field of a record, in TypeScript.
        #[cfg(all(test, not(target_arch = "wasm32")))]
        pub(crate) const FIELDS: &[Constant] = &[$(Constant {
            doc: concat!($($doc,)+),
            name: stringify!($name),
            value: std::mem::offset_of!(Record, $field) / size_of::<f64>(),
        }),+];
    };
}

/// Declares constants that both sides have.
macro_rules! shared {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:expr;)+) => {
        $($(#[doc = $doc])+ pub(crate) const $name: usize = $value;)+

        /// The constants themselves, in TypeScript.
        #[cfg(all(test, not(target_arch = "wasm32")))]
        pub(crate) const SHARED: &[Constant] = &[$(Constant {
            doc: concat!($($doc,)+),
            name: stringify!($name),
            value: $name,
        }),+];
    };
}

record! {
    /// Above zero: the length of an accepted token's claims. Zero: the token was cached. Below
    /// zero, -1 - n: refused, with n octets of evidence.
    STATUS status: f64,
    /// The address of the token's part of the output.
    OUTPUT output: f64,
    /// The length of the additions to the dictionaries, in octets.
    ADDITIONS additions: f64,
    /// The number of the reason for a refusal.
    REASON reason: f64,
    /// The number of the token's entry in the token cache; below zero, it is not cached.
    ENTRY entry: f64,
    /// The number of its header and of the key that signed it.
    HEADER header: f64,
    /// `exp`, in seconds since the Unix epoch, or NaN.
    EXPIRES_AT expires_at: f64,
    /// How often it may be redeemed, or 0 where that is not limited.
    USES uses: f64,
    /// The number of its list of Claim Names; below zero, it has no layout.
    LAYOUT layout: f64,
    /// The index of its spans among the words of the memory.
    SPANS spans: f64,
    /// The claims that are numbers; of a refusal, the expected and the actual value, or NaN.
    DOUBLES doubles: [f64; MAX_DOUBLES],
}

shared! {
    /// The count of doubles in a record.
    RECORD = size_of::<Record>() / size_of::<f64>();
    /// The most claims of a token that cross as doubles. Most tokens have `exp`, `iat` and `nbf`, and no other number.
    MAX_DOUBLES = 8;
    /// The most tokens of one call.
    MAX_TOKENS = 64;
    /// The length of a token's id, in characters: base64url of a SHA-256.
    ID_LENGTH = 43;
    /// How many bits of a span's first word are its kind.
    KIND_BITS = 3;
    /// The kind of a string without an escape.
    TEXT = 0;
    /// The kind of an array of such strings.
    TEXTS = 1;
    /// The kind of a number.
    NUMBER = 2;
    /// The kind of a value that JavaScript parses.
    JSON_TEXT = 3;
    /// The kind of `true`.
    TRUE = 4;
    /// The kind of `false`.
    FALSE = 5;
    /// The kind of `null`.
    NULL = 6;
}

/// The most headers that a verifier's dictionary has. Issuers have few keys at a time, and each of
/// them writes one header.
pub(crate) const HEADERS: usize = 8;

/// The most layouts: issuers write few kinds of tokens, each with its own Claim Names.
pub(crate) const LAYOUTS: usize = 16;

/// The most reasons: there are fewer codes than this, and most of them blame one claim.
pub(crate) const REASONS: usize = 32;

/// A constant in TypeScript.
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) struct Constant {
    pub(crate) doc: &'static str,
    pub(crate) name: &'static str,
    pub(crate) value: usize,
}
