/**
 * The public types: keys, policies, options, results. Over 400 lines: mostly the text that editors show for them.
 *
 * @module
 */

import type { TokenError, UnavailableError } from './error.js'

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
  /** The key type: "EC", "RSA", "OKP" or "oct". Required. */
  readonly kty?: string | undefined
  /** The key's identifier, compared with the `kid` of a token. */
  readonly kid?: string | undefined
  /** The intended use: "sig", or absent. */
  readonly use?: string | undefined
  /** The permitted operations: "verify" is among them, or absent. */
  readonly key_ops?: readonly string[] | undefined
  /** The only algorithm that the key may verify. Default: those of its type and curve. */
  readonly alg?: string | undefined
  /** The curve, of an EC or OKP key. */
  readonly crv?: string | undefined
  /** The x coordinate of an EC key, or an OKP key's octets, base64url. */
  readonly x?: string | undefined
  /** The y coordinate of an EC key, base64url. */
  readonly y?: string | undefined
  /** The modulus of an RSA key, base64url. From 2048 to 8192 bits. */
  readonly n?: string | undefined
  /** The exponent of an RSA key, base64url. At least 65537. */
  readonly e?: string | undefined
  /** The octets of a secret, base64url. */
  readonly k?: string | undefined
  /** The private part. Only the key of a receipt may have one. */
  readonly d?: string | undefined
  /** An X.509 certificate chain. Only the thumbprint of its first certificate is used: it orders keys. */
  readonly x5c?: readonly string[] | undefined
  /** The certificate's SHA-1 thumbprint, compared with the `x5t` of a token without `kid`. */
  readonly x5t?: string | undefined
  /** The certificate's SHA-256 thumbprint, compared with the `x5t#S256` of a token without `kid`. */
  readonly 'x5t#S256'?: string | undefined
  /** The URL of a certificate chain. Never fetched. */
  readonly x5u?: string | undefined
  /** Of keys that Web Crypto has exported. */
  readonly ext?: boolean | undefined
  /**
   * Of keys that Microsoft Entra publishes: the only issuer that the key vouches for. `{tenantid}` in it is replaced by the
   * token's `tid`. It is read in a set or in `{ jwk }`.
   */
  readonly issuer?: string | undefined
}

/** A JWK Set ({@link https://www.rfc-editor.org/rfc/rfc7517#section-5 RFC 7517 section 5}). */
export interface JwkSet {
  /** The keys. At most 2,000; members that cannot be used are skipped. */
  readonly keys: readonly Jwk[]
}

/** What the caller states about a key beside its octets. */
export interface KeyTags {
  /** The `kid` of a single key. Default: the JWK's own, or none. */
  kid?: string
  /** The key vouches for tokens of this issuer alone. Default: for every issuer of the policy. */
  issuer?: string | readonly string[]
  /**
   * What the `use` of each JWK must be, `jwt-svid` for a SPIFFE bundle; any other JWK is not used. Not beside a secret or a
   * PEM text. Default: `sig`, or no `use`.
   */
  use?: string
}

/**
 * A key, always tagged with what it is, so that a public key can never be taken for a secret.
 *
 * A `secret` that reads as PEM or JWK text, or that public documentation prints (the jwt.io samples), is a TypeError. So is a
 * key that cannot be used; in a set, members that are unknown or unfit are skipped, and a set without one key that can be
 * used is a TypeError that names each member and the reason. Of an X.509 certificate only the key is used: its dates and
 * chain are not checked.
 *
 * Keys are selected for each entry of `keys` by itself: what one entry holds never changes which keys of another are tried.
 * For a token with a `kid`: the keys that have it, else those without any. For a token without one: all that fit, one with
 * its `x5t#S256` or `x5t` first. At most 8 keys of an entry are tried. A key listed in two entries vouches for the issuers
 * of both.
 */
export type Key = SecretKey | PemKey | JwkKey | JwksKey | Jwk | JwkSet

/** A key for HMAC. */
export interface SecretKey extends KeyTags {
  /** A string is its UTF-8 octets. At least as long as the hash (RFC 7518 section 3.2). */
  secret: string | Uint8Array
  /** The only algorithm that the key may verify. Default: HS256, HS384 and HS512, as far as the secret is long enough. */
  alg?: Algorithm
  readonly pem?: never
  readonly jwk?: never
  readonly jwks?: never
  readonly keys?: never
}

