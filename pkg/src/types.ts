/**
 * The data of the public face.
 *
 * @module
 */

import type { TokenError } from './error.js'

/** A signature algorithm ({@link https://www.rfc-editor.org/rfc/rfc7518#section-3.1 RFC 7518 section 3.1}, RFC 8037, RFC 8812, RFC 9864). */
export type Algorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'ES256K'
  | 'EdDSA'
  | 'Ed25519'

/**
 * A JSON Web Key. Held to {@link https://www.rfc-editor.org/rfc/rfc7517#section-4 RFC 7517 section 4} at run time; members
 * that have no meaning there are ignored.
 */
export interface Jwk {
  readonly kty?: string | undefined
  readonly kid?: string | undefined
  readonly use?: string | undefined
  readonly key_ops?: readonly string[] | undefined
  readonly alg?: string | undefined
  /** The curve, of an EC or OKP key. */
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
  /** The modulus and the exponent, of an RSA key. */
  readonly n?: string | undefined
  readonly e?: string | undefined
  /** The octets of a secret. */
  readonly k?: string | undefined
  /** What makes a key private. */
  readonly d?: string | undefined
  readonly x5c?: readonly string[] | undefined
  readonly x5t?: string | undefined
  readonly 'x5t#S256'?: string | undefined
  readonly x5u?: string | undefined
  /** Of keys that Web Crypto has exported. */
  readonly ext?: boolean | undefined
}

/** A JWK Set ({@link https://www.rfc-editor.org/rfc/rfc7517#section-5 RFC 7517 section 5}). */
export interface JwkSet {
  readonly keys: readonly Jwk[]
}

/** What the caller knows of a key beyond its octets. */
export interface KeyTags {
  /** The `kid` that it goes by. */
  kid?: string
  /** The key vouches for tokens of this issuer alone. Untagged: for every issuer of the policy. */
  issuer?: string | readonly string[]
}

/**
 * A key, always tagged with what it is, so that a public key can never be taken for a secret.
 *
 * A `secret` that reads as PEM or JWK text, or that everyone knows (the jwt.io samples), is a TypeError. A key given alone
 * that cannot be used is a TypeError; in a set, members that are unknown or unfit are skipped. An X.509 certificate lends
 * its key: its dates and chain are not checked.
 */
export type Key =
  /** For HMAC; a string is its UTF-8 octets. At least as long as the hash (RFC 7518 section 3.2). */
  | ({ secret: string | Uint8Array; alg?: Algorithm } & KeyTags)
  /** SPKI, a PKCS#1 public key or an X.509 certificate. */
  | ({ pem: string; alg?: Algorithm } & KeyTags)
  /** A public JWK; a private one is refused. */
  | ({ jwk: Jwk } & KeyTags)
  | ({ jwks: JwkSet } & KeyTags)
  | Jwk
  | JwkSet

/** Where a JWK Set comes from that the caller does not have in hand for good. */
export interface KeySource {
  /**
   * The set in hand, without waiting; the same object while unchanged, another one when it has changed. Symmetric keys in it
   * are ignored.
   */
  current(): JwkSet | undefined
  /**
   * Looks again, and gives up in time. Called for every token that no key in hand fits, strangers' included, once for all
   * who wait: a source that asks an issuer lets some seconds pass before it asks again.
   */
  refresh(): Promise<JwkSet>
}

/** The keys of a verifier. */
export type Keys = Key | KeySource | readonly (Key | KeySource)[]

/** What a policy requires of one claim. */
export type ClaimRule =
  /** It equals this. */
  | string
  | number
  | boolean
  /** It is one of these. */
  | readonly (string | number | boolean)[]
  /** It is an array that holds all of these. */
  | { contains: string | readonly string[] }
  /** It is an array that holds one of these. */
  | { containsAny: readonly string[] }
  /** It is a string of scope-tokens, all of these among them. Without them: `scope_insufficient`. */
  | { scope: string | readonly string[] }
  | { absent: true }
  | { absentOr: string | number | boolean | readonly (string | number | boolean)[] }

/**
 * What a resource server requires, as plain JSON data.
 *
 * A claim is named by its Claim Name, or by a JSON Pointer (RFC 6901) when the name starts with "/" ("/realm_access/roles";
 * a claim literally named "/x" is "/~1x").
 */
