// @ts-check
/** A member of `Object.prototype` widens no policy, changes no refusal, and changes nothing in a guard. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TokenError, UnavailableError, Verifier } from 'countersign'
import * as viaFastify from 'countersign/fastify'
import * as viaFetch from 'countersign/fetch'
import * as viaHono from 'countersign/hono'
import * as viaNode from 'countersign/node'
import { fastify } from 'fastify'
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

/** The member exists until it is deleted, and appears in every loop. */
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

test('a member of Object.prototype has no effect on a verifier', () => {
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

test('a member of Object.prototype is no evidence of a refusal', () => {
  const verifier = new Verifier({ ...ANY, issuer: 'i', keys: { secret: key.secret }, clock })
  const none = jws(key, { alg: 'none' }, {})
  const tokens = [
    mint({ iss: 'other' }),
    mint({ iss: undefined }),
    mint({ iss: 7 }),
    mint({ iss: 'i', exp: NOW }),
    none,
    'x',
    '',
  ]
  const evidence = () =>
    tokens.map((token) => {
      const { code, claim, expected, actual } = /** @type {TokenError} */ (verifier.tryVerify(token))
      return { code, claim, expected, actual }
    })
  const fresh = evidence()
  const members = { expected: 'x', actual: 'x' }
  for (let turn = 0; turn < 2; turn += 1) assert.deepEqual(polluted(members, evidence), fresh)
})

/** Runs `work` to its end while every object inherits `members`. @template T @param {Record<string, unknown>} members @param {() => Promise<T>} work */
async function pollutedUntil(members, work) {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(Object.prototype, name, Object.assign(Object.create(null), { value, ...INHERITED }))
  }
  try {
    return await work()
  } finally {
    for (const name of Object.keys(members)) delete (/** @type {any} */ (Object.prototype)[name])
  }
}

const bearer = `Bearer ${mint()}`

/** What a request without a good token could gain by: each name that a guard, a table or an answer has. */
const GUARD_MEMBERS = {
  ...{ carriers: [{ cookie: 'x' }], cookie: 'x', header: 'x', scheme: 'Basic', refusal: 'vtex', realm: 'x' },
  ...{ resourceMetadata: 'https://x.example/', expected: () => ({ now: 1 }), credentials: 'optional' },
  ...{ onRefused: () => assert.fail('called'), isOptional: true, hasExpected: true, write: () => ({ status: 302 }) },
  ...{ kind: 'verified', verified: { ok: true }, answer: { status: 200 }, token: mint(), ok: true },
  ...{ style: 'vtex', silent: true, isChallenged: false, error: 'evil", x="y', rows: new Map(), otherwise: {} },
  ...{ status: 200, statusText: 'x', body: 'x', type: 'x', title: 'x', detail: 'x', all: ['x'], any: ['x'] },
  ...{ rawHeaders: ['Authorization', bearer], authorization: bearer, Authorization: bearer, url: 'x' },
  ...{ claim: 'x', code: 'x', actual: 'x', toJSON: () => 'x', name: 'x', message: 'x', cause: 'x', path: 'x' },
  ...{ addHook: () => assert.fail('called'), verifyAsync: async () => ({ ok: true }), tryVerify: () => ({ ok: true }) },
  ...{ 400: 'x', 401: 'x', 403: 'x', 0: 'x', length: 3, index: 0, find: 'x', check: 'x', carrier: 'x' },
  ...{ 'Cache-Control': 'public', 'WWW-Authenticate': 'x', 'Retry-After': '1', 'Content-Type': 'text/html' },
}

const REQUESTS = /** @type {Record<string, string>[]} */ ([
  {},
  { authorization: bearer },
  { authorization: 'Bearer bad' },
  { authorization: 'Bearer' },
  { authorization: 'Basic YTpi' },
  { authorization: `${bearer},${bearer}x` },
  { cookie: `x=${mint()}` },
  { cookie: `session=${mint()}` },
  { cookie: `session=${mint()}; session=bad` },
  { 'x-token': 'bad' },
  { 'x-token': mint() },
])

/** Made while the prototype is clean: a Request reads its own options from it. */
const MADE = new Map(REQUESTS.map((headers) => [headers, new Request('https://api.example/', { headers })]))

/** @param {Record<string, string>} headers */
function requestOf(headers) {
  return MADE.get(headers) ?? assert.fail()
}

/** What each guard makes of a request, with its own kind of server. @type {Record<string, (verifier: any, options: any) => (headers: Record<string, string>) => Promise<unknown>>} */
const GUARDS = {
  fetch: (verifier, options) => {
    const protect = viaFetch.guard(verifier, options)
    return async (headers) => {
      const found = await protect(requestOf(headers))
      if (found === null) return 'unverified'
      if (found.ok) return found.claims.sub
      const { response, error } = found
      return [response.status, response.statusText, [...response.headers], await response.text(), error.message]
    }
  },
  node: (verifier, options) => {
    const protect = viaNode.guard(verifier, options)
    // A serverless platform's event: plain objects, without the lines as they arrived.
    return (headers) =>
      new Promise((resolve, reject) => {
        /** @type {unknown[]} */
        const sent = []
        const response = Object.assign(Object.create(null), {
          headersSent: false,
          statusCode: 0,
          setHeader: (/** @type {string} */ name, /** @type {string} */ value) => void sent.push([name, value]),
          end: (/** @type {string} */ text) => resolve([response.statusCode, sent, text]),
        })
        const request = /** @type {any} */ ({ method: 'GET', headers })
        protect(request, response, (error) =>
          error === undefined
            ? resolve(Object.hasOwn(request, 'verified') ? (request.verified?.claims.sub ?? 'unverified') : 'not set')
            : reject(error),
        )
      })
  },
  hono: (verifier, options) => {
    const protect = /** @type {any} */ (viaHono.guard(verifier, options))
    return async (headers) => {
      const kept = new Map()
      const context = {
        req: { method: 'GET', raw: requestOf(headers) },
        get: kept.get.bind(kept),
        set: kept.set.bind(kept),
      }
      const response = await protect(context, async () => {})
      if (response === undefined) return kept.get('verified')?.claims.sub ?? 'unverified'
      return [response.status, [...response.headers], await response.text()]
    }
  },
  'fastify hook': (verifier, options) => {
    const hook = /** @type {any} */ (viaFastify.guard(verifier, options))
    return (headers) =>
      new Promise((resolve, reject) => {
        const request = /** @type {any} */ ({ method: 'GET', raw: { method: 'GET', headers } })
        /** @type {unknown[]} */
        const sent = []
        const reply = Object.assign(Object.create(null), {
          code: (/** @type {number} */ status) => (sent.push(status), reply),
          headers: (/** @type {object} */ members) => (sent.push(Object.entries(members)), reply),
          send: (/** @type {string} */ text) => resolve([...sent, text]),
        })
        hook(request, reply, (/** @type {unknown} */ error) =>
          error === undefined
            ? resolve(Object.hasOwn(request, 'verified') ? (request.verified?.claims.sub ?? 'unverified') : 'not set')
            : reject(error),
        )
      })
  },
}

const OPTIONS = /** @type {any[]} */ ([
  {},
  { credentials: 'optional' },
  { carriers: [{ header: 'X-Token' }], credentials: 'optional' },
  { carriers: [{ cookie: 'session' }, { header: 'Authorization', scheme: 'Bearer' }] },
  { refusal: 'problem', realm: 'orders' },
])

const PLAIN = new Verifier({ ...ANY, keys: { secret: key.secret }, clock })
const VERIFIERS = [PLAIN, new Verifier({ ...ANY, scope: { any: ['a', 'b'] }, keys: { secret: key.secret }, clock })]

for (const [name, make] of Object.entries(GUARDS)) {
  test(`a member of Object.prototype changes nothing in the guard: ${name}`, async () => {
    const ask = async () => {
      /** @type {unknown[]} */
      const answers = []
      for (const verifier of VERIFIERS) {
        for (const options of OPTIONS) {
          const guarded = make(verifier, options)
          for (const headers of REQUESTS) answers.push(await guarded(headers))
        }
      }
      return answers
    }
    const clean = await ask()
    for (const [member, value] of Object.entries(GUARD_MEMBERS)) {
      const made = VERIFIERS.flatMap((verifier) => OPTIONS.map((options) => make(verifier, options)))
      assert.deepEqual(await pollutedUntil({ [member]: value }, ask), clean, member)
      // A guard made before the member was there.
      const answers = await pollutedUntil({ [member]: value }, async () => {
        const found = []
        for (const guarded of made) for (const headers of REQUESTS) found.push(await guarded(headers))
        return found
      })
      assert.deepEqual(answers, clean, `${member}, later`)
    }
  })
}

test('a member of Object.prototype makes no option and no verifier of a guard', () => {
  for (const { guard } of /** @type {any[]} */ ([viaFetch, viaNode, viaHono, viaFastify])) {
    polluted(GUARD_MEMBERS, () => {
      for (const carriers of [[{}], [{ scheme: 'Bearer' }], {}, []]) {
        let built = true
        try {
          guard(PLAIN, { carriers })
        } catch {
          built = false
        }
        if (built) throw new Error('a carrier was inherited')
      }
      let built = true
      try {
        guard({})
      } catch {
        built = false
      }
      if (built) throw new Error('a verifier was inherited')
    })
  }
})

test('a member of Object.prototype changes no log of an error', () => {
  const log = () =>
    JSON.stringify([
      new UnavailableError('keys_unavailable').toJSON(),
      new TokenError({ code: 'token_missing' }).toJSON(),
    ])
  const clean = log()
  for (const name of ['claim', 'cause', 'status', 'code']) assert.equal(polluted({ [name]: 'x' }, log), clean)
})

test('a member of Object.prototype changes nothing in a guarded scope of Fastify', async () => {
  const app = fastify()
  app.register(viaFastify.guard(PLAIN, {}))
  app.get('/', async (request) => request.verified?.claims.sub ?? 'unverified')
  await app.ready()
  const ask = async () => {
    const answers = []
    for (const headers of REQUESTS) {
      const response = await app.inject({ url: '/', headers })
      answers.push([response.statusCode, response.headers['www-authenticate'], response.body])
    }
    return answers
  }
  const clean = await ask()
  for (const name of /** @type {const} */ ([
    'cookie',
    'scheme',
    'silent',
    'kind',
    'verified',
    'credentials',
    'realm',
  ])) {
    assert.deepEqual(await pollutedUntil({ [name]: GUARD_MEMBERS[name] }, ask), clean, name)
  }
})