/** A public key as PEM text. */
export interface PemKey extends KeyTags {
  /** SPKI, a PKCS#1 public key or an X.509 certificate. */
  pem: string
  /** The only algorithm that the key may verify. Default: those of its type and curve. */
  alg?: Algorithm
  readonly secret?: never
  readonly jwk?: never
  readonly jwks?: never
  readonly keys?: never
}

/** A JWK with tags. */
export interface JwkKey extends KeyTags {
  /** A public JWK, or a symmetric one; a private one is refused. */
  jwk: Jwk
  /** The only algorithm that the key may verify. It may narrow the JWK's own `alg`, not contradict it. Default: that one. */
  alg?: Algorithm
  readonly secret?: never
  readonly pem?: never
  readonly jwks?: never
  readonly keys?: never
}

/** A JWK Set with tags. */
export interface JwksKey extends KeyTags {
  /** The set. */
  jwks: JwkSet
  readonly alg?: never
  readonly secret?: never
  readonly pem?: never
  readonly jwk?: never
  readonly keys?: never
}

/**
 * A source of a JWK Set that changes. A set is read when `current()` returns another object, and prepared when its keys are
 * other ones. Of one that is malformed or beyond the limits (2,000 keys, 1 MiB of JSON, 4,194,304 bits of keys), nothing is
 * used: tokens that no other key verifies are `keys_unavailable`.
 */
export interface KeySource {
  /**
   * The set in hand, without waiting: the same object while it is unchanged. Symmetric keys in it are ignored. An object of
   * `kid` to PEM text is read, too. A promise is a TypeError.
   */
  current(): JwkSet | undefined
  /**
   * Fetches the set again. A verifier calls it for tokens that no key in hand fits, forged ones included, once for all
   * that wait, and waits 5 seconds at most: the source limits how often it asks the issuer.
   *
   * A rejection is `keys_unavailable` for tokens whose key the source might hold.
   */
  refresh(): Promise<JwkSet>
  /**
   * Every key of the source vouches for tokens of this issuer alone. Read once, when the verifier is built. Default: for
   * every issuer of the policy.
   */
  readonly issuer?: string | readonly string[] | undefined
  /** What the `use` of each key must be. Read once, when the verifier is built. Default: `sig`, or no `use`. */
  readonly use?: string | undefined
  // On a plain object, any other member that is data is a TypeError: these would be taken for options.
  readonly kid?: never
  readonly alg?: never
  readonly secret?: never
  readonly pem?: never
  readonly jwk?: never
  readonly jwks?: never
  readonly keys?: never
}

/** Whether a verifier can use one member of a JWK Set. */
export interface KeyUsability {
  /** Its `kid`; null where it states none. */
  readonly kid: string | null
  /** Its `kty`; null where it states none. */
  readonly kty: string | null
  /** Its `alg`; null where it states none. */
  readonly alg: string | null
  /** Its `use`; null where it states none. */
  readonly use: string | null
  /** The algorithms that it may verify; empty if it cannot be used. */
  readonly algorithms: readonly Algorithm[]
  /** Whether a verifier can use it. */
  readonly usable: boolean
  /** Why it cannot be used: the member to blame, and what it must be. */
  readonly reason: string | null
  /** Its JWK Thumbprint (RFC 7638), if it can be used. */
  readonly thumbprint: string | null
}

