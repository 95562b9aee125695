// @ts-check
/** `profiles.mcp`, and the adapters of `countersign/mcp`. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as errors from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { memoryStore, profiles, Verifier } from 'countersign'
import { toMcpVerifier, toolScope } from 'countersign/mcp'
import { startSandbox } from 'countersign/sandbox'

const RESOURCE = 'https://api.example/mcp'

/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox
/** @type {ReturnType<typeof sandbox.issuer>} */
let issuer
before(async () => {
  sandbox = await startSandbox()
  issuer = sandbox.issuer({ audience: RESOURCE })
})
after(() => sandbox.close())

/** @param {Partial<import('countersign').McpOptions>} [changes] */
const options = (changes = {}) => ({ resource: RESOURCE, issuer: issuer.issuer, ...changes })

/** @type {Map<string, Verifier>} */
const verifiers = new Map()

/** @param {object} given @param {Partial<import('countersign').McpOptions>} [changes] */
async function verdict(given, changes) {
  const key = JSON.stringify(changes ?? {})
  const verifier = verifiers.get(key) ?? new Verifier(profiles.mcp(options(changes)))
  verifiers.set(key, verifier)
  const found = await verifier.verifyAsync(issuer.mint(given)).catch((error) => error)
  return found.ok ? 'ok' : `${found.code} ${found.claim}`
}

test('the audience is the resource, as text, and no other', async () => {
  assert.equal(await verdict({}), 'ok')
  for (const aud of [
    `${RESOURCE}/`,
    RESOURCE.toUpperCase(),
    'https://api.example',
    'https://api.example/mcp?a',
    'https://api.example/mcp2',
    'https://api.example:443/mcp',
    'http://api.example/mcp',
    'other',
    '',
  ]) {
    assert.equal(await verdict({ claims: { aud } }), 'claim_mismatch aud', JSON.stringify(aud))
  }
  assert.equal(await verdict({ claims: { aud: undefined } }), 'claim_missing aud')
  assert.equal(await verdict({ claims: { aud: [] } }), 'claim_malformed aud')
  assert.equal(await verdict({ claims: { aud: [RESOURCE, 'https://other.example'] } }), 'claim_mismatch aud')
  const lenient = { foreignAudience: /** @type {const} */ ('allow') }
  assert.equal(await verdict({ claims: { aud: [RESOURCE, 'https://issuer.example/userinfo'] } }, lenient), 'ok')
  assert.equal(await verdict({ claims: { aud: 'https://issuer.example/userinfo' } }, lenient), 'claim_mismatch aud')
})

test('ID tokens, refresh tokens and tokens of another type are refused', async () => {
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'JWT']) {
    assert.equal(await verdict({ header: { typ } }), 'ok', typ)
  }
  for (const typ of ['dpop+jwt', 'logout+jwt', 'secevent+jwt', 'token-introspection+jwt', undefined]) {
    assert.equal(await verdict({ header: { typ } }), 'typ_mismatch typ', typ)
  }
  assert.equal(await verdict({ header: { typ: undefined } }, { typ: null }), 'ok')
  assert.equal(await verdict({ header: { typ: 'JWT' } }, { typ: 'at+jwt' }), 'typ_mismatch typ')
  for (const [name, value] of /** @type {const} */ ([
    ['nonce', 'n'],
    ['at_hash', 'h'],
    ['typ', 'ID'],
    ['typ', 'Refresh'],
    ['token_use', 'id'],
  ])) {
    assert.equal(await verdict({ claims: { [name]: value } }), `claim_mismatch ${name}`)
  }
  for (const claims of [{ typ: 'Bearer' }, { token_use: 'access' }]) assert.equal(await verdict({ claims }), 'ok')
})

test('scope and issuer are required, and further members narrow', async () => {
  assert.equal(await verdict({ claims: { scope: 'a' } }, { scope: 'a b' }), 'scope_insufficient scope')
  assert.equal(await verdict({ claims: { scope: 'a b' } }, { scope: ['a', 'b'] }), 'ok')
  assert.equal(await verdict({ claims: { iss: 'https://other.example' } }), 'claim_mismatch iss')
  const narrowed = new Verifier({ ...profiles.mcp(options()), subject: 'ada' })
  const other = await narrowed.verifyAsync(issuer.mint({ claims: { sub: 'bob' } })).catch((error) => error)
  assert.equal(other.claim, 'sub')
})

test('options of the profile that cannot be used are mistakes', () => {
  for (const changes of /** @type {any[]} */ ([
    { resource: undefined },
    { resource: 'https://API.example/mcp' },
    { resource: 'http://api.example/mcp' },
    { resource: 'https://api.example/mcp#a' },
    { resource: 7 },
    { issuer: 'issuer' },
    { issuer: ['https://a.example'] },
    { issuer: undefined },
    { scope: undefined },
    { audience: RESOURCE },
    { scopes: 'a' },
  ])) {
    assert.throws(() => profiles.mcp({ ...options(), ...changes }), TypeError, JSON.stringify(changes))
  }
  for (const changes of /** @type {any[]} */ ([{ scope: [] }, { scope: '' }, { typ: [] }, { foreignAudience: 'no' }])) {
    assert.throws(() => new Verifier(profiles.mcp({ ...options(), ...changes })), TypeError, JSON.stringify(changes))
  }
  assert.throws(() => profiles.mcp(Object.create(options())), TypeError)
})

