// @ts-check
/** The sandbox as a server: where it listens, what it does with hostile requests, and its command. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { startSandbox } from 'countersign/sandbox'

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

/** One documented endpoint of each system, and where its error bodies say what is wrong. */
const SYSTEMS = /** @type {const} */ ({
  publiq: ['/oauth/token', 'error'],
  vtex: ['/api/vtexid/apptoken/login', 'message'],
  juspay: ['/customers', 'error_code'],
  cashfree: ['/verification/oauth/token', 'code'],
})
const NAMES = /** @type {(keyof typeof SYSTEMS)[]} */ (Object.keys(SYSTEMS))

/**
 * @param {keyof typeof SYSTEMS} name
 * @param {string} path
 * @param {RequestInit} init
 */
async function wording(name, path, init) {
  const response = await fetch(`${sandbox[name].url}${path}`, init)
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8')
  /** @type {any} */
  const json = await response.json()
  const text = json[SYSTEMS[name][1]]
  assert.ok(typeof text === 'string' && text !== '', `${name} words its refusals as it does`)
  return { status: response.status, headers: response.headers }
}

/**
 * Sends octets as they are and resolves to all that comes back.
 *
 * @param {string} text
 * @returns {Promise<string>}
 */
async function raw(text) {
  const socket = connect(Number(new URL(sandbox.origin).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    answer += chunk
  })
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return answer
}

for (const name of NAMES) {
  const [path] = SYSTEMS[name]

  test(`${name} refuses a path that it does not have`, async () => {
    for (const unknown of ['', '/', `${path}/`, `${path}//`, '/%', '/%E0%A4%A', '/..;/x']) {
      assert.equal((await wording(name, unknown, {})).status, 404, unknown)
    }
  })

  test(`${name} refuses another method and says which one it takes`, async () => {
    for (const method of ['DELETE', 'PUT', 'OPTIONS']) {
      const { status, headers } = await wording(name, path, { method })
      assert.equal(status, 405)
      assert.equal(headers.get('allow'), 'POST')
    }
  })

  test(`${name} refuses another content type`, async () => {
    for (const type of ['text/plain', 'application/xml', 'application/jsonx', '']) {
      const { status } = await wording(name, path, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{}',
      })
      assert.ok(status === 400 || status === 415, `${status} for ${type}`)
    }
  })

  test(`${name} refuses a body over 16 KiB, and still answers`, async () => {
    const type = name === 'juspay' ? 'application/x-www-form-urlencoded' : 'application/json'
    for (const size of [16_385, 500_000]) {
      const { status } = await wording(name, path, {
        method: 'POST',
        headers: { 'content-type': type },
        body: ' '.repeat(size),
      })
      assert.equal(status, 413)
    }
  })

  test(`${name} refuses octets that are no text`, async () => {
    const type = name === 'juspay' ? 'application/x-www-form-urlencoded' : 'application/json'
    const { status } = await wording(name, path, {
      method: 'POST',
      headers: { 'content-type': type },
      body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
    })
    assert.equal(status, 400)
  })

  test(`${name} survives JSON made to hurt`, async () => {
    for (const body of [
      '['.repeat(16_000),
      '{"a":'.repeat(3000),
      '{"__proto__":{"client_id":"x"},"constructor":{"prototype":{"polluted":1}}}',
      '{"client_id":{"toString":1},"appkey":["x"],"metadata":{"__proto__":null}}',
      `{"grant_type":"${'\\ud800'.repeat(2000)}"}`,
      '1e999',
    ]) {
      const response = await fetch(`${sandbox[name].url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      assert.ok(response.status >= 400 && response.status < 500, `${response.status}`)
    }
    assert.equal(/** @type {any} */ ({}).polluted, undefined)
  })
}

test('a form that has a name twice is malformed', async () => {
  for (const name of /** @type {const} */ (['publiq', 'juspay'])) {
    const [path] = SYSTEMS[name]
    const init = { method: 'POST', body: new URLSearchParams('a=1&a=2') }
    assert.equal((await wording(name, path, init)).status, 400)
  }
})

test('a form with a broken boundary or a file is malformed', async () => {
  const url = `${sandbox.vtex.url}/api/vtexid/pub/authentication/accesskey/send`
  for (const type of ['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=x']) {
    const headers = { 'content-type': type }
    assert.equal((await fetch(url, { method: 'POST', headers, body: '--y\r\n' })).status, 400)
  }
  const form = new FormData()
  form.set('email', new Blob(['x']), 'x.txt')
  assert.equal((await fetch(url, { method: 'POST', body: form })).status, 400)
})

test('an unknown system gets the list of those that there are', async () => {
  for (const path of ['/', '/other/oauth/token', '//publiq/oauth/token']) {
    const response = await fetch(`${sandbox.origin}${path}`)
    assert.equal(response.status, 404)
    const { systems } = await response.json()
    assert.deepEqual(systems, ['/publiq', '/vtex', '/juspay', '/cashfree'])
  }
})

test('a target may be in absolute-form, and nothing else', async () => {
  const ask = (/** @type {string} */ target) =>
    raw(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
  assert.match(await ask('http://localhost/publiq/.well-known/jwks.json'), /^HTTP\/1\.1 200 /)
  assert.match(await ask('http://x/publiq/.well-known/jwks.json'), /^HTTP\/1\.1 403 /)
  assert.match(await ask('*'), /^HTTP\/1\.1 40[04] /)
  assert.match(await ask('http://[/publiq'), /^HTTP\/1\.1 40[04] /)
})

test('what is no HTTP gets a plain refusal, and the next request is answered', async () => {
  assert.match(await raw('\u0000\u0001\r\n\r\n'), /^HTTP\/1\.1 400 /)
  assert.match(await raw('GET /publiq HTTP/9.9\r\n\r\n'), /^HTTP\/1\.1 400 /)
  assert.match(
    await raw(`GET /publiq HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  )
  const smuggled = 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
  assert.match(await raw(`POST /publiq/oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\n${smuggled}`), /^HTTP\/1\.1 400 /)
  const response = await fetch(sandbox.publiq.jwksUrls.auth0)
  assert.equal(response.status, 200)
})

test('a body that never ends is refused before it is read', async () => {
  const head = 'POST /cashfree/verification/oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\n'
  const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`
  const answer = await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`)
  assert.match(answer, /^HTTP\/1\.1 413 /)
  assert.match(answer, /connection: close/i)
})

