// @ts-check
/**
 * The JavaScript of `countersign/inspect`: the core compiled with nothing but what inspects a token, translated by
 * binaryen's `wasm2js`. It needs no WebAssembly.
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { minified } from './minify.js'
import { ROOT, run } from './steps.js'

/**
 * What the compiler leaves out beside everything that inspects no token: SHA-2 unrolled, and a stack of 1 MiB, of which
 * 16 kB are used.
 */
export const INSPECTION_FLAGS = [
  ...['--cfg=inspection_alone', '--cfg=sha2_backend="soft"', '--cfg=sha2_backend_soft="compact"'],
  '-Clink-arg=-zstack-size=131072',
]

/** The files that are made, with their declarations. */
export const INSPECTION_FILES = ['inspection.js', 'inspection.d.ts']

/**
 * Translates the module.
 *
 * @param {string} path Of the Wasm that cargo made.
 * @param {string} folder Where the files are written.
 * @param {readonly string[]} features Of WebAssembly that the module may use.
 * @returns {Promise<string>} The script, minified.
 */
export async function translate(path, folder, features) {
  const work = mkdtempSync(join(tmpdir(), 'countersign-'))
  const tool = (/** @type {string} */ name) => join(ROOT, 'node_modules', 'binaryen', 'bin', name)
  const [small, script] = [join(work, 'small.wasm'), join(work, 'script.js')]
  try {
    const optimize = [tool('wasm-opt'), path, '-Oz', '--converge', '--strip-producers', ...features, '-o', small]
    await run(process.execPath, optimize, { log: 'inspection' })
    await run(process.execPath, [tool('wasm2js'), small, '-Oz', ...features, '-o', script], { log: 'inspection' })
    const code = await minified(instantiable(readFileSync(script, 'utf8')))
    writeFileSync(join(folder, 'inspection.js'), code)
    writeFileSync(join(folder, 'inspection.d.ts'), DECLARATIONS)
    return code
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Memory that the script fills at its start, in the shape in which wasm2js writes it. */
const SEGMENT = /base64DecodeToExistingUint8Array\(bufferView, (\d+), "([^"]*)"\)/g

/**
 * wasm2js's output as a function that makes an instance, its data as text: gzip packs that better than base64.
 *
 * @param {string} script
 */
function instantiable(script) {
  const [first, last] = [script.indexOf('function initActiveSegments('), script.indexOf('\nvar retasmFunc = ')]
  const head = script.slice(0, Math.max(first, 0))
  const body = script.slice(first, last).replace(SEGMENT, (_, offset, base64) => {
    const text = Buffer.from(base64, 'base64').toString('latin1')
    return `fill(${offset}, ${JSON.stringify(text)})`
  })
  const imports = [...head.matchAll(/^import .*$/gm)].map(([line]) => line)
  if (first < 0 || last < 0 || body.includes('base64DecodeTo') || imports.join() !== `import * as host from 'host';`) {
    throw new Error('wasm2js writes its JavaScript in another shape: inspection.js must learn it.')
  }
  return `var bufferView
function fill(offset, text) {
  for (var index = 0; index < text.length; index += 1) bufferView[offset + index] = text.charCodeAt(index)
}
${body}
export function instantiate(host) {
  return asmFunc({ host })
}
`
}

const DECLARATIONS = `/** What the inspection asks of JavaScript. */
export interface InspectionHost {
  /** \`Number\` of the text of \`length\` octets at \`address\`, which are ASCII. */
  number(address: number, length: number): number
}

/** One instance of the inspection: see \`src/inspection.rs\`. */
export interface Inspector {
  readonly memory: { readonly buffer: ArrayBuffer }
  input(length: number): number
  inspect(limit: number, now: number): number
  output(): number
  time(index: number): number
}

export function instantiate(host: InspectionHost): Inspector
`