export interface Policy {
  /** Required `iss`, one of these, compared as whole case-sensitive strings. No default; `null` is the written way not to check. */
  issuer: string | readonly string[] | null
  /** At least one of these must be among the token's audiences. No default; `null` is the written way not to check. */
  audience: string | readonly string[] | null
  /** The claim that holds the audience. Default "aud". */
  audienceClaim?: string
  /** A token that also names an audience outside `audience`. Default "allow". */
  foreignAudience?: 'allow' | 'refuse'
  /** Default: whatever the keys at hand allow. A key only ever allows the algorithms of its own type, curve, `alg`, `use`, `key_ops`. */
  algorithms?: readonly Algorithm[]
  /** Required `typ` header (RFC 8725 section 3.11), compared as a media type: "application/" optional, case ignored. */
  typ?: string | readonly string[]
  /** Required `sub`, one of these. */
  subject?: string | readonly string[]
  /** Scope-tokens: a string (space-delimited) or array requires every one; `any` requires at least one (RFC 6749 section 3.3). */
  scope?: string | readonly string[] | { all?: readonly string[]; any?: readonly string[] }
  /** Where scope-tokens are read from: strings (split at single spaces) or arrays of strings, those present merged. Default ["scope", "scp"]. */
  scopeClaims?: readonly string[]
  /** What further claims must be. */
  claims?: Readonly<Record<string, ClaimRule>>
  /** Claims that must be there, whatever they are; `null` is not. */
  requiredClaims?: readonly string[]
  /**
   * Names that every call must supply in `expected.bind`. A JWT binds to the claim given here (an array means the same
   * name); a receipt binds to its own `bind` object, never to its other claims. Absent or different: `binding_mismatch`.
   */
  bind?: readonly string[] | Readonly<Record<string, string>>
  /** What may vouch for a token: the issuer's signature on it, or the receipt of whoever countersigned it. Default "signature". */
  evidence?: 'signature' | 'receipt'
  /** Whether `exp` must be there. Default "required". Where uses are limited or single, it is required in any case. */
  expiry?: 'required' | 'optional'
  /** `iat` may lie at most this far back, and not in the future. Makes `iat` required. */
  maxAgeSeconds?: number
  /** `exp - iat` may be at most this. Makes both required. */
  maxLifetimeSeconds?: number
  /** Tolerance for `exp`, `nbf` and, where it is checked, `iat`. Default 0, at most 300. No profile sets it. */
  leewaySeconds?: number
  /** In octets. Default 16384, at most 1048576. A longer token is refused unread. */
  maxTokenBytes?: number
  /** At most this many redemptions of one token; a lower limit in the token wins. Without a `uses` counter a TypeError. */
  maxUses?: number
  /** One redemption per `jti`. Makes `jti` required; without a `replay` store a TypeError. */
  singleUse?: boolean
}

/** A policy that belongs to a token system, with its carriers and refusal style. */
export interface Profile extends Policy {
  /** Where requests carry such a token. All of them are read; two that differ are `request_malformed`. Used by the guards. */
  readonly carriers?: readonly Carrier[]
  /** How refusals are worded to a client. Used by the guards; default "bearer". */
  readonly refusal?: RefusalStyle
}

/** Where a request carries a token. */
export type Carrier =
  /** Header names ignore case; with a scheme: RFC 6750 section 2.1. */
  | { header: string; scheme?: string }
  /** Cookie names are exact. */
  | { cookie: string }

/** How a refusal is worded to a client. */
export type RefusalStyle = 'bearer' | 'problem' | 'juspay' | 'cashfree' | 'vtex'

/** A policy in full, or a profile that the members beside it narrow: both hold, and a contradiction is a TypeError. */
export type VerifierOptions = (Policy | ({ profile: Profile } & Partial<Policy>)) & {
  /** Who may have signed. */
  keys: Keys
  /** Counts the uses that redeem() spends. verify() and verifyAsync() never count. */
  uses?: UseCounter
  /** Remembers seen ids: of tokens under `singleUse`. */
  replay?: SeenStore
  /** Knows which tokens were revoked. Asked by verifyAsync() and redeem(), before `grants`. */
  revocation?: RevocationSource
  /** What the caller knows of a subject beyond the token (e.g. VTEX roles), consulted by verifyAsync() and redeem(). */
  grants?: (verified: Verified, expected: Expected) => Promise<boolean>
  /**
   * Remembers which octets a key signed and the policy, which never changes, let pass, all octets compared; time and
   * expectations are held against every hit anew, and an entry dies with its key. At most so many `entries` (1 to 1,000,000) of so many `bytes` of the core's memory
   * together (1 to 1 GiB); what a token asked for twice says is kept beside them, parsed. Default
   * `{ entries: 1000, bytes: 4 MiB }`.
   */
  cache?: false | { entries?: number; bytes?: number }
  /**
   * Experimental. Who does the RSA exponentiation, and SHA-256 of what is long (for HMAC, behind the padded secret); padding,
   * comparison and verdict are the core's in any case. `'host'` is the runtime's `node:crypto`, a TypeError where there is none;
   * it is believed, for each key, once it has come to what the core came to. `'wasm'` is the core: no secret leaves its memory.
   * Default `'auto'`: the host in Node and Bun (and, for RSA alone, in workerd where that imitates Node), else the core.
   */
  arithmetic?: 'auto' | 'wasm' | 'host'
  /** Seconds since the Unix epoch. Default: the runtime's clock. NaN, or milliseconds, is a TypeError. */
  clock?: () => number
}

