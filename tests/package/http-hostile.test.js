// @ts-check
/** Whatever a request holds, a guard answers it: no mistake of the server's own can be provoked from outside. */

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { guard } from 'countersign/fetch'
import { guard as nodeGuard } from 'countersign/node'
import { mint } from './http/cases.js'
import { CARRIERS, orders } from './http/policy.js'

const REFUSALS = new Set([400, 401, 403])

test('a value that is no id is refused, whatever it is', async () => {
  const token = await mint({ order_id: '7' })
  const verifier = orders({ bind: ['order_id'] })
  const status = async (/** @type {unknown} */ id) => {
    const expected = () => ({ bind: { order_id: /** @type {string} */ (id) } })
    const request = new Request('https://api.example/', { headers: { authorization: `Bearer ${token}` } })
    const found = await guard(verifier, { expected })(request)
    return found.ok ? 200 : found.response.status
  }
  assert.equal(await status('7'), 200)
  assert.equal(await status(7), 200)
  const cyclic = /** @type {Record<string, unknown>} */ ({})
  cyclic.self = cyclic
  const strange = { toString: () => assert.fail('read'), toJSON: () => assert.fail('read') }
  for (const id of [
    undefined,
    null,
    '',
    '8',
    ' 7',
    '7\0',
    '07',
    '７',
    '\ud800',
    '7'.repeat(2_000_000),
    '"},"scope":{"',
    true,
    7.5,
    -0.1,
    NaN,
    Infinity,
    2 ** 53,
    7n,
    Symbol('7'),
    () => '7',
    ['7'],
    [],
    {},
    Object.create(null),
    new String('7'),
    cyclic,
    strange,
  ]) {
    assert.equal(await status(id), 403, typeof id === 'string' ? id.slice(0, 20) : typeof id)
  }
})

test('names that a request chooses are names', async () => {
  const token = await mint()
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '/order_id', '/~2', '/', 'exp']) {
    const bind = Object.fromEntries([[name, '7']])
    const request = new Request('https://api.example/', { headers: { authorization: `Bearer ${token}` } })
    const found = await guard(orders(), { expected: () => ({ bind }) })(request)
    assert.equal(found.ok ? 200 : found.response.status, 403, name)
  }
})

const good = await mint()
const PIECES = [
  good,
  'Bearer',
  'bearer',
  'Basic',
  ' ',
  '  ',
  '\t',
  ',',
  ';',
  '=',
  '"',
  '\\',
  'session',
  'Session',
  'a',
  '.',
  '~',
].concat(['%2E', '\u00e9', '\u00ff', 'eyJhbGciOiJub25lIn0', '..', '{}', good.slice(0, 40), 'x'.repeat(20_000)])

/** Some of the pieces, in some order. */
function text() {
  return Array.from({ length: randomInt(0, 7) }, () => PIECES[randomInt(PIECES.length)]).join('')
}

test('whatever the headers hold, the answer is one of four', async () => {
  const protect = guard(orders(), { carriers: CARRIERS })
  const byNode = nodeGuard(orders(), { carriers: CARRIERS })
  let verified = 0
  for (let round = 0; round < 2000; round += 1) {
    const lines = Array.from({ length: randomInt(0, 4) }, () => [
      ['Authorization', 'Cookie', 'x-session-token', 'X-Session-Token'][randomInt(4)] ?? '',
      text(),
    ])
    const request = new Request('https://api.example/', {
      headers: /** @type {[string, string][]} */ (lines),
    })
    const found = await protect(request)
    const status = found.ok ? 200 : found.response.status
    if (found.ok) verified += 1
    assert.ok(found.ok || REFUSALS.has(status), JSON.stringify(lines))
    const raw = lines.flat()
    const other = await new Promise((resolve, reject) => {
      const response = {
        headersSent: false,
        statusCode: 0,
        setHeader: () => {},
        end: () => resolve(response.statusCode),
      }
      // A Host, as every request that came over a wire has it.
      byNode({ method: 'GET', rawHeaders: ['Host', 'api.example', ...raw], headers: {} }, response, (error) =>
        error === undefined ? resolve(200) : reject(error),
      )
    })
    assert.equal(other, status, `fetch and node disagree: ${JSON.stringify(lines)}`)
  }
  assert.ok(verified > 0)
})
