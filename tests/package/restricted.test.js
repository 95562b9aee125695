// @ts-check
/** Hosts that lack something: the package works, or its error names what is missing and what to do. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const HERE = dirname(fileURLToPath(import.meta.url))

/**
 * What a program prints that may set the host up before it imports the package.
 *
 * @param {string} before
 * @param {readonly string[]} [flags]
 * @param {string} [shell] Runs before it, in its shell.
 */
async function inspecting(before, flags = [], shell = ':') {
  const program = `${before}
    import('countersign').then(
      ({ inspect }) => inspect('eyJhbGciOiJIUzI1NiJ9.e30.AA').kind,
      (error) => 'not imported: ' + error.message,
    ).then((text) => console.log(text), (error) => console.log(error.message))`
  const command = [
    '-c',
    `${shell}; exec "$@"`,
    'sh',
    process.execPath,
    ...flags,
    '--input-type=commonjs',
    '-e',
    program,
  ]
  const { stdout } = await run('/bin/sh', command, { cwd: HERE })
  return stdout.trim()
}

test('without TextEncoder and TextDecoder among the globals, those of node:util are used', async () => {
  assert.equal(await inspecting('delete globalThis.TextEncoder; delete globalThis.TextDecoder'), 'jws')
})

test('without any TextEncoder the import succeeds, and the first use says what is missing', async () => {
  const without = 'delete globalThis.TextEncoder; delete globalThis.TextDecoder; delete process.getBuiltinModule'
  assert.match(
    await inspecting(without),
    /^countersign needs the globals TextEncoder and TextDecoder, .* Jest with jsdom/,
  )
})

test('a getBuiltinModule that throws is the same as none', async () => {
  assert.equal(await inspecting("process.getBuiltinModule = () => { throw new Error('not in this runtime') }"), 'jws')
})

test('without WebAssembly the error says so', async () => {
  assert.match(await inspecting('', ['--jitless']), /^This runtime has no WebAssembly, .*--jitless/)
})

test('out of virtual memory the error names memory, and the flag that helps', async () => {
  const limited = 'ulimit -v 4000000'
  assert.match(await inspecting('', [], limited), /^There is not enough virtual memory .*--disable-wasm-trap-handler/)
  assert.equal(await inspecting('', ['--disable-wasm-trap-handler'], limited), 'jws')
})

test('where compiling is forbidden the error names the policy', async () => {
  const forbidden =
    "WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('blocked by CSP') } }"
  assert.match(
    await inspecting(forbidden),
    /^This runtime does not let countersign compile its WebAssembly\..*wasm-unsafe-eval/,
  )
})

test('a refusal has no stack, leaves the limit of others as it was, and needs neither', async () => {
  const program = `
    const { TokenError, Verifier } = await import('countersign')
    const verifier = new Verifier({ issuer: null, audience: null, keys: { secret: new Uint8Array(32) } })
    const refusal = () => verifier.tryVerify('x')
    const shown = () => [refusal().code, refusal() instanceof TokenError, Error.stackTraceLimit]
    Error.stackTraceLimit = 7
    const lines = refusal().stack.split('\\n').length
    const usual = shown()
    Object.defineProperty(Error, 'stackTraceLimit', { value: 5, writable: false })
    const readOnly = shown()
    console.log(JSON.stringify({ lines, usual, readOnly }))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: HERE })
  assert.deepEqual(JSON.parse(stdout), {
    lines: 1,
    usual: ['token_malformed', true, 7],
    readOnly: ['token_malformed', true, 5],
  })
})

test('where the host forbids compiling the error names Workers and vm contexts', async () => {
  const forbidden =
    "WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('disallowed by embedder') } }"
  assert.match(await inspecting(forbidden), /Workers compile only while they start, .*codeGeneration/)
})

test('a global that is hidden is named', async () => {
  // A bundle, or a context, without Node's Buffer decodes by atob.
  const hidden = `delete globalThis.atob; delete globalThis.Buffer; delete Uint8Array.fromBase64
    process.getBuiltinModule = undefined; module.constructor.createRequire = undefined`
  assert.match(await inspecting(hidden), /needs a global that this environment hides: atob/)
})

test('worker threads, a cluster and frozen intrinsics need nothing', async () => {
  const inspect =
    "import('countersign').then(({ inspect }) => console.log(inspect('eyJhbGciOiJIUzI1NiJ9.e30.AA').kind))"
  for (const [program, flags] of /** @type {[string, string[]][]} */ ([
    [`new (require('node:worker_threads').Worker)(${JSON.stringify(inspect)}, { eval: true })`, []],
    [`const c = require('node:cluster'); if (c.isPrimary) c.fork(); else ${inspect}.then(() => process.exit())`, []],
    [inspect, ['--frozen-intrinsics', '--no-warnings']],
    [inspect, ['--disallow-code-generation-from-strings', '--disable-proto=throw']],
  ])) {
    const file = join(mkdtempSync(join(HERE, 'restricted-')), 'program.cjs')
    writeFileSync(file, program)
    const { stdout } = await run(process.execPath, [...flags, file], { cwd: HERE })
    rmSync(dirname(file), { recursive: true })
    assert.equal(stdout.trim(), 'jws', program)
  }
})

test('a vm context that has its own globals verifies, and one that forbids compiling says so', async () => {
  const program = (/** @type {string} */ options) => `
    const vm = require('node:vm'), fs = require('node:fs'), path = require('node:path')
    const entry = require.resolve('countersign')
    const context = vm.createContext({ process, TextEncoder, TextDecoder, atob, console }, ${options})
    const loaded = new Map()
    const load = (file) => {
      if (loaded.has(file)) return loaded.get(file).exports
      const module = { exports: {} }
      loaded.set(file, module)
      vm.runInContext('(function (exports, require, module, __dirname, __filename) {' + fs.readFileSync(file, 'utf8') + '\\n})', context)(
        module.exports, (name) => load(path.join(path.dirname(file), name)), module, path.dirname(file), file)
      return module.exports
    }
    try { console.log(load(entry).inspect('eyJhbGciOiJIUzI1NiJ9.e30.AA').kind) } catch (error) { console.log(error.message) }`
  const said = async (/** @type {string} */ options) =>
    (await run(process.execPath, ['--input-type=commonjs', '-e', program(options)], { cwd: HERE })).stdout.trim()
  assert.equal(await said('{}'), 'jws')
  assert.match(await said('{ codeGeneration: { wasm: false } }'), /A vm context needs codeGeneration/)
})