test('a client that leaves in the middle of its body affects no other', async () => {
  const socket = connect(Number(new URL(sandbox.origin).port), '127.0.0.1')
  socket.write('POST /publiq/oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{')
  await once(socket, 'connect')
  socket.resetAndDestroy()
  assert.equal((await fetch(sandbox.publiq.jwksUrls.auth0)).status, 200)
})

test('a clock that is not in seconds is a failure of the sandbox, in the words of the system', async () => {
  const broken = await startSandbox({ clock: () => Date.now() * 1000 })
  const response = await fetch(`${broken.juspay.url}/customers/x`)
  assert.equal(response.status, 500)
  assert.equal((await response.json()).error_code, 'internal_error')
  await broken.close()
})

test('a busy port is not an error', async () => {
  const port = Number(new URL(sandbox.origin).port)
  const other = await startSandbox({ port })
  assert.notEqual(other.origin, sandbox.origin)
  assert.equal((await fetch(other.publiq.jwksUrls.keycloak)).status, 200)
  await other.close()
  await assert.rejects(fetch(other.publiq.jwksUrls.keycloak))
})

test('a free port is taken as preferred', async () => {
  const first = await startSandbox()
  await first.close()
  const again = await startSandbox({ port: Number(new URL(first.origin).port) })
  await again.close()
  assert.equal(again.origin, first.origin)
})

test('a Host that is not loopback is refused, in the words of the system: a rebound name is not served', async () => {
  const ask = (/** @type {string} */ host, /** @type {string} */ path, version = '1.1') =>
    raw(`GET ${path} HTTP/${version}\r\n${host}Connection: close\r\n\r\n`)
  const path = '/publiq/.well-known/jwks.json'
  for (const host of [
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost',
    'localhost:4600',
    'LOCALHOST',
    '127.255.0.9',
    '[::1]:80',
  ]) {
    assert.match(await ask(`Host: ${host}\r\n`, path), /^HTTP\/1\.1 200 /, host)
  }
  for (const host of [
    'evil.example',
    'evil.example:4600',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example#127.0.0.1',
    '10.0.0.1',
    '[::2]',
    '0.0.0.0',
    'localhost@evil.example',
    ' ',
  ]) {
    assert.match(await ask(`Host: ${host}\r\n`, path), /^HTTP\/1\.1 40[034] /, host)
    assert.doesNotMatch(await ask(`Host: ${host}\r\n`, path), /"keys"/, host)
  }
  assert.match(await ask('', path, '1.0'), /^HTTP\/1\.1 40[034] /)
  for (const name of NAMES) {
    const answer = await ask('Host: evil.example\r\n', `/${name}${SYSTEMS[name][0]}`)
    assert.match(answer, /^HTTP\/1\.1 403 /)
    assert.ok(answer.includes(`"${SYSTEMS[name][1]}":`), answer)
  }
  assert.match(await ask('Host: evil.example\r\n', '/'), /^HTTP\/1\.1 403 /)
})

