/**
 * Explanations of the refusal codes: what failed, what usually causes it, and which option lets the token pass.
 *
 * @module
 */

import type { ErrorCode, UnavailableError } from '../error.js'

/** Every code that a log line can hold. */
export type Code = ErrorCode | UnavailableError['code']

/** What is known of a code. */
export interface RefusalText {
  /** The check that failed. */
  readonly failed: string
  /** What usually causes it, the likeliest first. */
  readonly causes: readonly string[]
  /** What to change if the token should be accepted; `claim` is the one to blame. */
  readonly change: (claim: string) => string
}

/** What is known of `code`, or `undefined` if there is no such code. */
export function refusalOf(code: string): RefusalText | undefined {
  return isCode(code) ? REFUSALS[code] : undefined
}

/** Whether `text` is a code. */
export function isCode(text: string): text is Code {
  return Object.hasOwn(REFUSALS, text)
}

/** Every code. */
export function codes(): readonly string[] {
  return Object.keys(REFUSALS)
}

const GET_ANOTHER = 'Obtain a new token; no option accepts this one.'

const PROOF = 'Send the proof of possession with the request, and pass it to the verifier as `expected.proof`.'

/** The option that holds the requirement for a claim. */
function optionFor(claim: string): string {
  switch (claim) {
    case 'iss':
      return '`issuer` (--issuer), exactly as the token has it: a terminating slash counts'
    case 'aud':
      return '`audience` (--audience), one of the audiences of the token; `audienceClaim` if they are in another claim'
    case 'sub':
      return '`subject` (--subject)'
    case 'nonce':
      return '`expected.nonce`, the nonce of the login'
    default:
      return `\`claims[${JSON.stringify(claim === '' ? 'NAME' : claim)}]\` (--claim)`
  }
}

