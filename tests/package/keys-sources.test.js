// @ts-check
/** Several sources beside each other, and sources that misbehave: each is asked by itself and fails by itself. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { remoteKeys, UnavailableError, Verifier } from 'countersign'
import { startSandbox } from 'countersign/sandbox'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { codes } from './keys/origin.js'

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

const ANY = { issuer: null, audience: null }
const EXP = Math.floor(Date.now() / 1000) + 3600

/** @param {string} kid */
async function key(kid) {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const sign = (/** @type {object} */ header = {}) =>
    new SignJWT({ exp: EXP, order_id: '1' }).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(privateKey)
  return { jwk: { ...(await exportJWK(publicKey)), kid }, pem: await exportSPKI(publicKey), sign, token: await sign() }
}

/** A source that begins with one set and refreshes to another. @param {any} before @param {any} [next] */
function source(before, next = before) {
  let set = before
  let looks = 0
  return {
    get looks() {
      return looks
    },
    current: () => set,
    async refresh() {
      looks += 1
      return (set = next)
    },
  }
}

const NEVER = () => new Promise(() => {})

test('a source that never settles cannot hang verifyAsync', { timeout: 20_000 }, async () => {
  const { token } = await key('a')
  const verifier = new Verifier({ ...ANY, keys: { current: () => undefined, refresh: /** @type {any} */ (NEVER) } })
  await assert.rejects(verifier.verifyAsync(token), (error) => {
    assert.ok(error instanceof UnavailableError)
    assert.match(String(error.cause), /TimeoutError/)
    return true
  })
})

/** Shorter than a verifier waits for one source. */
const SOON = { timeout: 4000 }

test('a slow or dead source does not delay a token whose key another entry has', SOON, async () => {
  const [old, fresh] = await Promise.all([key('old'), key('new')])
  const hanging = { current: () => undefined, refresh: /** @type {any} */ (NEVER) }
  const rotating = source({ keys: [old.jwk] }, { keys: [fresh.jwk] })
  for (const keys of [
    [hanging, { jwk: fresh.jwk }],
    [hanging, source({ keys: [fresh.jwk] })],
    [hanging, rotating],
  ]) {
    assert.equal((await new Verifier({ ...ANY, keys }).verifyAsync(fresh.token)).ok, true)
  }
  assert.equal(rotating.looks, 1)
})

test('what one source publishes does not keep another from being asked', async () => {
  const [old, fresh, evil] = await Promise.all([key('old'), key('new'), key('new')])
  for (const keys of [[], [{ ...evil.jwk, use: 'enc' }], [evil.jwk]]) {
    const honest = source({ keys: [old.jwk] }, { keys: [fresh.jwk] })
    const verifier = new Verifier({ ...ANY, keys: [honest, source({ keys })] })
    assert.equal((await codes([verifier.verifyAsync(fresh.token)]))[0], 'ok')
    assert.equal(honest.looks, 1)
  }
})

test('a kid that a source has does not cause a refresh of it', async () => {
  const [mine, other] = await Promise.all([key('a'), key('a')])
  const keys = source({ keys: [mine.jwk] })
  const verifier = new Verifier({ ...ANY, keys })
  await assert.rejects(verifier.verifyAsync(other.token), { code: 'signature_invalid' })
  assert.equal(keys.looks, 0)
  await assert.rejects(verifier.verifyAsync(await other.sign({ kid: undefined })), { code: 'signature_invalid' })
  assert.equal(keys.looks, 1)
})

test('a source that throws, rejects or brings something else is keys_unavailable with its cause', async () => {
  const { jwk, token } = await key('a')
  const own = new RangeError('of the source')
  const fail = () => {
    throw own
  }
  /** @type {[string, any, RegExp][]} */
  const cases = [
    ['refresh throws', { current: () => undefined, refresh: fail }, /of the source/],
    ['refresh rejects', { current: () => undefined, refresh: async () => fail() }, /of the source/],
    ['refresh rejects with nothing', { current: () => undefined, refresh: () => Promise.reject() }, /without a reason/],
    ['current throws', { current: fail, refresh: async () => undefined }, /of the source/],
    ['refresh brings nothing', source(undefined), /^undefined$|no set/],
    ['a discovery document', source({ issuer: 'a', jwks_uri: 'https://a.example/jwks' }), /discovery document/],
    ['an array', source([jwk]), /an array/],
    ['JSON text', source(JSON.stringify({ keys: [jwk] })), /JSON text/],
    ['text', source('<html>'), /text/],
    ['an error body', source({ error: 'not found' }), /error body/],
    ['one JWK', source(jwk), /single JWK/],
    ['keys that is an object', source({ keys: {} }), /not an array/],
    ['keys that is a promise', source({ keys: Promise.resolve([jwk]) }), /not an array/],
    ['null', source(null), /null/],
    ['a number', source(7), /number/],
    ['an empty object', source({}), /object/],
    [
      'a getter that throws',
      source(Object.defineProperty({}, 'keys', { get: fail, enumerable: true })),
      /of the source/,
    ],
  ]
  for (const [name, keys, cause] of cases) {
    const verifier = new Verifier({ ...ANY, keys })
    await assert.rejects(
      verifier.verifyAsync(token),
      (error) => {
        assert.ok(error instanceof UnavailableError, `${name}: ${error}`)
        assert.match(String(error.cause), cause, name)
        return true
      },
      name,
    )
    const beside = new Verifier({ ...ANY, keys: [keys, { jwk }] })
    assert.equal((await beside.verifyAsync(token)).ok, true, name)
  }
})