/** How published keys are fetched and kept. Durations are in seconds, fractions allowed. */
export interface RemoteKeysOptions {
  /** The issuers that the keys vouch for. Default: every issuer of the policy. */
  issuer?: string | readonly string[]
  /** What the `use` of each key must be, `jwt-svid` for a SPIFFE bundle. Default: `sig`, or no `use`. */
  use?: string
  /** One request takes at most this long, its body included. Default 5. */
  timeoutSeconds?: number
  /** A set this old is fetched again in the background; up to a tenth earlier, at random. Default 600. */
  maxAgeSeconds?: number
  /**
   * How long beyond `maxAgeSeconds` the last good set is used while it cannot be fetched. A key that was withdrawn in that time
   * is still accepted. Default 86400; 0 refuses every token (`keys_unavailable`) once the set is older than `maxAgeSeconds`.
   */
  staleSeconds?: number
  /**
   * The least time between the starts of two fetches, after a failure too. While there is no set at all, 1, 2, 4, 8 and 16 if
   * that is less. Default 30.
   */
  cooldownSeconds?: number
  /** A larger document, in decoded octets, is a failure. Default 1 MiB. */
  maxBytes?: number
  /** Fetches as the global `fetch` does, which is the default: for a proxy, a private CA, a header. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Keeps a background fetch going after the response, e.g. `context.waitUntil`. Default: workerd's own, where it has one. */
  waitUntil?: (promise: Promise<unknown>) => void
  /**
   * Keeps the last good document beyond the process, as one text: Workers KV, a file. Read once, while there is no set.
   * Anyone who can write it can mint tokens.
   */
  storage?: {
    /** Resolves to the text last written, or to null. */
    read(): Promise<string | null>
    /** Keeps the text in place of the one before. */
    write(text: string): Promise<void>
  }
  /** The wall clock, in seconds since the Unix epoch. Default: the runtime's. */
  clock?: () => number
}

/** How the keys of an issuer are found, fetched and kept. */
export interface DiscoverKeysOptions extends Omit<RemoteKeysOptions, 'issuer'> {
  /** The origins that `jwks_uri` may be of. Default: every public one, and those in the issuer's own address space. */
  origins?: readonly string[]
}

/** Published keys, fetched when they are needed. */
export interface RemoteKeys extends KeySource {
  /**
   * Resolves when a set is in hand, fetching it if necessary.
   *
   * @throws {UnavailableError} When it cannot be fetched.
   */
  ready(): Promise<void>
  /** For metrics. */
  readonly stats: RemoteKeysStats
}

/** The state of a source, for metrics. */
export interface RemoteKeysStats {
  /** `empty`: no set yet. `fresh`: younger than `maxAgeSeconds`. `stale`: older, and used. `dead`: too old to be used. */
  readonly state: 'empty' | 'fresh' | 'stale' | 'dead'
  /** Fetches that began. */
  readonly looks: number
  /** Those that failed. */
  readonly failures: number
  /** Reads and writes of `storage` that failed. */
  readonly storageFailures: number
  /** The last good answer, in seconds since the Unix epoch. */
  readonly lastSuccess: number | null
  /** Usable keys in hand. */
  readonly keys: number
  /** Members of the document that are not usable: private, symmetric, for encryption, unknown, unfit. */
  readonly skipped: number
  /** The first ten of them, and why each is not usable. */
  readonly skippedKeys: readonly SkippedKey[]
}

/** A member of a published document that is not usable. */
export interface SkippedKey {
  /** Its `kid`, cut to 64 characters. */
  readonly kid: string | null
  /** In words: "d must be left out: …". */
  readonly reason: string
}

/** The keys of a verifier. */
export type Keys = KeyEntry | readonly KeyEntry[]

/** One member of `keys`. */
export type KeyEntry =
  | Key
  | KeySource
  /** Short for `discoverKeys(issuer, options)`. */
  | ({ issuer: string } & DiscoverKeysOptions)
  /** Short for `remoteKeys(url, options)`. */
  | ({ url: string | URL } & RemoteKeysOptions)

