// @ts-check
/**
 * workerd, before and after the date from which it compiles WebAssembly at start-up, at start-up and in a handler.
 *
 * Workers are bundled as wrangler bundles them: by esbuild, with its conditions.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { build } from 'esbuild'
import { SignJWT } from 'jose'
import { EXAMPLES } from '../http/readme.js'
import { assertAllHeld, HERE, output, runtime, vectors, vectorsLiteral } from './lib.js'

/** One day before, and the day from which, `new WebAssembly.Module(bytes)` is allowed while a worker starts. */
const BEFORE = '2025-05-31'
const FROM = '2025-06-01'

/**
 * What the worker with this source answers.
 *
 * @param {string} source
 * @param {string} compatibilityDate
 * @param {{ body?: unknown, headers?: Record<string, string> }} [request] The body goes as JSON.
 */
async function answer(source, compatibilityDate, { body = {}, headers = {} } = {}) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: HERE },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['./countersign.wasm'],
    alias: { 'countersign/countersign.wasm': './countersign.wasm' },
  })
  const wasm = createRequire(import.meta.url).resolve('countersign/countersign.wasm')
  const modules = [
    { type: 'ESModule', path: 'worker.js', contents: outputFiles[0]?.text },
    { type: 'CompiledWasm', path: 'countersign.wasm', contents: readFileSync(wasm, 'base64') },
  ]
  const input = JSON.stringify({ modules, compatibilityDate, body, headers })
  return await output(runtime('node24/bin/node'), [`${HERE}/workers.js`], { input })
}

test('workerd inspects a token at any date, where it compiles no WebAssembly', async () => {
  const source = `
    import { inspect } from 'countersign/inspect'
    export default { fetch: () => Response.json([inspect('a.b.c').error.code, inspect('eyJhbGciOiJkaXIifQ....').kind]) }`
  assert.deepEqual(JSON.parse(await answer(source, BEFORE)), ['token_malformed', 'jwe'])
})

const IN_HANDLER = `
import { verdicts } from './verdicts.js'
export default {
  async fetch(request) {
    return Response.json(verdicts(countersign, await request.json()))
  },
}
`

const AT_START = `
import { verdicts } from './verdicts.js'
const found = verdicts(countersign, ${vectorsLiteral})
export default { fetch: () => Response.json(found) }
`

const INLINED = `import * as countersign from 'countersign'\n`

const SLIM = `import * as countersign from 'countersign/slim'
import wasm from 'countersign/countersign.wasm'
countersign.initSync(wasm)
`

/** @type {[string, string, string, { body: unknown }?][]} */
const CASES = [
  ['the package, in a handler', INLINED + IN_HANDLER, FROM, { body: vectors }],
  ['the package, at start-up', INLINED + AT_START, FROM],
  ['countersign/slim, in a handler, before that date', SLIM + IN_HANDLER, BEFORE, { body: vectors }],
  ['countersign/slim, at start-up, before that date', SLIM + AT_START, BEFORE],
]

for (const [name, source, date, request] of CASES) {
  test(`workerd gives every vector its answer: ${name}`, async () => {
    assertAllHeld(JSON.parse(await answer(source, date, request)))
  })
}

test('the README’s worker with countersign/slim verifies before that date', async () => {
  const secret = new Uint8Array(32).fill(7)
  const example = String(EXAMPLES.get('slim.js')).replace(
    "import { keys } from './keys.js'",
    `const keys = { secret: new Uint8Array([${secret}]) }`,
  )
  /** @param {Uint8Array} key */
  const authorization = async (key) => {
    const token = await new SignJWT({ sub: 'reader' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('https://issuer.example')
      .setAudience('https://api.example')
      .setExpirationTime('1h')
      .sign(key)
    return { authorization: `Bearer ${token}` }
  }
  const good = await answer(example, BEFORE, { headers: await authorization(secret) })
  assert.equal(JSON.parse(good).sub, 'reader')
  const bad = await answer(example, BEFORE, { headers: await authorization(new Uint8Array(32).fill(8)) })
  assert.equal(JSON.parse(bad).code, 'signature_invalid')
})

test('workerd imports the package before that date, and the first use says what to do', async () => {
  const source = `${INLINED}
export default {
  fetch() {
    try {
      new countersign.Verifier({ issuer: null, audience: null, keys: { secret: new Uint8Array(32) } })
      return new Response('built')
    } catch (error) {
      return new Response(error.name + ': ' + error.message)
    }
  },
}`
  assert.match(await answer(source, BEFORE), /^Error: .*countersign\/slim/)
})