test('a current() that returns a promise is a TypeError, and its rejection is handled', async () => {
  const { token } = await key('a')
  for (const current of [
    async () => ({ keys: [] }),
    () => Promise.reject(new Error('unhandled')),
    () => ({ then() {} }),
  ]) {
    const keys = { current: /** @type {any} */ (current), refresh: async () => ({ keys: [] }) }
    const verifier = new Verifier({ ...ANY, keys })
    assert.throws(() => verifier.tryVerify(token), TypeError)
    await assert.rejects(verifier.verifyAsync(token), TypeError)
  }
})

test('one source throws while another rejects: nothing is left unhandled', async () => {
  const { jwk, token } = await key('a')
  const [down, limited] = [
    { current: () => ({ keys: [jwk] }), refresh: async () => Promise.reject(new Error('down')) },
    {
      current: () => ({ keys: [jwk] }),
      refresh: () => {
        throw new Error('limited')
      },
    },
  ]
  /** @type {unknown[]} */
  const unhandled = []
  const note = (/** @type {unknown} */ reason) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    const verifier = new Verifier({ ...ANY, keys: [down, limited] })
    const stranger = (await key('b')).token
    await assert.rejects(verifier.verifyAsync(stranger), { code: 'keys_unavailable' })
    assert.equal((await verifier.verifyAsync(token)).ok, true)
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.deepEqual(unhandled, [])
  } finally {
    process.off('unhandledRejection', note)
  }
})

test('an unknown kid is 401 after a refresh that succeeded and 503 after one that failed', async () => {
  const [mine, other] = await Promise.all([key('a'), key('b')])
  let isDown = true
  const keys = {
    current: () => ({ keys: [mine.jwk] }),
    refresh: async () => (isDown ? Promise.reject(new Error('down')) : { keys: [] }),
  }
  const verifier = new Verifier({ ...ANY, keys })
  assert.equal((await codes([verifier.verifyAsync(other.token)]))[0], 'keys_unavailable')
  assert.equal((await codes([verifier.verifyAsync(mine.token)]))[0], 'ok')
  const sync = verifier.tryVerify(other.token)
  assert.equal(sync.ok ? 'ok' : sync.code, 'keys_unavailable')
  isDown = false
  assert.equal((await codes([verifier.verifyAsync(other.token)]))[0], 'key_not_found')
})

test('kid to PEM text is read from a source, in both forms', async () => {
  const [a, b] = await Promise.all([key('a'), key('b')])
  for (const set of [
    { a: a.pem, b: b.pem },
    {
      keys: [
        { kid: 'a', pem: a.pem },
        { kid: 'b', pem: b.pem },
      ],
    },
    { keys: [{ kid: 'a', pem: a.pem }, b.jwk, { kid: 'x', pem: '-----BEGIN NOTHING-----' }] },
    { keys: [{ pem: a.pem }, { pem: b.pem }] },
  ]) {
    const verifier = new Verifier({ ...ANY, keys: source(set) })
    assert.deepEqual(await codes([a.token, b.token].map((token) => verifier.verifyAsync(token))), ['ok', 'ok'])
  }
})

test('an equal set is not built again', async () => {
  const { jwk, token } = await key('a')
  const verifier = new Verifier({
    ...ANY,
    keys: { current: () => ({ keys: [{ ...jwk }] }), refresh: async () => ({ keys: [] }) },
  })
  for (let count = 0; count < 3; count += 1) verifier.verify(token)
  assert.deepEqual([verifier.stats.cacheHits, verifier.stats.cacheEntries], [2, 1])
})

test('stats count each token once, with its final outcome', async () => {
  const [old, fresh, other] = await Promise.all([key('old'), key('new'), key('other')])
  const keys = source({ keys: [old.jwk] }, { keys: [fresh.jwk] })
  const verifier = new Verifier({ ...ANY, keys, grants: async () => false })
  await codes([fresh.token, 'x', other.token].map((token) => verifier.verifyAsync(token)))
  const { verified, refused } = verifier.stats
  assert.deepEqual([verified, refused], [0, 3])
})