/** The requirement on one claim. */
export type ClaimRule =
  /** It equals this. */
  | string
  | number
  | boolean
  /** It is one of these. */
  | readonly (string | number | boolean)[]
  /** It is an array of strings and numbers that holds all of these, or it is the only one of them itself. */
  | { contains: string | number | readonly (string | number)[] }
  /** It is an array of strings and numbers that holds one of these, or it is one of them itself. */
  | { containsAny: readonly (string | number)[] }
  /** It is a string that starts with one of these. Each must end in a delimiter, one of `/ : . # @ |`: else a TypeError. */
  | { startsWith: string | readonly string[] }
  /** It is there, and is not `null`, an empty string or an empty array. */
  | { notEmpty: true }
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
  /**
   * Required `iss`, one of these, compared as whole case-sensitive strings. No default; `null` is the written way not to check.
   *
   * A segment of the path such as `{tid}` is replaced by the top-level claim of that name in the same token, a string of
   * unreserved characters (RFC 3986 section 2.3): `https://login.microsoftonline.com/{tid}/v2.0`. `{tenantid}`, as Microsoft
   * Entra publishes it, is `{tid}`. All before the path may be one such claim, an https URL without a path: `{dest}/admin`.
   * Without the claim: `claim_missing`.
   */
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
  scope?:
    | string
    | readonly string[]
    | {
        /** Every one of these is required. */
        all?: readonly string[]
        /** At least one of these is required. */
        any?: readonly string[]
      }
  /**
   * Where scope-tokens are read from: strings, split at runs of spaces, or arrays of strings; those present are merged.
   * A claim of another form is `claim_malformed` where scope is required, and otherwise adds nothing.
   * Default ["scope", "scp"].
   */
  scopeClaims?: readonly string[]
  /** What further claims must be. */
  claims?: Readonly<Record<string, ClaimRule>>
  /**
   * Claims that express a permission, and what they must be. A token that lacks one is valid and of too little privilege:
   * `scope_insufficient` (status 403) where `claims` refuses with status 401, so that a client does not ask for another one.
   */
  permissions?: Readonly<Record<string, ClaimRule>>
  /** Whether `sub` may be a safe integer, read as its decimal text; `claims.sub` keeps the number, whatever its type says. Default "refuse". */
  numericSubject?: 'refuse' | 'allow'
  /** Claims that must be there, whatever they are; `null` is not. */
  requiredClaims?: readonly string[]
  /**
   * Names that every call must supply in `expected.bind`. A JWT binds to the claim given here (an array means the same
   * name); a receipt binds to its own `bind` object, never to its other claims. Absent or different: `binding_mismatch`.
   */
  bind?: readonly string[] | Readonly<Record<string, string>>
  /** What vouches for a token: its own signature, or the receipt of the backend that countersigned it. Default "signature". */
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
  /** Where the issuer publishes its keys. Used unless `keys` is given beside the profile, which replaces it. */
  readonly keys?: KeySourceOption
}

/** A profile whose keys follow from its options: all that a verifier needs. */
export interface CompleteProfile extends Profile {
  /** Where the issuer publishes its keys. */
  readonly keys: KeySourceOption
}

/** The short form of a source of published keys, as plain data. */
export type KeySourceOption =
  | {
      /** The issuer, whose metadata says where its keys are. */
      readonly issuer: string
    }
  | {
      /** Where the keys are. */
      readonly url: string
      /** The issuers that the keys vouch for. Default: every issuer of the policy. */
      readonly issuer?: string | readonly string[]
      /** What the `use` of each key must be. Default: `sig`, or none. */
      readonly use?: string
    }

/** Where a request carries a token. */
export type Carrier =
  /** Header names ignore case; with a scheme: RFC 6750 section 2.1. */
  | { header: string; scheme?: string }
  /** Cookie names are exact. */
  | { cookie: string }

/**
 * How a refusal is worded to a client: RFC 6750 ("bearer"), RFC 9457 without a problem type of its own ("problem"), or as a
 * token system's own services word it.
 */
export type RefusalStyle = 'bearer' | 'problem' | 'publiq' | 'juspay' | 'cashfree' | 'vtex'

/** A policy in full. */
export interface PolicyOptions extends Policy {
  readonly profile?: never
}

/** A profile that the members beside it narrow: both hold, and a contradiction is a TypeError. */
export interface ProfileOptions extends Partial<Policy> {
  /** The policy of a token system, from `profiles` or written by hand. */
  profile: Profile
}

/** The keys of a verifier. */
export interface KeysOption {
  /**
   * The keys that may have signed tokens: one key, one JWK Set, one source, or an array of at most 100 of them. Default: the
   * keys of the profile, if they follow from its options.
   */
  keys: Keys
}

/** {@link ProfileOptions} with a profile whose keys follow from its options. */
export interface CompleteProfileOptions extends ProfileOptions {
  /** The policy of a token system, from `profiles`. */
  profile: CompleteProfile
  readonly keys?: never
}

