// @ts-check
/** Hosts that lack something: the package works, or its error names what is missing and what to do. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
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
