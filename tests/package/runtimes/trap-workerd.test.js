// @ts-check
/** A trap in the core refuses the token that it met, and harms nothing else: in a handler of workerd, as in Node (`tests/attacks`). */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { build } from 'esbuild'
import { freshKey } from '../../attacks/keys.js'
import { anySeed, seeded } from '../../attacks/random.js'
import { jws } from '../../attacks/sign.js'
import { NOW } from '../../attacks/target.js'
import { LENGTH, withTrap } from '../../attacks/trapping.js'
import { HERE, output, runtime } from './lib.js'

const WORKER = `
import * as slim from 'countersign/slim'
import { trapped } from '../../attacks/trap.js'
import wasm from 'countersign/countersign.wasm'

let instances = 0
const { Instance } = WebAssembly
WebAssembly.Instance = class extends Instance {
  constructor(module, imports) {
    super(module, imports)
    instances += 1
  }
}
slim.initSync(wasm)

export default {
  async fetch(request) {
    const wrong = await trapped(slim, await request.json(), () => instances)
    return Response.json({ wrong, instances })
  },
}
`

test('in workerd a trap refuses its token, a new instance is built, and the rest is unharmed', async () => {
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: HERE },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['worker', 'browser'],
    external: ['./countersign.wasm'],
    alias: { 'countersign/countersign.wasm': './countersign.wasm' },
  })
  const published = readFileSync(createRequire(import.meta.url).resolve('countersign/countersign.wasm'))
  const modules = [
    { type: 'ESModule', path: 'worker.js', contents: outputFiles[0]?.text },
    { type: 'CompiledWasm', path: 'countersign.wasm', contents: Buffer.from(withTrap(published)).toString('base64') },
  ]
  const random = seeded(anySeed())
  const [key, pair] = [freshKey('HS256', random), freshKey('ES256', random)]
  const claims = { exp: NOW + 60, sub: 'u' }
  const body = {
    ...{ secret: key.secret.toString('base64url'), good: jws(key, { alg: 'HS256' }, claims), now: NOW, length: LENGTH },
    ...{ jwk: pair.jwk, other: jws(pair, { alg: 'ES256' }, claims) },
  }
  const input = JSON.stringify({ modules, compatibilityDate: '2025-05-31', body })
  const answer = JSON.parse(await output(runtime('node24/bin/node'), [`${HERE}/workers.js`], { input }))
  assert.deepEqual(answer.wrong, [])
  assert.ok(answer.instances > 50)
})