/** A policy in full, or a profile that the members beside it narrow; the keys; and what the verifier may use. */
export type VerifierOptions = (((PolicyOptions | ProfileOptions) & KeysOption) | CompleteProfileOptions) & {
  /** Counts the uses that redeem() spends. verify() and verifyAsync() never count. */
  uses?: UseCounter
  /** Remembers seen ids: of tokens under `singleUse`. */
  replay?: SeenStore
  /** Knows which tokens were revoked. Asked by verifyAsync() and redeem(), before `grants`. */
  revocation?: RevocationSource
  /** What the caller knows of a subject beyond the token (e.g. VTEX roles), consulted by verifyAsync() and redeem(). */
  grants?: (verified: Verified, expected: Expected) => Promise<boolean>
  /**
   * Caches accepted tokens by their whole text. Time and `Expected` are checked again on every hit, and an entry is removed
   * with its key. Refused tokens are not cached. `false`: no cache. Default `{ entries: 1000, bytes: 4194304 }`.
   */
  cache?:
    | false
    | {
        /** The most tokens, 1 to 1,000,000. Default 1000. */
        entries?: number
        /** The most octets of the core's memory, 1 to 1 GiB; claims parsed for a second hit are in addition. Default 4 MiB. */
        bytes?: number
      }
  /**
   * Experimental. Where RSA exponentiation and SHA-256 of long messages run. Padding, comparison and verdict are always the
   * core's. `'host'`: `node:crypto`, a TypeError if the runtime has none; it is used for a key after one result agreed with
   * the core's. For HMAC it hashes the padded secret, too. `'wasm'`: the core; no secret leaves its memory. Default `'auto'`:
   * the host in Node and Bun (in workerd with Node compatibility, for RSA only), else the core.
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
  /** As in a policy. */
  permissions?: Policy['permissions']
  /**
   * The resource this request is about, e.g. `{ order_id: '14183944763' }`. Names beyond the policy's `bind` follow the same
   * rule. A safe integer equals its decimal string, nothing else. A missing name is a TypeError (the caller forgot it); a
   * value that is no id is `binding_mismatch` (the request did not say): null, undefined, '', and whatever else a request can
   * contain in its place, such as an array.
   */
  bind?: Readonly<Record<string, unknown>>
  /** The `nonce` claim of an ID token. */
  nonce?: string
  /** The DPoP proof that came with the token (RFC 9449 section 4.3). Default: none, and a token bound to a key is `proof_missing`. */
  proof?: PresentedProof
  /**
   * The `x5t#S256` of the client certificate of this connection: the SHA-256 of its DER, base64url (RFC 8705 section
   * 3.1). Default: none, and a token bound to a certificate is `proof_missing`.
   */
  certificateThumbprint?: string
  /** Seconds since the Unix epoch. Overrides the clock, for tests and for "what if it were then". */
  now?: number
}

/**
 * A DPoP proof and the request that it must be for. A token that is not bound to a key (`cnf.jkt`) is refused with a
 * proof (`proof_invalid`).
 *
 * `verify()` cannot remember a proof, so it accepts one again and again while its `iat` is within 300 seconds of the
 * present. `verifyAsync()` and `redeem()` accept it once if the verifier has a `replay` store.
 */
export interface PresentedProof {
  /** The value of the only `DPoP` header. What is not a string is `proof_invalid`. */
  jwt: unknown
  /** The request's method, compared with `htm` exactly. */
  method: string
  /** The request's absolute URL: the server's own origin, never the Host header, and the path. Query and fragment are ignored. */
  url: string
  /**
   * The nonces that this server accepts; a proof without one of them is `nonce_required`. With one of them `iat` is not
   * compared with the present. Each must expire within 600 seconds: a proof with a nonce is remembered that long.
   */
  nonce?: string | readonly string[]
}

/** What came as a token; anything but a string is refused, never converted. null, undefined and '' are `token_missing`. */
export type Presented = string | null | undefined

/** A JOSE Header (RFC 7515 section 4). */
export type JoseHeader = Readonly<Record<string, unknown>> & {
  /** The signature algorithm (section 4.1.1). */
  readonly alg: string
  /** The identifier of the key (section 4.1.4). */
  readonly kid?: string
  /** The media type of the token (section 4.1.9). */
  readonly typ?: string
}

