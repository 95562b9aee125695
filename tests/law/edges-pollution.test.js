// @ts-check
/** What somebody has put into the prototype of every object widens no policy and turns no verdict. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TokenError, Verifier } from 'countersign'
import { ANY, CLAIMS, clock, key, mint, pair } from './caller.js'
import { jws } from './sign.js'
import { NOW } from './target.js'

/** Runs `work` while every object inherits `members`. @template T @param {Record<string, unknown>} members @param {() => T} work @returns {T} */
function polluted(members, work) {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(Object.prototype, name, Object.assign(Object.create(null), { value, ...INHERITED }))
  }
  try {
    return work()
  } finally {
    for (const name of Object.keys(members)) delete (/** @type {any} */ (Object.prototype)[name])
  }
}

/** Lasts until it is deleted, and shows in every loop. */
const INHERITED = { configurable: true, writable: true, enumerable: true }

const POLLUTION = {
  ...{ get: () => 'x', set: () => 'x', value: 'x', writable: false, enumerable: true, configurable: false },
  ...{
    name: 'x',
    message: 'x',
    stack: 'x',
    cause: 'x',
    kind: 'x',
    text: 'x',
    octets: new Uint8Array(3),
    entries: () => [],
  },
  ...{
    issuer: null,
    audience: null,
    audienceClaim: 'sub',
    algorithms: ['none'],
    typ: 'x',
    subject: 'x',
    scope: 'x',
    scopeClaims: ['x'],
    claims: { x: 1 },
  },
  ...{
    requiredClaims: ['x'],
    bind: { id: '7' },
    evidence: 'receipt',
    expiry: 'optional',
    maxAgeSeconds: 1,
    leewaySeconds: 300,
    maxTokenBytes: 1,
    profile: {},
  },
  ...{
    keys: { secret: new Uint8Array(32) },
    secret: new Uint8Array(32),
    pem: 'x',
    jwk: {},
    jwks: { keys: [] },
    kid: 'x',
    alg: 'none',
    kty: 'oct',
    k: 'AAAA',
  },
  ...{
    now: 1,
    nonce: 'x',
    clock: () => 1,
    grants: async () => true,
    cache: { entries: 1 },
    uses: {},
    code: 'ok',
    claim: 'x',
    error: { code: 'token_expired' },
  },
  ...{
    expected: 'x',
    actual: 'x',
    status: 200,
    header: {},
    exp: 1,
    iss: 'x',
    aud: 'x',
    sub: 'x',
    carriers: [],
    refusal: 'x',
    current: () => ({ keys: [] }),
    refresh: async () => ({ keys: [] }),
  },
  ...{
    toJSON: () => 'x',
    then: (/** @type {(value: unknown) => void} */ settle) => settle('x'),
    0: 'x',
    length: 7,
    checks: [],
    warnings: [],
    generation: 1,
    verifier: {},
    path: 'x',
    material: {},
    tags: {},
  },
}

test('what somebody put into Object.prototype has no effect', () => {
  const strict = { issuer: CLAIMS.iss, audience: CLAIMS.aud, keys: { jwk: pair.jwk }, clock }
  const token = jws(pair, { alg: 'ES256' }, CLAIMS)
  const others = [
    mint(),
    jws(pair, { alg: 'ES256' }, { ...CLAIMS, exp: NOW }),
    jws(pair, { alg: 'ES256' }, { exp: NOW + 60 }),
    'x',
    null,
    '',
  ]
  const ask = () => {
    const built = new Verifier(strict)
    return [token, ...others].map((one) => {
      const outcome = built.tryVerify(one, { scope: 'a' })
      const free = built.tryVerify(one)
      return [outcome, free].map((found) => [
        found.ok,
        Object.hasOwn(found, 'code') && /** @type {any} */ (found).code,
        found instanceof TokenError && Object.hasOwn(found, 'claim') && found.claim,
      ])
    })
  }
  const plain = ask()
  assert.deepEqual(polluted(POLLUTION, ask), plain)
  for (const [name, value] of Object.entries(POLLUTION)) assert.deepEqual(polluted({ [name]: value }, ask), plain, name)
  const missing = polluted(POLLUTION, () => {
    const wrong = /** @type {any[]} */ ([
      {},
      { ...ANY },
      { issuer: null, keys: strict.keys },
      { audience: null, keys: strict.keys },
      { ...ANY, keys: {} },
      { ...ANY, keys: [{}] },
    ])
    return wrong.map((options) => {
      try {
        return Boolean(new Verifier(options))
      } catch (error) {
        return error instanceof TypeError
      }
    })
  })
  assert.deepEqual(missing, [true, true, true, true, true, true])
  for (const options of /** @type {any[]} */ ([
    {},
    { ...ANY },
    { issuer: null, keys: strict.keys },
    { ...ANY, keys: {} },
  ])) {
    polluted(POLLUTION, () => {
      let built = true
      try {
        new Verifier(options)
      } catch {
        built = false
      }
      if (built) throw new Error('an option was inherited')
    })
  }
})

test('what somebody put into Object.prototype is no evidence of a refusal', () => {
  const verifier = new Verifier({ ...ANY, issuer: 'i', keys: { secret: key.secret }, clock })
  const none = jws(key, { alg: 'none' }, {})
  const tokens = [mint({ iss: 'other' }), mint({ iss: undefined }), mint({ iss: 7 }), mint({ iss: 'i', exp: NOW }), none, 'x', '']
  const evidence = () =>
    tokens.map((token) => {
      const { code, claim, expected, actual } = /** @type {TokenError} */ (verifier.tryVerify(token))
      return { code, claim, expected, actual }
    })
  const fresh = evidence()
  const members = { expected: 'x', actual: 'x' }
  for (let turn = 0; turn < 2; turn += 1) assert.deepEqual(polluted(members, evidence), fresh)
})