/** spend() is atomic: of N concurrent calls on an id with M uses left, exactly min(N, M) succeed. */
export interface UseCounter {
  /**
   * Resolves to the uses left after this one, or to null when none was left.
   *
   * @param id What identifies the token: `Verified.id`.
   * @param limit The uses that the token has in total.
   * @param expiresAt NumericDate: the last moment at which the token could be accepted, leeway included. Of two, the later
   *   holds.
   */
  spend(id: string, limit: number, expiresAt: number): Promise<number | null>
}

/** Where seen ids are kept. add() is atomic: of concurrent calls on one id, exactly one resolves to true. */
export interface SeenStore {
  /**
   * Resolves to true when `id` is new, and remembers it.
   *
   * @param expiresAt NumericDate: until when it is remembered, at the least.
   */
  add(id: string, expiresAt: number): Promise<boolean>
}

/** Where the rules of a deny list are kept. */
export interface DenyStore {
  /**
   * Keeps a rule: tokens that were issued before `before` are denied, until `expiresAt`. Of two under one key, the later
   * moments hold.
   */
  deny(key: string, before: number, expiresAt: number): Promise<void>
  /** Resolves to the `before` of each key's rule, or to null where there is none, in the order of the keys. */
  denied(keys: readonly string[]): Promise<readonly (number | null)[]>
}

/** What knows which tokens were revoked. */
export interface RevocationSource {
  /** Resolves to true or false; anything else, and any failure, is `store_unavailable`. */
  isRevoked(token: Verified): Promise<boolean>
}

/** What one request expects beyond the policy. It only narrows. */
export interface Expected {
  /** As in a policy. */
  scope?: Policy['scope']
  /** At least one of these must be among the token's audiences, too. */
  audience?: string | readonly string[]
  /** As in a policy. */
  claims?: Policy['claims']
  /**
   * The resource this request is about, e.g. `{ order_id: '14183944763' }`. Names beyond the policy's `bind` follow the same
   * rule. A safe integer equals its decimal string, nothing else. A missing name is a TypeError (the caller forgot it); a
   * value that is null, undefined or '' is `binding_mismatch` (the request did not say).
   */
  bind?: Readonly<Record<string, string | number | null | undefined>>
  /** The `nonce` claim of an ID token. */
  nonce?: string
  /** Seconds since the Unix epoch. Overrides the clock, for tests and for "what if it were then". */
  now?: number
}

/** What came as a token; anything but a string is refused, never converted. null, undefined and '' are `token_missing`. */
export type Presented = string | null | undefined

/** A JOSE Header (RFC 7515 section 4). */
export type JoseHeader = Readonly<Record<string, unknown>> & {
  readonly alg: string
  readonly kid?: string
  readonly typ?: string
}

/** A JWT Claims Set (RFC 7519 section 4). */
export type ClaimsSet = Record<string, unknown> & {
  iss?: string
  sub?: string
  aud?: string | string[]
  exp?: number
  nbf?: number
  iat?: number
  jti?: string
}

/** What a verified token says. Everything here is the caller's own: plain own members, nothing shared with the core or with the next result. */
export interface Verified<Claims extends ClaimsSet = ClaimsSet> {
  /** Tells it from a refusal. */
  readonly ok: true
  /** The JOSE Header; of a countersigned token, its receipt's. */
  readonly header: JoseHeader
  /** The JWT Claims Set; of a countersigned token, its receipt's. */
  readonly claims: Claims
  /** `exp`, in seconds since the Unix epoch. */
  readonly expiresAt: number | null
  /** The scope-tokens, from the claims that the policy reads them from. */
  readonly scope: readonly string[]
  /** Which key signed it, and how. */
  readonly key: { readonly kid: string | null; readonly alg: Algorithm }
  /** What vouched for it. */
  readonly evidence: 'signature' | 'receipt'
  /**
   * What identifies the token whatever its spelling: a domain-separated SHA-256, base64url; of a receipt over its issuer
   * and the token's hash, of a JWS over (iss, jti), without `jti` over the JWS Signing Input (over the HMAC of it
   * where that is the signature). Uses, replay and deny lists are keyed by it.
   */
  readonly id: string
  /** Present where uses are limited. `left` is known only to redeem(); verify() leaves it null. */
  readonly uses?: { readonly limit: number; readonly left: number | null }
}