/** A JWT Claims Set (RFC 7519 section 4). A type of your own in its place may be any object type, an interface too. */
export type ClaimsSet = Record<string, unknown> & {
  /** The issuer. */
  iss?: string
  /** The subject: for whom the token was issued. */
  sub?: string
  /** Held to this type where the policy or the request requires an audience. */
  aud?: string | string[]
  /** Expiry: the token is refused from this second on. Seconds since the Unix epoch. */
  exp?: number
  /** Not before. Seconds since the Unix epoch. */
  nbf?: number
  /** Issued at. Seconds since the Unix epoch. */
  iat?: number
  /** The token's identifier. */
  jti?: string
}

/**
 * The claims of tokens that a policy accepts: those that it requires are present, and have the type that it requires.
 *
 * @typeParam Required The policy's `requiredClaims`.
 * @typeParam Rules The policy's `claims`.
 * @typeParam Bind The policy's `bind`, where tokens are bound by their own claims.
 */
export type PolicyClaims<
  Required extends readonly string[],
  Rules extends Readonly<Record<string, ClaimRule>>,
  Bind extends readonly string[] | Readonly<Record<string, string>>,
> = ClaimsSet & {
  [Name in ClaimName<Required[number]>]: NonNullable<ClaimsSet[Name]>
} & {
  [Name in ClaimName<BoundClaim<Bind>>]: string | number
} & {
  [Name in ClaimName<keyof Rules & string>]: RuledClaim<Rules[Name]>
}

/** The names that are Claim Names, not JSON Pointers, of those that are known at compile time. */
type ClaimName<Name extends string> = string extends Name ? never : Name extends `/${string}` ? never : Name

/** The claims that a token is bound by. */
type BoundClaim<Bind> = Bind extends readonly (infer Name extends string)[]
  ? Name
  : Bind extends Readonly<Record<string, infer Name extends string>>
    ? Name
    : never

/** The type of a claim under a rule. */
type RuledClaim<Rule> = Rule extends string | number | boolean
  ? Rule
  : Rule extends readonly (infer Value)[]
    ? Value
    : Rule extends { readonly scope: unknown } | { readonly startsWith: unknown }
      ? string
      : Rule extends { readonly absent: true }
        ? undefined
        : Rule extends { readonly absentOr: infer Value }
          ? RuledClaim<Value> | undefined
          : unknown

/** The result of a verification: the accepted token, or the error that refuses it. `ok` tells them apart. */
export type Verdict<Claims extends object = ClaimsSet> = Verified<Claims> | TokenError | UnavailableError

/** What a verified token says. Everything here is the caller's own: plain own members, nothing shared with the core or with the next result. */
export interface Verified<Claims extends object = ClaimsSet> {
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
  readonly key: {
    /** The key's `kid`; null if it has none. */
    readonly kid: string | null
    /** The token's `alg`. */
    readonly alg: Algorithm
  }
  /** What vouched for it. */
  readonly evidence: 'signature' | 'receipt'
  /**
   * What identifies the token whatever its spelling: a domain-separated SHA-256, base64url; of a receipt over its issuer
   * and the token's hash, of a JWS over (iss, jti), without `jti` over the JWS Signing Input (over the HMAC of it
   * where that is the signature). Uses, replay and deny lists are keyed by it. As a claim does, it may keep
   * the text of all claims alive, in an engine whose strings share memory; the stores take a copy.
   */
  readonly id: string
  /** Present where uses are limited. `left` is known only to redeem(); verify() leaves it null. */
  readonly uses?: {
    /** How many times the token may be redeemed: the lower of the policy's limit and the receipt's. */
    readonly limit: number
    /** How many uses are left after this one; null where none was counted. */
    readonly left: number | null
  }
}

