// @ts-check
/** A trap in the core refuses the token that it met, and harms nothing else: in Node. In workerd: `tests/package/runtimes`. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { freshKey } from './keys.js'
import { anySeed, seeded } from './random.js'
import { jws } from './sign.js'
import { NOW } from './target.js'
import { trapped } from './trap.js'
import { LENGTH, withTrap } from './trapping.js'

let instances = 0
WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
  constructor(module, imports) {
    super(module, imports)
    instances += 1
  }
}

test('a trap refuses its token, a new instance is built, later calls and other verifiers are unharmed', async () => {
  const slim = await import('countersign/slim')
  const bytes = readFileSync(createRequire(import.meta.url).resolve('countersign/countersign.wasm'))
  slim.initSync(new Uint8Array(withTrap(bytes)))
  const random = seeded(anySeed())
  const key = freshKey('HS256', random)
  const pair = freshKey('ES256', random)
  const claims = { exp: NOW + 60, sub: 'u' }
  const given = {
    ...{ secret: key.secret.toString('base64url'), good: jws(key, { alg: 'HS256' }, claims), now: NOW, length: LENGTH },
    ...{ jwk: pair.jwk, other: jws(pair, { alg: 'ES256' }, claims) },
  }
  assert.deepEqual(await trapped(slim, given, () => instances), [])
  assert.ok(instances > 50)
})
