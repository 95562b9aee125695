// @ts-check
/**
 * Limited use: what a policy that limits uses requires of a token.
 *
 * Runners without a counter build no such verifier, so these are for the core alone; the package's own tests redeem.
 *
 * @module
 */

import { err, keys, mint, NOW, ok, publicJwk, write } from './lib.js'

const key = keys.ed25519
const exp = NOW + 300

/** @type {Record<string, any>[]} */
const vectors = []

/** @param {{ name: string, ref: string, options: object, claims: Record<string, unknown>, answer: object }} given */
async function vector({ name, ref, options, claims, answer }) {
  vectors.push({
    name,
    ref,
    only: ['rust'],
    options: { issuer: null, audience: null, ...options },
    keys: { jwk: publicJwk(key) },
    token: await mint(key, claims),
    now: NOW,
    answer,
  })
}

const SINGLE = 'pkg/src/types.ts Policy.singleUse'
const LIMITED = 'pkg/src/types.ts Policy.maxUses'

await vector({
  name: 'a token for single use has one use',
  ref: SINGLE,
  options: { singleUse: true },
  claims: { exp, jti: 'a' },
  answer: ok({ uses: { limit: 1, left: null } }),
})
await vector({
  name: 'single use makes jti required',
  ref: SINGLE,
  options: { singleUse: true },
  claims: { exp },
  answer: err('claim_missing', 'jti'),
})
await vector({
  name: 'a jti that is no string is malformed',
  ref: 'RFC 7519 section 4.1.7',
  options: { singleUse: true },
  claims: { exp, jti: 7 },
  answer: err('claim_malformed', 'jti', { expected: 'string', actual: 7 }),
})
await vector({
  name: 'a token has as many uses as the policy allows',
  ref: LIMITED,
  options: { maxUses: 30 },
  claims: { exp },
  answer: ok({ uses: { limit: 30, left: null } }),
})
await vector({
  name: 'of single use and a limit the lower holds',
  ref: LIMITED,
  options: { maxUses: 30, singleUse: true },
  claims: { exp, jti: 'a' },
  answer: ok({ uses: { limit: 1, left: null } }),
})
for (const options of [{ maxUses: 30 }, { singleUse: true }]) {
  await vector({
    name: `limited uses make exp required: ${Object.keys(options)}`,
    ref: 'pkg/src/types.ts Policy.expiry',
    options: { ...options, expiry: 'optional' },
    claims: { jti: 'a' },
    answer: err('claim_missing', 'exp'),
  })
}

write('uses.json', vectors)