/** The code of a {@link Warning}. The list may grow. */
export type WarningCode =
  | 'receipt_missing'
  | 'encrypted'
  | 'sd_jwt'
  | 'scheme_prefix'
  | 'quoted'
  | 'whitespace'
  | 'padded'
  | 'base64_alphabet'
  | 'sample_token'
  | 'known_secret'
  | 'unsigned'
  | 'alg_not_supported'
  | 'alg_key_mismatch'
  | 'der_signature'
  | 'microsoft_api'
  | 'key_in_header'
  | 'no_expiry'
  | 'milliseconds'
  | 'lifetime_too_long'
  | 'no_audience'
  | 'client_access_token'
  | 'id_token'
  | 'personal_data'
  | 'bound'
  | 'claims_not_shown'

/** The name of a {@link Check}. The list may grow. */
export type CheckName =
  | 'structure'
  | 'header'
  | 'alg'
  | 'typ'
  | 'key'
  | 'signature'
  | 'claims'
  | 'receipt'
  | 'uses'
  | 'issuer'
  | 'key_issuer'
  | 'subject'
  | 'audience'
  | 'required_claim'
  | 'claim'
  | 'nonce'
  | 'expiry'
  | 'not_before'
  | 'issued_at'
  | 'age'
  | 'lifetime'
  | 'confirmation'
  | 'scope'
  | 'permission'
  | 'bind'

/** A token system that an inspection can recognise. The list may grow. */
export type System =
  | 'publiq'
  | 'auth0'
  | 'keycloak'
  | 'cognito'
  | 'entra'
  | 'googleIap'
  | 'firebase'
  | 'cloudflareAccess'
  | 'supabase'
  | 'shopify'
  | 'juspay'
  | 'vtex'
  | 'cashfree'
  | 'accessToken'
  | 'jwt.io'
  | 'stripe'
  | 'okta'
  | 'google'
  | 'apple'
  | 'clerk'
  | 'githubActions'
  | 'kubernetes'
  | 'spiffe'

/** Something unusual or unsafe about a token. */
export interface Warning {
  /** What was noticed. The README has a table. */
  readonly code: WarningCode
  /** The claim or Header Parameter that it is about. */
  readonly claim?: string
  /** The same in a sentence, with the remedy where there is one. The text is fixed per code. */
  readonly message: string
}

/** The contents of a token, untrusted. It cannot be passed off as a {@link Verified}. */
export interface Inspection {
  /** Exactly two dots and no "~" is a JWS, four a JWE; "countersigned" is receipt~token. */
  readonly kind: 'jws' | 'jwe' | 'opaque' | 'countersigned' | 'malformed'
  /** The JOSE Header, if it can be read. */
  readonly header?: JoseHeader
  /** The JWT Claims Set, if it can be read and takes at most 131,072 octets. */
  readonly claims?: ClaimsSet
  /** The segments as text, for display. */
  readonly parts: readonly string[]
  /** Its times, in seconds since the Unix epoch, if they can be read. */
  readonly time?: {
    /** `iat`; null if it is absent. */
    readonly issuedAt: number | null
    /** `nbf`; null if it is absent. */
    readonly notBefore: number | null
    /** `exp`; null if it is absent. */
    readonly expiresAt: number | null
    /** Where the current time is between `nbf` and `exp`. */
    readonly state: 'not_yet_valid' | 'current' | 'expired' | 'never_expires'
    /** Seconds until `exp`; below zero, since; null without `exp`. */
    readonly secondsLeft: number | null
  }
  /** Every check in order. Only from {@link Verifier.inspect}. */
  readonly checks: readonly Check[]
  /** What is unusual or unsafe about the token. */
  readonly warnings: readonly Warning[]
  /** Token systems whose shape this is, likeliest first, e.g. `["publiq", "auth0"]`. */
  readonly looksLike: readonly System[]
  /** Why it cannot be read or, from a verifier, why it is refused. */
  readonly error?: TokenError
}

/** One check with its outcome. */
export interface Check {
  /** What is checked: `structure`, `alg`, `signature`, `issuer`, … */
  readonly name: CheckName
  /** `not_checked`: the policy does not ask, or an earlier check left nothing to look at. */
  readonly outcome: 'pass' | 'fail' | 'not_checked'
  /** The Claim Name or Header Parameter to blame, if the check failed. */
  readonly claim?: string
  /** What the policy requires. */
  readonly expected?: unknown
  /** What the token contains. */
  readonly actual?: unknown
  /** The refusal, if the check failed. */
  readonly error?: TokenError
}

