// @ts-check
/**
 * workerd, before and after the date from which it compiles WebAssembly at start-up, at start-up and in a handler.
 *
 * Workers are bundled by esbuild: with the condition `workerd`, as wrangler bundles them, or without it.
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
 * @param {{ body?: unknown, headers?: Record<string, string>, conditions?: string[] }} [request] The body goes as JSON.
 */
async function answer(source, compatibilityDate, { body = {}, headers = {}, conditions = [] } = {}) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: HERE },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: [...conditions, 'worker', 'browser'],
    external: ['./countersign.wasm', './countersign.wasm?module'],
    alias: { 'countersign/countersign.wasm': './countersign.wasm' },
  })
  const wasm = createRequire(import.meta.url).resolve('countersign/countersign.wasm')
  const modules = [
    { type: 'ESModule', path: 'worker.js', contents: outputFiles[0]?.text },
    ...['countersign.wasm', 'countersign.wasm?module'].map((path) => ({
      type: 'CompiledWasm',
      path,
      contents: readFileSync(wasm, 'base64'),
    })),
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

/** Evaluates the package inside the request, when workerd compiles nothing. */
const LAZY = `
export default {
  async fetch(request) {
    const countersign = await import('countersign')
    const { verdicts } = await import('./verdicts.js')
    return Response.json(verdicts(countersign, await request.json()))
  },
}
`

const WORKERD = { body: vectors, conditions: ['workerd'] }

/** @type {[string, string, string, { body: unknown, conditions?: string[] }?][]} */
const CASES = [
  ['the package, in a handler', INLINED + IN_HANDLER, FROM, { body: vectors }],
  ['the package, at start-up', INLINED + AT_START, FROM],
  ['the package, with the condition workerd', INLINED + IN_HANDLER, FROM, WORKERD],
  ['the package, with the condition workerd, before that date', INLINED + IN_HANDLER, BEFORE, WORKERD],
  ['the package, with the condition workerd, evaluated in a request', LAZY, FROM, WORKERD],
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
    /import \{ keys \} from ['"]\.\/keys\.js['"];?/,
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

test('evaluated in a request without that condition, the first use says what to do', async () => {
  const source = LAZY.replace(
    /const \{ verdicts[^]*\)\)\n/,
    `
    try {
      return new Response(countersign.inspect('eyJhbGciOiJIUzI1NiJ9.e30.AA').kind)
    } catch (error) {
      return new Response(error.message)
    }
`,
  )
  assert.match(await answer(source, FROM), /only while they start.*condition "workerd".*countersign\/slim/)
})