const REFUSALS: Readonly<Record<Code, RefusalText>> = {
  token_missing: {
    failed: 'There was no token to verify.',
    causes: [
      'The client sent no Authorization header, or another scheme than Bearer.',
      'A proxy or a redirect removed the header.',
      'The variable that should hold the token is empty.',
    ],
    change: () => 'Send the token. If it is in another header or a cookie: the option `carriers` of the guard.',
  },
  request_malformed: {
    failed: 'The request carries a token in a way that is not allowed, or two that differ.',
    causes: [
      'An old cookie is sent beside a new Authorization header.',
      'The header holds the scheme twice (“Bearer Bearer …”), or text after the token.',
    ],
    change: () => 'Send one token. If only one place should be read: the option `carriers` of the guard.',
  },
  token_too_large: {
    failed: 'The token is longer than the policy allows. It was not read.',
    causes: ['The issuer puts many groups or roles into the token.', 'What was sent is not a token.'],
    change: () => '`maxTokenBytes` in the policy: 16384 by default, at most 1048576.',
  },
  token_malformed: {
    failed: 'The text is not a JWS Compact Serialization: three parts of base64url, separated by dots.',
    causes: [
      'The token was cut off or broken into lines when it was copied.',
      'It still has its quotes, or the word “Bearer” before it.',
      'It is an opaque token or a refresh token, which only its issuer can read.',
    ],
    change: () => 'Send the token exactly as its issuer wrote it. An opaque token must be countersigned first.',
  },
  header_malformed: {
    failed: 'The JOSE Header of the token is not one JSON object with members of the right type.',
    causes: ['The token was changed, or written by hand.', 'Its issuer writes a member twice.'],
    change: () => GET_ANOTHER,
  },
  crit_not_supported: {
    failed: 'The header requires an extension (“crit”) that this verifier does not have.',
    causes: ['The issuer uses an extension of its own.', 'The token was written to try the verifier.'],
    change: () => GET_ANOTHER,
  },
  alg_not_supported: {
    failed: 'The algorithm that the header names is not implemented.',
    causes: ['The token is not signed: its “alg” is “none”.', 'Its issuer uses an algorithm that is rare.'],
    change: () => 'Let the issuer sign with one of the algorithms in the README. An unsigned token is never accepted.',
  },
  alg_not_allowed: {
    failed: 'Neither the policy nor a key allows the algorithm that the header names.',
    causes: [
      'The keys are those of another issuer or environment.',
      'The key has an “alg”, and the issuer signs with another one.',
      'Someone signed a token with a public key as if it were a secret.',
    ],
    change: () => '`algorithms` (--alg), and keys of that type. A key only allows the algorithms of its own type.',
  },
  typ_mismatch: {
    failed: 'The “typ” of the header is not the one that the policy requires.',
    causes: ['An ID token was sent in place of an access token.', 'The issuer does not write “at+jwt”.'],
    change: () => '`typ` (--typ), or leave it out if the issuer has only one kind of token for this audience.',
  },
  key_not_found: {
    failed: 'No key fits the header of the token.',
    causes: [
      'The keys are those of another issuer or environment.',
      'The issuer changed its keys, and the ones in hand are old.',
      'The token is older than the keys that are published.',
    ],
    change: () => '`keys`: the current set of the issuer (--jwks, --discover). `countersign keys URL` lists it.',
  },
  key_rejected: {
    failed: 'The only key with the “kid” of the token must not be used for it.',
    causes: [
      'The key is for encryption (“use”: “enc”), or its “alg” or “key_ops” is for something else.',
      'It is too weak: an RSA key of less than 2048 bits.',
    ],
    change: () => 'Let the issuer publish a fit key. `countersign keys URL` states what is wrong with each.',
  },
  signature_invalid: {
    failed: 'No key that fits signed these octets.',
    causes: [
      'The keys are those of another issuer or environment.',
      'The token was changed after it was signed.',
      'The secret has a line break at its end, or is base64 that was not decoded (--secret-encoding).',
    ],
    change: () => '`keys`. Nothing else can make an invalid signature valid.',
  },
  claims_malformed: {
    failed: 'The payload is signed, but it is not one JSON object.',
    causes: ['The token signs something that is not a set of claims.', 'Its issuer writes a member twice.'],
    change: () => GET_ANOTHER,
  },
  claim_missing: {
    failed: 'A claim that the policy requires is absent.',
    causes: ['The token is of another kind than the policy is for.', 'The issuer has to be set up to add the claim.'],
    change: (claim) =>
      claim === 'exp'
        ? '`expiry: "optional"` (--expiry-optional) accepts tokens that never expire.'
        : `Let the issuer add it; or the requirement: ${optionFor(claim)}.`,
  },
  claim_malformed: {
    failed: 'A claim has the wrong JSON type, or is a time that is no NumericDate.',
    causes: ['A time in milliseconds.', 'A number or a boolean that the issuer writes as text, or the reverse.'],
    change: () => 'Let the issuer write the claim as RFC 7519 has it; no option accepts another type.',
  },
  claim_mismatch: {
    failed: 'A claim is not the value that the policy requires.',
    causes: [
      'The token is for another API, or from another environment.',
      'The values differ in a slash, a letter’s case or a port.',
      'The keys vouch for another issuer.',
    ],
    change: (claim) => `${optionFor(claim)}.`,
  },
  token_expired: {
    failed: 'The time in “exp” has come.',
    causes: [
      'The client keeps a token for longer than it is valid.',
      'The clock of this machine is ahead of the issuer’s.',
    ],
    change: () => 'Obtain a new token. If only the clocks differ: `leewaySeconds` (--leeway), at most 300.',
  },
  token_not_yet_valid: {
    failed: 'The time in “nbf” (or “iat”, where the policy limits the age) is still to come.',
    causes: ['The clock of this machine is behind the issuer’s.', 'The token was issued for later.'],
    change: () => 'Set the clock. If it cannot be more exact: `leewaySeconds` (--leeway), at most 300.',
  },
  token_too_old: {
    failed: 'The token was issued longer ago than the policy allows.',
    causes: ['The client keeps tokens for too long.', 'The limit is shorter than the life of the tokens.'],
    change: () => '`maxAgeSeconds` (--max-age).',
  },
  lifetime_too_long: {
    failed: 'The time from “iat” to “exp” is longer than the policy allows.',
    causes: ['The issuer was set up to issue tokens that live longer.', 'The token is of another kind.'],
    change: () => '`maxLifetimeSeconds` (--max-lifetime), or a shorter life at the issuer.',
  },
  scope_insufficient: {
    failed: 'The token lacks a scope that the policy requires.',
    causes: [
      'The client did not request the scope, or may not have it.',
      'The issuer writes scopes into another claim than “scope” and “scp”.',
    ],
    change: () => '`scope` (--scope, --any-scope); `scopeClaims` in the policy names the claims that hold it.',
  },
  binding_mismatch: {
    failed: 'The token was issued for something else than this request is about.',
    causes: ['The client used the token of another order, customer or request.', 'The request did not state its id.'],
    change: () => '`expected.bind` (--bind NAME=VALUE): the id of what the request is about.',
  },
  grant_missing: {
    failed: 'The function `grants` did not allow it.',
    causes: ['The subject has lost a role, or never had it.'],
    change: () => 'The rights of the subject, or the function `grants` of the verifier.',
  },
  receipt_missing: {
    failed: 'The token is opaque and has no receipt; only a receipt can vouch for it.',
    causes: [
      'The backend passed the token on without countersigning it.',
      'A signed token was sent where the policy is for countersigned ones.',
    ],
    change: () => 'Countersign the token where it is obtained: `countersign countersign`, or `countersign()` in code.',
  },
  receipt_mismatch: {
    failed: 'The receipt was made for another token.',
    causes: ['Receipt and token were put together wrongly.', 'The token was changed.'],
    change: () => GET_ANOTHER,
  },
  uses_exhausted: {
    failed: 'The token was redeemed as often as it may be.',
    causes: ['The client retries with a token that is used up.', 'The token was stolen and used.'],
    change: () => 'Obtain a new token, or `maxUses`.',
  },
  token_replayed: {
    failed: 'A token with this “jti” was seen before.',
    causes: ['The client retries with a token that is used up.', 'The token was stolen and used.'],
    change: () => 'Obtain a new token, or leave `singleUse` out.',
  },
  token_revoked: {
    failed: 'The revocation source lists the token.',
    causes: ['The subject logged out, or an administrator revoked the token.'],
    change: () => GET_ANOTHER,
  },
  proof_missing: {
    failed: 'The token is bound to a key or a certificate (“cnf”), and came without proof of it.',
    causes: ['The client sent the token as a bearer token.', 'A proxy ended TLS, or removed the header DPoP.'],
    change: () => PROOF,
  },
  proof_invalid: {
    failed: 'The proof of possession fails a check.',
    causes: ['It was made for another URL or method.', 'The clocks differ.', 'It was signed with another key.'],
    change: () => PROOF,
  },
  proof_replayed: {
    failed: 'The proof of possession was used before.',
    causes: ['The client sent one proof twice; each request needs its own.'],
    change: () => PROOF,
  },
  nonce_required: {
    failed: 'The proof of possession lacks the nonce of the server.',
    causes: ['It is the first request of the client: it must repeat it with the nonce in the answer.'],
    change: () => PROOF,
  },
  keys_unavailable: {
    failed: 'The keys could not be fetched, so there is no verdict. The token may be good.',
    causes: [
      'The issuer is down, or this machine cannot reach it: a proxy, a firewall, DNS.',
      'The URL answers with something else than a key set.',
    ],
    change: () => 'Try again. `countersign keys URL` states what the URL answers.',
  },
  store_unavailable: {
    failed: 'A store (uses, seen ids, revocation, `grants`) could not be asked, so there is no verdict.',
    causes: ['The store is down, full, or cannot be reached.'],
    change: () => 'The store. No option accepts a token whose uses cannot be counted.',
  },
}