test('an Origin that is not loopback is refused, and so is the null origin of a sandboxed page', async () => {
  const url = sandbox.publiq.jwksUrls.auth0
  for (const [origin, status] of /** @type {const} */ ([
    ['http://localhost:5173', 200],
    ['http://127.0.0.1:4610', 200],
    ['https://evil.example', 403],
    ['null', 403],
    ['http://localhost.evil.example', 403],
  ])) {
    assert.equal((await fetch(url, { headers: { origin } })).status, status, origin)
  }
})

test('a value that is not one of an option’s is a TypeError', async () => {
  for (const options of [
    { publiq: { environment: 'toString' } },
    { juspay: { environment: 'prod' } },
    { juspay: { tokenShape: 1 } },
    { cashfree: { signature: true } },
    { cashfree: { token: ['jwt'] } },
    { vtex: { account: 7 } },
    { vtex: null },
    { clock: 7 },
  ]) {
    await assert.rejects(startSandbox(/** @type {any} */ (options)), TypeError)
  }
})

test('an unknown option has one wording', async () => {
  for (const [options, name, meant] of /** @type {const} */ ([
    [{ ports: 1 }, 'ports', 'port'],
    [{ cashfree: { lifetime: 1 } }, 'cashfree.lifetime', ''],
  ])) {
    await assert.rejects(startSandbox(/** @type {any} */ (options)), {
      message: `unknown option \`${name}\`${meant === '' ? '' : `: did you mean \`${meant}\`?`}`,
    })
  }
})

test('what is in Object.prototype is neither an option, a header, a member of a body, nor a member of an answer', async () => {
  const inherited = {
    ...{ port: 70_000, clock: () => 1, publiq: { apis: ['x'] }, vtex: { account: 'x' }, juspay: { merchantId: 'x' } },
    ...{
      environment: 'production',
      scopes: ['x'],
      apis: ['x'],
      account: 'x',
      merchantId: 'x',
      tokenShape: 'base64url',
    },
    ...{ expiryField: 'both', signature: 'required', lifetimeSeconds: 1 },
    ...{ authorization: 'Basic eDp5', origin: 'https://evil.example', 'x-merchantid': 'x' },
    ...{ keep: false, publish: false, issuer: 'https://evil.example', audience: 'x', algorithms: ['ES384'] },
    ...{ header: { kid: 'x' }, claims: { sub: 'x' }, alg: 'ES384' },
    ...{ client_id: 'x', client_secret: 'x', grant_type: 'client_credentials', order_id: 'x', customer_id: 'x' },
    ...{ get_client_auth_token: 'true', 'options.get_client_auth_token': 'true', body: { polluted: 1 }, id: 'x' },
  }
  for (const [name, value] of Object.entries(inherited)) {
    Object.defineProperty(Object.prototype, name, {
      ...BARE,
      value,
      configurable: true,
      enumerable: false,
      writable: true,
    })
  }
  /** @type {import('countersign/sandbox').Sandbox | undefined} */
  let server
  /** @type {[number, string][]} */
  const answers = []
  try {
    server = await startSandbox(Object.assign(Object.create(null), { port: 0, clock: () => 1_700_000_000 }))
    const { publiq, juspay, cashfree } = server
    assert.deepEqual([publiq.environment, ...publiq.apis], ['test', 'ups', 'sapi', 'entry'])
    assert.deepEqual([juspay.environment, juspay.merchantId, cashfree.publicKey], ['sandbox', 'sandbox_merchant', null])
    const issuer = server.issuer({})
    assert.deepEqual([issuer.issuer, issuer.audience], [`${server.origin}/issuer/1`, 'https://api.example'])
    issuer.rotate({})
    assert.equal(issuer.jwks.keys.length, 2)
    const parts = issuer
      .mint({})
      .split('.', 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    assert.deepEqual([parts[0].alg, parts[0].kid, parts[1].sub], ['RS256', issuer.jwks.keys[0]?.kid, 'user'])
    const port = Number(new URL(server.origin).port)
    for (const request of [
      'GET /publiq/.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n',
      'GET /juspay/orders/x HTTP/1.1\r\nHost: localhost\r\n',
      'POST /juspay/orders HTTP/1.1\r\nHost: localhost\r\n',
      'POST /publiq/oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n',
    ]) {
      const socket = connect(port, '127.0.0.1')
      let answer = ''
      socket.setEncoding('utf8').on('data', (chunk) => (answer += chunk))
      socket.write(`${request}Connection: close\r\n\r\n${request.includes('Content-Length') ? '{}' : ''}`)
      await once(socket, 'close')
      answers.push([Number(answer.slice(9, 12)), answer])
    }
  } finally {
    for (const name of Object.keys(inherited)) delete (/** @type {any} */ (Object.prototype)[name])
  }
  await server?.close()
  assert.deepEqual(
    answers.map(([status]) => status),
    [200, 403, 401, 400],
  )
  assert.match(answers[1]?.[1] ?? '', /forbidden_resource/)
  assert.match(answers[2]?.[1] ?? '', /access_denied/)
  assert.match(answers[3]?.[1] ?? '', /grant_type is missing/)
})

/** A property descriptor that inherits nothing. */
const BARE = Object.create(null)

test('an option that cannot mean anything is a TypeError', async () => {
  for (const options of [
    { ports: 1 },
    { publiq: { environnement: 'test' } },
    { cashfree: { lifetime: 1 } },
    { port: -1 },
    { port: 65_536 },
    { port: 1.5 },
    { port: Number.NaN },
  ]) {
    await assert.rejects(startSandbox(/** @type {any} */ (options)), TypeError)
  }
})

const COMMAND = join(dirname(fileURLToPath(import.meta.resolve('countersign/package.json'))), 'dist/cli/index.js')

/** @param {string[]} args */
function command(...args) {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }))
  return { child, ended, printed: () => stdout }
}

test('countersign sandbox prints what one needs, serves, and ends on SIGINT', async () => {
  const { child, ended, printed } = command('sandbox', '--port', '0')
  while (!printed().includes('Cashfree')) await once(child.stdout, 'data')
  const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(printed())?.[0]
  const [, url = '', json = ''] = /curl (\S+\/oauth\/token) --json '(.*)'/.exec(printed()) ?? []
  assert.equal(url, `${origin}/publiq/oauth/token`)
  const headers = { 'content-type': 'application/json' }
  assert.equal((await fetch(url, { method: 'POST', headers, body: json })).status, 200)
  child.kill('SIGINT')
  const { code, stdout, stderr } = await ended
  assert.equal(code, 0)
  assert.equal(stderr, '')
  for (const word of ['VTEX', 'Juspay', 'Cashfree', '"crv":"P-256"']) assert.ok(stdout.includes(word))
  assert.equal(stdout.match(/ {2}curl /g)?.length, 5)
})

test('countersign prints its usage on --help, and the remedy for invalid arguments', async () => {
  for (const args of [['--help'], ['sandbox', '--help'], ['sandbox', '-h']]) {
    const { code, stdout } = await command(...args).ended
    assert.equal(code, 0)
    assert.match(stdout, /^Usage: countersign /)
  }
  for (const [args, message] of /** @type {const} */ ([
    [[], 'Usage: countersign '],
    [['toString'], 'countersign: unknown command “toString”'],
    [['sandbox', '--ports', '1'], 'countersign sandbox: unknown option --ports, did you mean --port?'],
    [['sandbox', '-p'], 'countersign sandbox: unknown option -p'],
    [['sandbox', '--__proto__'], 'countersign sandbox: unknown option --__proto__'],
    [['sandbox', '--port'], 'countersign sandbox: option --port needs a value'],
    [['sandbox', '--port', 'x'], 'countersign sandbox: --port must be a number from 0 to 65535'],
    [['sandbox', '--port', '65536'], 'countersign sandbox: --port must be a number from 0 to 65535'],
    [['sandbox', 'x'], 'countersign sandbox: '],
  ])) {
    const { code, stdout, stderr } = await command(...args).ended
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.ok(stderr.startsWith(message), stderr)
  }
})
