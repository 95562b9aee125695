// @ts-check
/** Both modules, given to `countersign/slim` in a process of its own: one with SIMD, one for engines without. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { assertAllHeld, output, vectors } from './runtimes/lib.js'

const PROGRAM = fileURLToPath(new URL('slim-program.js', import.meta.url))

/** Every name that `alg` may have. */
const ALGORITHMS = ['HS', 'RS', 'PS', 'ES']
  .flatMap((family) => ['256', '384', '512'].map((bits) => `${family}${bits}`))
  .concat('ES256K', 'EdDSA', 'Ed25519')

/** What makes V8 take the processor for one of before 2008, on which it has no vectors. Nothing but x86 knows it. */
const WITHOUT_SIMD = ['--no-enable-sse4-1', '--no-enable-ssse3']

/** @type {[string, string, string[], boolean][]} */
const CASES = [
  ['the module that the package inlines', 'countersign.wasm', [], true],
  ['the module without SIMD', 'countersign-scalar.wasm', [], true],
  ['the module without SIMD, where there is none', 'countersign-scalar.wasm', WITHOUT_SIMD, process.arch !== 'x64'],
]

for (const [name, module, flags, compilesSimd] of CASES) {
  test(`countersign/slim verifies by every algorithm and obeys every vector: ${name}`, async () => {
    const input = JSON.stringify(vectors)
    const found = JSON.parse(await output(process.execPath, [...flags, PROGRAM, module], { input }))
    assert.equal(found.compilesSimd, compilesSimd)
    const both = { accepted: found.uses, refused: found.uses }
    assert.deepEqual(Object.fromEntries(found.algorithms), Object.fromEntries(ALGORITHMS.map((alg) => [alg, both])))
    assertAllHeld(found)
  })
}

test('where there is no SIMD the package can be imported, and the first use names the module to take', async () => {
  const program = `
    import { Verifier } from 'countersign'
    try {
      new Verifier({ issuer: null, audience: null, keys: { secret: new Uint8Array(32).fill(7) } })
      process.stdout.write('built')
    } catch (error) {
      process.stdout.write(error.message)
    }`
  const args = ['--input-type=module', '-e', program]
  const said = await output(process.execPath, process.arch === 'x64' ? [...WITHOUT_SIMD, ...args] : args)
  assert.match(said, process.arch === 'x64' ? /countersign-scalar\.wasm/ : /^built$/)
})
