// @ts-check
/**
 * The order of the steps: a token with every fault from one step on is refused at that step.
 *
 * @module
 */

import { b64u, err, forge, keys, NOW, ok, publicJwk, write } from './lib.js'

const key = keys.ed25519
const options = {
  issuer: ['https://issuer.example', 'https://other.example'],
  audience: 'https://api.example',
  algorithms: ['EdDSA'],
  typ: 'at+jwt',
  subject: 'user-1',
  requiredClaims: ['client_id'],
  claims: { role: 'admin', tenant: 't-1' },
  maxAgeSeconds: 600,
  maxLifetimeSeconds: 1200,
  scope: 'read',
  bind: ['order_id'],
}
const verificationKeys = [
  { jwk: publicJwk(key, { kid: 'a' }), issuer: 'https://issuer.example' },
  { jwk: publicJwk(keys.ed25519Other, { kid: 'b' }) },
]
const expected = { nonce: 'n-1', bind: { order_id: 'o-1' } }

const goodHeader = { alg: 'EdDSA', typ: 'at+jwt', kid: 'a' }
const goodClaims = {
  iss: 'https://issuer.example',
  sub: 'user-1',
  aud: 'https://api.example',
  client_id: 'c-1',
  role: 'admin',
  tenant: 't-1',
  nonce: 'n-1',
  exp: NOW + 600,
  nbf: NOW,
  iat: NOW,
  scope: 'read',
  order_id: 'o-1',
}

/**
 * Every fault in the order of the steps, each with its refusal. What comes before is mended in the
 * token of a fault; what comes after is not.
 * @typedef {{ header?: object, claims?: object, payload?: string, unsigned?: true }} Hurt
 * @type {(Hurt & { name: string, refusal: object })[]}
 */
const faults = [
  { name: 'crit', header: { crit: ['urn:x'] }, refusal: err('crit_not_supported', 'crit') },
  {
    name: 'an algorithm that is not supported',
    header: { alg: 'none' },
    refusal: err('alg_not_supported', 'alg'),
  },
  {
    name: 'an algorithm that is not allowed',
    header: { alg: 'HS256' },
    refusal: err('alg_not_allowed', 'alg'),
  },
  { name: 'another typ', header: { typ: 'JWT' }, refusal: err('typ_mismatch', 'typ') },
  { name: 'an unknown kid', header: { kid: 'c' }, refusal: err('key_not_found', 'kid') },
  { name: 'a bad signature', unsigned: true, refusal: err('signature_invalid') },
  {
    name: 'a payload that is no Claims Set',
    payload: '{"exp":1,"exp":2}',
    refusal: err('claims_malformed'),
  },
  {
    name: 'a registered claim of the wrong type',
    claims: { jti: 5 },
    refusal: err('claim_malformed', 'jti'),
  },
  {
    name: 'an issuer outside the policy',
    claims: { iss: 'https://third.example' },
    refusal: err('claim_mismatch', 'iss', { actual: 'https://third.example' }),
  },
  {
    name: 'an issuer the key does not vouch for',
    claims: { iss: 'https://other.example' },
    refusal: err('claim_mismatch', 'iss', { actual: 'https://other.example' }),
  },
  { name: 'another subject', claims: { sub: 'user-2' }, refusal: err('claim_mismatch', 'sub') },
  {
    name: 'another audience',
    claims: { aud: 'https://other.example' },
    refusal: err('claim_mismatch', 'aud'),
  },
  {
    name: 'a required claim that is absent',
    claims: { client_id: undefined },
    refusal: err('claim_missing', 'client_id'),
  },
  {
    name: 'one claim rule',
    claims: { role: 'user' },
    refusal: err('claim_mismatch', 'role'),
  },
  {
    name: 'another claim rule',
    claims: { tenant: 't-2' },
    refusal: err('claim_mismatch', 'tenant'),
  },
  { name: 'another nonce', claims: { nonce: 'n-2' }, refusal: err('claim_mismatch', 'nonce') },
  { name: 'an exp that has come', claims: { exp: NOW }, refusal: err('token_expired', 'exp') },
  { name: 'an nbf to come', claims: { nbf: NOW + 1 }, refusal: err('token_not_yet_valid', 'nbf') },
  { name: 'an iat too far back', claims: { iat: NOW - 601 }, refusal: err('token_too_old', 'iat') },
  {
    name: 'too long a lifetime',
    claims: { exp: NOW + 1201 },
    refusal: err('lifetime_too_long', 'exp'),
  },
  {
    name: 'a key that is not proved',
    claims: { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } },
    refusal: err('proof_missing', 'cnf'),
  },
  {
    name: 'a scope that is not enough',
    claims: { scope: 'write' },
    refusal: err('scope_insufficient', 'scope'),
  },
  {
    name: 'another order',
    claims: { order_id: 'o-2' },
    refusal: err('binding_mismatch', 'order_id'),
  },
]

const vectors = faults.map(({ name, refusal }, at) => {
  const header = { ...goodHeader }
  const claims = { ...goodClaims }
  let payload
  let unsigned = false
  // From the last to this one, so that of two faults in one member the earlier stands.
  for (const fault of faults.slice(at).reverse()) {
    Object.assign(header, fault.header)
    Object.assign(claims, fault.claims)
    payload = fault.payload ?? payload
    unsigned ||= fault.unsigned === true
  }
  const token = forge(key, JSON.stringify(header), payload ?? JSON.stringify(claims))
  const cut = token.slice(0, token.lastIndexOf('.'))
  return {
    name: `${name} is refused before all that follows`,
    ref: 'errors.md rule 3',
    options,
    keys: verificationKeys,
    token: unsigned ? `${cut}.${b64u(Buffer.alloc(64, 1))}` : token,
    expected,
    now: NOW,
    answer: refusal,
  }
})

vectors.push({
  name: 'without a fault the token is verified',
  ref: 'errors.md rule 3',
  options,
  keys: verificationKeys,
  token: forge(key, JSON.stringify(goodHeader), JSON.stringify(goodClaims)),
  expected,
  now: NOW,
  answer: ok({ scope: ['read'], expiresAt: NOW + 600 }),
})

write('order.json', vectors)