/** What an opaque token was issued for, until when, and how often it may be used. */
export interface Receipt {
  /** NumericDate or RFC 3339 text. A text without a zone, an impossible date, a moment in the past or beyond a year is refused, never guessed. */
  expires: number | string
  /** What the token was issued for, e.g. `{ order_id: '…' }`. */
  bind: Readonly<Record<string, string | number>>
  /** The receipt's `iss`: the backend that countersigns. Default: none. */
  issuer?: string
  /** The receipt's `aud`. Default: none. */
  audience?: string | readonly string[]
  /** The receipt's `scope`: scope-tokens, space-delimited. Default: none. */
  scope?: string
  /** How many times it may be redeemed. */
  uses?: number
  /** May not name a registered claim or one of the receipt's own. */
  claims?: Readonly<Record<string, unknown>>
  /** Seconds since the Unix epoch. Default: the runtime's clock. */
  now?: number
}

/** The key that signs receipts: HS256 with a secret; or Ed25519, so that a verifier cannot countersign. */
export type ReceiptKey =
  | {
      /** For HS256; a string is its UTF-8 octets. At least 32 octets. */
      secret: string | Uint8Array
      /** The receipt's `kid`. Default: none. */
      kid?: string
    }
  | {
      /** An Ed25519 JWK with its private part. */
      privateKey: Jwk
      /** The receipt's `kid`. Default: the JWK's own, or none. */
      kid?: string
    }

/** Whose Juspay client auth tokens they are, and what for. */
export interface JuspayOptions {
  /** The merchant's id at Juspay; receipts contain it as a claim. */
  merchantId: string
  /** Which of Juspay's environments issued the token. */
  environment: 'sandbox' | 'production'
  /** What the token is for: decides whether it binds to `order_id` or to `customer_id`. */
  kind: 'order' | 'customer'
}

/** Whose Cashfree SDK auth tokens they are, and what for. */
export interface CashfreeOptions {
  /** The app's id at Cashfree; receipts contain it as a claim. */
  appId: string
  /** Default "VKYC". */
  product?: string
  /** Which of Cashfree's environments issued the token. */
  environment: 'sandbox' | 'production'
}

/** Whose VTEX user tokens they are, and what for. */
export interface VtexOptions {
  /** The account name, or several. */
  account: string | readonly string[]
  /** Whose tokens: "admin" for users of the back office, "webstore" for shoppers. The claim `audience`. */
  audience: 'admin' | 'webstore'
}

/** Which publiq access tokens open this API. */
export interface PubliqOptions {
  /** Which of publiq's environments issued the token: decides the issuers. */
  environment: 'test' | 'acceptance' | 'production'
  /** Held against the claims `scope` and `permissions`. One of `scope` and `api` at least. */
  scope?: string | readonly string[]
  /** The short name of an API, e.g. "entry", held against `https://publiq.be/publiq-apis` alone. */
  api?: string
  /** Default "auth0", the issuers documented; "keycloak" adds the realm's, or name them. */
  issuedBy?: 'auth0' | 'keycloak'
  /** The issuers in place of those of `environment` and `issuedBy`. Default: those. */
  issuer?: string | readonly string[]
  /** Default "https://api.publiq.be". */
  audience?: string | null
  /** Default "any": ID tokens are refused in any case. */
  tokens?: 'client' | 'user' | 'any'
}

/** Whose JWT access tokens (RFC 9068) they are, and for whom. */
export interface AccessTokenOptions {
  /** Required `iss`. */
  issuer: string
  /** The resource server: required among the token's audiences. */
  audience: string
  /** As in a policy. Default: no scope is required. */
  scope?: Policy['scope']
}

/** The type of `Symbol.dispose`; `never` under a `lib` of TypeScript without it. */
type DisposeSymbol = SymbolConstructor extends { readonly dispose: infer Name extends symbol } ? Name : never

/**
 * The member `[Symbol.dispose]`, which `using` calls. It frees what the object holds; the object cannot be used any more.
 *
 * Under a `lib` of TypeScript that has no `Symbol.dispose` (es2022) the type has no member: declarations that name the
 * symbol would not compile there.
 */
export type Disposes = { readonly [Name in DisposeSymbol]: () => void }