test('what verifyAccessToken returns is what the SDK calls AuthInfo', async () => {
  const verifier = toMcpVerifier(new Verifier(profiles.mcp(options())), errors)
  const token = issuer.mint({ claims: { scope: 'a b', client_id: 'app', exp: 4_000_000_000 } })
  const found = await verifier.verifyAccessToken(token)
  const { resource, extra, ...plain } = found
  assert.deepEqual(plain, { token, clientId: 'app', scopes: ['a', 'b'], expiresAt: 4_000_000_000 })
  assert.equal(resource?.href, RESOURCE)
  assert.equal(extra.claims.client_id, 'app')
  for (const [claim, id] of Object.entries({ azp: 'b', cid: 'c', appid: 'd' })) {
    const other = issuer.mint({ claims: { client_id: undefined, [claim]: id } })
    assert.equal((await verifier.verifyAccessToken(other)).clientId, id)
  }
  const none = await verifier.verifyAccessToken(issuer.mint({ claims: { client_id: undefined, azp: undefined } }))
  assert.equal(none.clientId, '')
})

test('each refusal is an error of the SDK’s own classes, and says nothing of the token', async () => {
  const verifying = async (/** @type {any} */ changes, /** @type {any} */ given = {}) => {
    const verifier = toMcpVerifier(new Verifier({ ...profiles.mcp(options()), ...changes }), errors)
    return await verifier.verifyAccessToken(issuer.mint(given)).catch((/** @type {any} */ error) => error)
  }
  for (const [changes, Expected, code] of /** @type {const} */ ([
    [{ audience: 'https://other.example' }, errors.InvalidTokenError, 'claim_mismatch'],
    [{ scope: 'none' }, errors.InsufficientScopeError, 'scope_insufficient'],
    [{ grants: async () => false }, errors.AccessDeniedError, 'grant_missing'],
    [{ grants: async () => assert.fail() }, errors.ServerError, 'store_unavailable'],
  ])) {
    const error = await verifying(changes)
    assert.ok(error instanceof Expected, code)
    assert.equal(error.constructor, Expected)
    assert.equal(/** @type {any} */ (error.cause).code, code)
    assert.ok(!Object.keys(error).includes('cause'))
    assert.doesNotMatch(error.message, /["\\\r\n]|ey/)
  }
  const missing = await toMcpVerifier(new Verifier(profiles.mcp(options())), errors)
    .verifyAccessToken('')
    .catch((e) => e)
  assert.ok(missing instanceof errors.InvalidTokenError)
})

test('a verifier that counts uses redeems', async () => {
  const verifier = new Verifier({ ...profiles.mcp(options()), maxUses: 1, uses: memoryStore() })
  const adapted = toMcpVerifier(verifier, errors)
  const token = issuer.mint({ claims: { jti: 'once' } })
  await adapted.verifyAccessToken(token)
  await assert.rejects(adapted.verifyAccessToken(token), errors.InvalidTokenError)
})

test('arguments of the adapter that cannot be used are mistakes', () => {
  const verifier = new Verifier(profiles.mcp(options()))
  const { InvalidTokenError, InsufficientScopeError, AccessDeniedError, ServerError } = errors
  const all = { InvalidTokenError, InsufficientScopeError, AccessDeniedError, ServerError }
  assert.doesNotThrow(() => toMcpVerifier(verifier, all))
  for (const given of /** @type {any[]} */ ([
    undefined,
    null,
    {},
    { ...all, ServerError: undefined },
    Object.create(all),
  ])) {
    assert.throws(() => toMcpVerifier(verifier, given), TypeError)
  }
  for (const given of /** @type {any[]} */ ([undefined, null, {}, 'verifier'])) {
    assert.throws(() => toMcpVerifier(given, all), TypeError)
  }
})

test('toolScope: the scope of every tool that a body calls', () => {
  const scopes = { read: null, write: 'w', both: ['w', 'x'], text: 'y z' }
  const call = (/** @type {unknown} */ name) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } })
  const other = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const refused = { bind: { tool: null } }
  for (const [body, expected] of /** @type {[unknown, object][]} */ ([
    [other, {}],
    [[], {}],
    [call('read'), {}],
    [call('write'), { scope: ['w'] }],
    [call('text'), { scope: ['y', 'z'] }],
    [[other, call('read'), call('both'), call('write'), 7, null], { scope: ['w', 'x'] }],
    [call('unlisted'), refused],
    [[call('read'), call('unlisted')], refused],
    [call('toString'), refused],
    [call('__proto__'), refused],
    [call(undefined), refused],
    [call(['read']), refused],
    [{ method: 'tools/call' }, refused],
    [{ method: 'tools/call', params: null }, refused],
    [Object.create(call('write')), {}],
  ])) {
    assert.deepEqual(toolScope(body, scopes), expected, JSON.stringify(body))
  }
  for (const body of [undefined, null, '', '{}', 7, true]) assert.throws(() => toolScope(body, scopes), TypeError)
  for (const bad of /** @type {any[]} */ ([undefined, [], { write: undefined }, { write: [] }, { write: [7] }])) {
    assert.throws(() => toolScope(call('write'), bad), TypeError, JSON.stringify(bad))
  }
})

test('a tool that is not listed is a 403, and no challenge asks for more scope', async () => {
  const expected = toolScope({ method: 'tools/call', params: { name: 'forgotten' } }, { read: null })
  const outcome = await new Verifier(profiles.mcp(options())).verifyAsync(issuer.mint(), expected).catch((e) => e)
  assert.deepEqual([outcome.code, outcome.claim, outcome.status], ['binding_mismatch', 'tool', 403])
})
