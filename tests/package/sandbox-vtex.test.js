// @ts-check
/** VTEX ID in the sandbox: the application token, both browser logins, the online validation. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { startSandbox } from 'countersign/sandbox'
import { createLocalJWKSet, jwtVerify } from 'jose'

const NOW = 1_700_000_000

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
let now = NOW
before(async () => {
  sandbox = await startSandbox({ clock: () => now, vtex: { account: 'storea' } })
})
after(() => sandbox.close())

/** @param {string} token */
async function read(token) {
  const keys = createLocalJWKSet({ keys: [...sandbox.vtex.jwks.keys] })
  return await jwtVerify(token, keys, {
    issuer: 'token-emitter',
    algorithms: ['ES256'],
    currentDate: new Date(now * 1000),
  })
}

/**
 * @param {string} path
 * @param {unknown} members
 * @returns {Promise<{ status: number, json: any }>}
 */
async function post(path, members) {
  const response = await fetch(`${sandbox.vtex.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(members),
  })
  return { status: response.status, json: await response.json() }
}

const LOGIN = '/api/vtexid/pub/authentication'

/** @param {string} scope */
async function start(scope) {
  const response = await fetch(`${sandbox.vtex.url}${LOGIN}/start?scope=${scope}`)
  const [cookie = ''] = response.headers.getSetCookie()
  const json = await response.json()
  return { status: response.status, cookie: cookie.split(';')[0] ?? '', json }
}

/**
 * @param {string} path
 * @param {string} cookie
 * @param {Record<string, string>} fields Sent as multipart/form-data, as the documentation has it.
 */
async function submit(path, cookie, fields) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  const response = await fetch(`${sandbox.vtex.url}${LOGIN}${path}`, {
    method: 'POST',
    headers: { cookie },
    body: form,
  })
  const text = await response.text()
  /** @type {any} */
  const json = text === '' ? null : JSON.parse(text)
  return { status: response.status, cookies: response.headers.getSetCookie(), json }
}

/** @param {'admin' | 'shopper'} bearer */
async function logIn(bearer) {
  const { email, accessKey } = sandbox.vtex[bearer]
  const { cookie } = await start(bearer === 'admin' ? '' : sandbox.vtex.account)
  const sent = await submit(`/accesskey/send?email=${encodeURIComponent(email)}`, cookie, { a: 'b' })
  assert.equal(sent.status, 200)
  assert.equal(sent.json, null)
  return await submit('/accesskey/validate', cookie, { login: email, accesskey: accessKey })
}

test('an application key gets a token for six hours', async () => {
  const { appKey, appToken, account } = sandbox.vtex
  const { status, json } = await post('/api/vtexid/apptoken/login', { appkey: appKey, apptoken: appToken })
  assert.equal(status, 200)
  assert.equal(json.authStatus, 'Success')
  assert.equal(json.expires, NOW + 21_600)
  const { payload, protectedHeader } = await read(json.token)
  assert.equal(protectedHeader.typ, 'jwt')
  assert.match(protectedHeader.kid ?? '', /^[0-9A-F]{40}$/)
  assert.equal(payload.sub, appKey)
  assert.match(appKey, /^vtexappkey-storea-[A-Z]{6}$/)
  assert.equal(payload.account, account)
  assert.equal(payload.audience, 'admin')
  assert.equal(payload.exp, NOW + 21_600)
  assert.equal('sess' in payload, false)
  assert.equal('aud' in payload, false)
})

test('the account may be named in the query, and must then be this one', async () => {
  const { appKey, appToken } = sandbox.vtex
  const members = { appkey: appKey, apptoken: appToken }
  const path = '/api/vtexid/apptoken/login'
  assert.equal((await post(`${path}?an=storea`, members)).status, 200)
  const { status, json } = await post(`${path}?an=storeb`, members)
  assert.equal(status, 401)
  assert.deepEqual(json, { authStatus: 'WrongCredentials' })
})

test('wrong and missing credentials of an application are refused', async () => {
  const { appKey, appToken } = sandbox.vtex
  const path = '/api/vtexid/apptoken/login'
  const wrong = await post(path, { appkey: appKey, apptoken: 'no' })
  assert.equal(wrong.status, 401)
  assert.deepEqual(wrong.json, { authStatus: 'WrongCredentials' })
  assert.equal((await post(path, { appkey: 'no', apptoken: appToken })).status, 401)
  const missing = await post(path, { appkey: appKey })
  assert.equal(missing.status, 400)
  assert.equal(typeof missing.json.message, 'string')
  assert.equal((await post(path, { appkey: appKey, apptoken: 7 })).status, 400)
})

test('a shopper gets two cookies under their real names, with one token for a day', async () => {
  const { account, accountId, shopper } = sandbox.vtex
  const { status, cookies, json } = await logIn('shopper')
  assert.equal(status, 200)
  assert.equal(json.authStatus, 'Success')
  assert.equal(json.expiresIn, 86_399)
  assert.equal(json.userId, shopper.userId)
  assert.equal(json.authCookie.Name, `VtexIdclientAutCookie_${account}`)
  assert.equal(json.accountAuthCookie.Name, `VtexIdclientAutCookie_${accountId}`)
  assert.equal(json.accountAuthCookie.Value, json.authCookie.Value)
  assert.deepEqual(
    cookies.map((cookie) => cookie.split(';')[0]),
    [json.authCookie, json.accountAuthCookie].map(({ Name, Value }) => `${Name}=${Value}`),
  )
  const { payload } = await read(json.authCookie.Value)
  assert.equal(payload.audience, 'webstore')
  assert.equal(payload.sub, shopper.email)
  assert.equal(payload.account, account)
  assert.equal(payload.exp, NOW + 86_400)
  assert.match(String(payload.sess), /^[0-9a-f-]{36}$/)
})

test('an administrator gets the cookie without a suffix', async () => {
  const { json, cookies } = await logIn('admin')
  assert.equal(json.authCookie.Name, 'VtexIdclientAutCookie')
  assert.equal(json.accountAuthCookie, null)
  assert.equal(cookies.length, 1)
  const { payload } = await read(json.authCookie.Value)
  assert.equal(payload.audience, 'admin')
  assert.equal(payload.exp, NOW + 86_400)
})

test('a password ends a login without a code', async () => {
  const { email, password } = sandbox.vtex.shopper
  const { json: opened } = await start('storea')
  const path = `/classic/validate?authenticationToken=${opened.authenticationToken}`
  const wrong = await submit(path, '', { login: email, password: 'no' })
  assert.equal(wrong.status, 400)
  assert.equal(wrong.json.authStatus, 'WrongCredentials')
  const right = await submit(path, '', { login: email, password })
  assert.equal(right.json.authStatus, 'Success')
})

test('a login is refused with the status that says why, and without a token', async () => {
  const { email, accessKey } = sandbox.vtex.shopper
  const { cookie } = await start('storea')
  const fields = { login: email, accesskey: accessKey }
  /** @type {[string, string, Record<string, string>, string][]} */
  const cases = [
    ['a login that was never started', '_vss=no', fields, 'InvalidToken'],
    ['no e-mail address', cookie, { accesskey: accessKey }, 'InvalidEmail'],
    ['a code that was not sent', cookie, fields, 'WrongCredentials'],
    ['a wrong code', cookie, { ...fields, accesskey: '000000' }, 'WrongCredentials'],
    ['another person', cookie, { ...fields, login: 'x@mail.example' }, 'WrongCredentials'],
  ]
  for (const [name, session, given, authStatus] of cases) {
    const { status, json, cookies } = await submit('/accesskey/validate', session, given)
    assert.equal(status, 400, name)
    assert.equal(json.authStatus, authStatus, name)
    assert.equal(json.authCookie, null, name)
    assert.equal(json.expiresIn, 0, name)
    assert.deepEqual(cookies, [], name)
  }
  const unreadable = await submit('/accesskey/send?email=nobody', cookie, { a: 'b' })
  assert.equal(unreadable.json.authStatus, 'InvalidEmail')
})

test('a login ends once', async () => {
  const { email, password } = sandbox.vtex.admin
  const { cookie } = await start('')
  const fields = { login: email, password }
  assert.equal((await submit('/classic/validate', cookie, fields)).status, 200)
  const again = await submit('/classic/validate', cookie, fields)
  assert.equal(again.json.authStatus, 'InvalidToken')
})

test('another scope than the account starts nothing', async () => {
  assert.equal((await start('storeb')).status, 400)
})

test('a token is validated online until the second it expires', async () => {
  const { admin } = sandbox.vtex
  const token = sandbox.vtex.mint('admin')
  const { status, json } = await post('/api/vtexid/credential/validate', { token })
  assert.equal(status, 200)
  assert.deepEqual(json, {
    authStatus: 'Success',
    id: admin.userId,
    user: admin.email,
    account: 'storea',
    audience: 'admin',
    tokenType: 'user',
  })
  try {
    now = NOW + 86_399
    assert.equal((await post('/api/vtexid/credential/validate', { token })).status, 200)
    now = NOW + 86_400
    assert.equal((await post('/api/vtexid/credential/validate', { token })).status, 401)
  } finally {
    now = NOW
  }
})

test('what VTEX did not sign is not validated', async () => {
  const other = await startSandbox({ clock: () => NOW, vtex: { account: 'storea' } })
  const token = sandbox.vtex.mint('shopper')
  const foreign = other.vtex.mint('shopper')
  await other.close()
  const [header, payload] = token.split('.')
  const zeroes = Buffer.alloc(64).toString('base64url')
  for (const bad of ['', 'x', foreign, `${token}A`, `${token}=`, `${header}.${payload}.${zeroes}`, `${token}.x`]) {
    const { status, json } = await post('/api/vtexid/credential/validate', { token: bad })
    assert.equal(status, 401)
    assert.deepEqual(json, { authStatus: 'WrongCredentials' })
  }
})

test('a logout is known to the online validation, and invisible in the token', async () => {
  const token = sandbox.vtex.mint('admin')
  const who = `${sandbox.vtex.url}/api/vtexid/pub/authenticated/user?authToken=${token}`
  const before = await (await fetch(who)).json()
  assert.equal(before.user, sandbox.vtex.admin.email)
  await fetch(`${sandbox.vtex.url}/api/vtexid/pub/logout?scope=`, {
    headers: { cookie: `a=b; VtexIdclientAutCookie=${token}` },
  })
  assert.equal(await (await fetch(who)).json(), null)
  assert.equal((await post('/api/vtexid/credential/validate', { token })).status, 401)
  assert.equal((await read(token)).payload.sub, sandbox.vtex.admin.email)
})

test('no keys are served', async () => {
  for (const path of ['/.well-known/jwks.json', '/api/vtexid/jwks', '/api/vtexid/pub/keys']) {
    assert.equal((await fetch(`${sandbox.vtex.url}${path}`)).status, 404)
  }
})

test('an account name that would break out of a cookie name is a TypeError', async () => {
  await assert.rejects(startSandbox({ vtex: { account: 'a; b' } }), TypeError)
  await assert.rejects(startSandbox({ vtex: { account: '' } }), TypeError)
})