test('expected is read once per call, and grants get a copy of what was read', async () => {
  const { jwk, token } = await key('new')
  const rotating = () => source({ keys: [] }, { keys: [jwk] })
  let reads = 0
  const expected = {
    get bind() {
      reads += 1
      return { order_id: reads === 1 ? '2' : '1' }
    },
  }
  const verifier = new Verifier({ ...ANY, keys: rotating() })
  await assert.rejects(verifier.verifyAsync(token, expected), { code: 'binding_mismatch' })
  assert.equal(reads, 1)

  /** @type {any} */
  let seen
  const granting = new Verifier({
    ...ANY,
    keys: rotating(),
    grants: async (_, given) => {
      seen = given
      given.bind = { order_id: 'changed' }
      return true
    },
  })
  const mine = { bind: { order_id: '1' }, claims: { order_id: '1' }, now: EXP - 1 }
  assert.equal((await granting.verifyAsync(token, mine)).ok, true)
  assert.deepEqual(mine, { bind: { order_id: '1' }, claims: { order_id: '1' }, now: EXP - 1 })
  assert.notEqual(seen, mine)
  assert.deepEqual({ ...seen, bind: 0 }, { ...mine, bind: 0 })
  // An expectation that changes while the call waits changes nothing.
  const changing = { bind: { order_id: '2' } }
  const waiting = new Verifier({ ...ANY, keys: rotating() }).verifyAsync(token, changing)
  changing.bind.order_id = '1'
  await assert.rejects(waiting, { code: 'binding_mismatch' })
})

test('a token that expires while the call waits for keys is expired', async () => {
  const { jwk, token } = await key('new')
  let now = EXP - 1
  const keys = source({ keys: [] }, { keys: [jwk] })
  const { refresh } = keys
  keys.refresh = async () => {
    now = EXP
    return refresh.call(keys)
  }
  const verifier = new Verifier({ ...ANY, keys, clock: () => now })
  await assert.rejects(verifier.verifyAsync(token), { code: 'token_expired' })
})

test('K-11: two issuers with equal kids: the keys of one do not vouch for the other', async () => {
  const [a, b] = [sandbox.issuer({ algorithms: ['ES256'] }), sandbox.issuer({ algorithms: ['ES256'] })]
  const renamed = (/** @type {import('countersign/sandbox').IssuerSandbox} */ issuer) =>
    issuer.publish({ keys: issuer.jwks.keys.map((jwk) => ({ ...jwk, kid: 'same' })) })
  for (const issuer of [a, b]) renamed(issuer)
  const header = { kid: 'same' }
  const verifier = new Verifier({
    issuer: [a.issuer, b.issuer],
    audience: 'https://api.example',
    keys: [{ issuer: a.issuer }, { issuer: b.issuer }],
  })
  assert.equal((await verifier.verifyAsync(a.mint({ header }))).ok, true)
  assert.equal((await verifier.verifyAsync(b.mint({ header }))).ok, true)
  for (const [signer, named] of [
    [a, b],
    [b, a],
  ]) {
    const token = signer?.mint({ header, claims: { iss: named?.issuer } })
    await assert.rejects(verifier.verifyAsync(token), { code: 'claim_mismatch', claim: 'iss' })
  }
})

test('issuer of a source of the caller’s own is honoured', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const sign = (/** @type {string} */ iss) =>
    new SignJWT({ iss, exp: EXP }).setProtectedHeader({ alg: 'ES256', kid: 'b' }).sign(privateKey)
  const set = { keys: [{ ...(await exportJWK(publicKey)), kid: 'b' }] }
  const own = Object.assign(source(set), { issuer: ['https://a.example'] })
  const strict = new Verifier({ issuer: ['https://a.example', 'https://b.example'], audience: null, keys: own })
  assert.equal((await strict.verifyAsync(await sign('https://a.example'))).ok, true)
  await assert.rejects(strict.verifyAsync(await sign('https://b.example')), { code: 'claim_mismatch', claim: 'iss' })
  for (const issuer of ['', 7, [], [''], null]) {
    const bad = /** @type {any} */ (Object.assign(source({ keys: [] }), { issuer }))
    assert.throws(() => new Verifier({ ...ANY, keys: bad }), TypeError)
  }
})

test('two verifiers share one source, and one request', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const keys = remoteKeys(issuer.jwksUri)
  const verifiers = [1, 2, 3].map(() => new Verifier({ issuer: issuer.issuer, audience: null, keys }))
  await Promise.all(verifiers.map((verifier) => verifier.verifyAsync(issuer.mint())))
  assert.equal(issuer.requests, 1)
})

test('what a source brings is counted and measured before it is copied', async () => {
  const { jwk, pem, token } = await key('a')
  const long = `${pem}${' '.repeat(600_000)}`
  for (const set of [
    { keys: Object.assign([], { length: 4_000_000_000 }) },
    { keys: new Array(2_001).fill({ kid: 'a', pem }) },
    { keys: new Array(2_000).fill({ kid: 'a', pem: long }) },
    Object.fromEntries(Array.from({ length: 2_001 }, (_, index) => [`k${index}`, pem])),
    { a: long, b: long },
  ]) {
    const verifier = new Verifier({ ...ANY, keys: source(set) })
    const outcome = verifier.tryVerify(token)
    assert.ok(outcome instanceof UnavailableError)
    assert.match(String(outcome.cause), /brought more than/)
  }
  // At the limit, and beside another form.
  const most = { keys: [...new Array(1_999).fill({ ...jwk, kid: 'b' }), { kid: 'a', pem }] }
  assert.equal(new Verifier({ ...ANY, keys: source(most) }).tryVerify(token).ok, true)
})
