/**
 * The layout of what the core writes: the index of each field of a record, and constants that both sides have.
 *
 * Generated from `src/wasm/protocol.rs`, which explains the layout, by `PROTOCOL=write cargo test --test protocol`.
 *
 * @module
 */

/**
 * Above zero: the length of an accepted token's claims. Zero: the token was cached. Below zero, -1 - n: refused, with n
 * octets of evidence.
 */
export const STATUS = 0

/** The address of the token's part of the output. */
export const OUTPUT = 1

/** The length of the additions to the dictionaries, in octets. */
export const ADDITIONS = 2

/** The number of the reason for a refusal. */
export const REASON = 3

/** The number of the token's entry in the token cache; below zero, it is not cached. */
export const ENTRY = 4

/** The number of its header and of the key that signed it. */
export const HEADER = 5

/** `exp`, in seconds since the Unix epoch, or NaN. */
export const EXPIRES_AT = 6

/** How often it may be redeemed, or 0 where that is not limited. */
export const USES = 7

/** The number of its list of Claim Names; below zero, it has no layout. */
export const LAYOUT = 8

/** The index of its spans among the words of the memory. */
export const SPANS = 9

/** The claims that are numbers; of a refusal, the expected and the actual value, or NaN. */
export const DOUBLES = 10

/** The count of doubles in a record. */
export const RECORD = 18

/** The most claims of a token that cross as doubles. Most tokens have `exp`, `iat` and `nbf`, and no other number. */
export const MAX_DOUBLES = 8

/** The most tokens of one call. */
export const MAX_TOKENS = 64

/** The length of a token's id, in characters: base64url of a SHA-256. */
export const ID_LENGTH = 43

/** How many bits of a span's first word are its kind. */
export const KIND_BITS = 3

/** The kind of a string without an escape. */
export const TEXT = 0

/** The kind of an array of such strings. */
export const TEXTS = 1

/** The kind of a number. */
export const NUMBER = 2

/** The kind of a value that JavaScript parses. */
export const JSON_TEXT = 3

/** The kind of `true`. */
export const TRUE = 4

/** The kind of `false`. */
export const FALSE = 5

/** The kind of `null`. */
export const NULL = 6