/** What a token says, not trusted. It cannot be passed off as a {@link Verified}. */
export interface Inspection {
  /** Exactly two dots and no "~" is a JWS, four a JWE; "countersigned" is receipt~token. */
  readonly kind: 'jws' | 'jwe' | 'opaque' | 'countersigned' | 'malformed'
  /** The JOSE Header, if it can be read. */
  readonly header?: JoseHeader
  /** The JWT Claims Set, if it can be read. */
  readonly claims?: ClaimsSet
  /** The segments as text, for display. */
  readonly parts: readonly string[]
  /** Its times, in seconds since the Unix epoch, if they can be read. */
  readonly time?: {
    readonly issuedAt: number | null
    readonly notBefore: number | null
    readonly expiresAt: number | null
    readonly state: 'not_yet_valid' | 'current' | 'expired' | 'never_expires'
    readonly secondsLeft: number | null
  }
  /** Every check in order. Only from {@link Verifier.inspect}. */
  readonly checks: readonly Check[]
  /** What a careful reader would notice. The text is fixed per code. */
  readonly warnings: readonly { readonly code: string; readonly claim?: string; readonly message: string }[]
  /** Token systems whose shape this is, likeliest first, e.g. `["publiq", "auth0"]`. */
  readonly looksLike: readonly string[]
  /** Why it cannot be read or, from a verifier, why it is refused. */
  readonly error?: TokenError
}

/** One check with its outcome. */
export interface Check {
  /** `structure`, `alg`, `signature`, `issuer`, … */
  readonly name: string
  /** `not_checked`: the policy does not ask, or an earlier check left nothing to look at. */
  readonly outcome: 'pass' | 'fail' | 'not_checked'
  readonly claim?: string
  readonly expected?: unknown
  readonly actual?: unknown
  readonly error?: TokenError
}

/** What an opaque token was issued for, until when, and how often it may be used. */
export interface Receipt {
  /** NumericDate or RFC 3339 text. A text without a zone, an impossible date, a moment in the past or beyond a year is refused, never guessed. */
  expires: number | string
  /** What the token was issued for, e.g. `{ order_id: '…' }`. */
  bind: Readonly<Record<string, string | number>>
  issuer?: string
  audience?: string | readonly string[]
  scope?: string
  /** How many times it may be redeemed. */
  uses?: number
  /** May not name a registered claim or one of the receipt's own. */
  claims?: Readonly<Record<string, unknown>>
  /** Seconds since the Unix epoch. Default: the runtime's clock. */
  now?: number
}

/** HS256 with a secret of at least 32 octets; or Ed25519, so that whoever verifies cannot countersign. */
export type ReceiptKey = { secret: string | Uint8Array; kid?: string } | { privateKey: Jwk; kid?: string }

/** Whose Juspay client auth tokens they are, and what for. */
export interface JuspayOptions {
  merchantId: string
  environment: 'sandbox' | 'production'
  kind: 'order' | 'customer'
}

/** Whose Cashfree SDK auth tokens they are, and what for. */
export interface CashfreeOptions {
  appId: string
  /** Default "VKYC". */
  product?: string
  environment: 'sandbox' | 'production'
}

/** Whose VTEX user tokens they are, and what for. */
export interface VtexOptions {
  /** The account name, or several. */
  account: string | readonly string[]
  audience: 'admin' | 'webstore'
}

/** Which publiq access tokens open this API. */
export interface PubliqOptions {
  environment: 'test' | 'acceptance' | 'production'
  /** Held against the claims `scope` and `permissions`. One of `scope` and `api` at least. */
  scope?: string | readonly string[]
  /** The short name of an API, e.g. "entry", held against `https://publiq.be/publiq-apis` alone. */
  api?: string
  /** Default "auth0", the issuers documented; "keycloak" adds the realm's, or name them. */
  issuedBy?: 'auth0' | 'keycloak'
  issuer?: string | readonly string[]
  /** Default "https://api.publiq.be". */
  audience?: string | null
  /** Default "any": ID tokens are refused in any case. */
  tokens?: 'client' | 'user' | 'any'
}

/** Whose JWT access tokens (RFC 9068) they are, and for whom. */
export interface AccessTokenOptions {
  issuer: string
  audience: string
  scope?: Policy['scope']
}
