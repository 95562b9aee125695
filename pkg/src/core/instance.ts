/**
 * The live instance of the compiled core: one at a time, and another after a trap.
 *
 * The compiled module is kept. An exception that leaves the core has skipped its destructors, so the instance is
 * discarded and the next call makes another from the module. In workerd a module can be instantiated at any time, but
 * compiled only at start-up.
 *
 * @module
 */

import type { Core } from './generated/exports.js'
import { instantiate } from './generated/glue.js'
import { mustBe } from './mistake.js'
import type { Characters } from './node-crypto.js'
import { charactersOf } from './node-crypto.js'
import { isWellFormed, textCodecs } from './utf8.js'

/** @internal */
export type { Core, CoreKeys, CoreVerifier } from './generated/exports.js'

/** The core's module: compiled, or its bytes. */
export type ModuleOrBytes = WebAssembly.Module | BufferSource

/** The core did not return: a trap, or an exception that passed through it. The instance is discarded. */
export class CoreTrap extends Error {
  constructor(cause: unknown) {
    super('a call into the WebAssembly core did not return; the next call uses another instance', { cause })
    this.name = 'CoreTrap'
  }
}

let kept: WebAssembly.Module | undefined
let live: Core | undefined
/** Whether a call into the core is suspended while the host computes: its buffers are in use. */
let waits = false
let count = 0
let reason: Error | undefined

/**
 * Makes the core ready, synchronously, from its compiled module or bytes. Does nothing once it is ready.
 *
 * @throws {TypeError} For anything else.
 * @throws {Error} The runtime forbids compiling, or the module is not the core of this version.
 */
export function initSync(moduleOrBytes: ModuleOrBytes): void {
  if (kept !== undefined) return
  const given = checked(moduleOrBytes)
  const module = isModule(given) ? given : new WebAssembly.Module(given)
  live = instance(module)
  kept = module
}

/**
 * Makes the core ready, compiling in the background where the runtime can. Does nothing once it is ready.
 *
 * @throws {TypeError} For anything but a module or bytes.
 * @throws {Error} The runtime forbids compiling, or the module is not the core of this version.
 */
export async function init(moduleOrBytes: ModuleOrBytes): Promise<void> {
  if (kept !== undefined) return
  const given = checked(moduleOrBytes)
  // Webpack's build of Next for its edge runtime refuses a program that contains a direct call of WebAssembly.compile.
  initSync(isModule(given) ? given : await globalThis.WebAssembly.compile(given))
}

function checked(given: ModuleOrBytes): ModuleOrBytes {
  if (ArrayBuffer.isView(given) || isModule(given) || /Buffer\]$/.test(tag(given))) return given
  throw mustBe('the argument of init()', 'a WebAssembly.Module or the bytes of one, an object', given)
}

/** Compares tags: `instanceof` is false for a module of another realm (Jest, Next's edge sandbox). */
function isModule(value: unknown): value is WebAssembly.Module {
  return tag(value) === '[object WebAssembly.Module]'
}

function tag(value: unknown): string {
  return Object.prototype.toString.call(value)
}

/** Keeps the reason why the core could not be made ready; {@link core} throws it at the first use. */
export function explain(error: Error): void {
  reason = error
}

/**
 * The exports of the live instance. An object made from it can be used in this {@link generation} only.
 *
 * @throws {Error} If there is no module: the message says what to do. If a call into the core is suspended.
 * @internal
 */
export function core(): Core {
  if (waits) throw new Error('countersign was called re-entrantly, from inside its own host callback')
  if (live !== undefined) return live
  if (kept === undefined) {
    throw reason ?? new Error('countersign/slim is not ready: call initSync(module), or await init(module), first')
  }
  live = instance(kept)
  return live
}

/** Runs `ask` while the core is suspended in a call to the host. */
export function awaited<T>(ask: (octets: Uint8Array) => T, octets: Uint8Array): T {
  waits = true
  try {
    return ask(octets)
  } finally {
    waits = false
  }
}

/** How many instances were made. It changes only when a call to {@link core} makes one. */
export function generation(): number {
  return count
}

function instance(module: WebAssembly.Module): Core {
  const codecs = textCodecs()
  const made = instantiate(module, guard, codecs)
  encoder = new codecs.TextEncoder()
  decoder = new codecs.TextDecoder('utf-8', { ignoreBOM: true })
  count += 1
  memory = new Uint8Array(0)
  words = new Uint32Array(0)
  input = new Uint8Array(0)
  records = new Float64Array(0)
  characters = undefined
  return made
}

type Exported = (...args: unknown[]) => unknown

/** The export that verifies one token. */
type PerToken = (verifier: number, token: number, expected: number, now: number) => void

/**
 * Wraps the exported functions, so that an exception that leaves one discards the instance.
 *
 * After that none of them runs again: freeing an object of a discarded instance does nothing, using one throws.
 */
function guard(exports: WebAssembly.Exports): Record<string, WebAssembly.ExportValue> {
  let trap: CoreTrap | undefined
  const failed = (cause: unknown): CoreTrap => {
    live = undefined
    // An exception that passes through two calls into the core stays the same one.
    trap ??= cause instanceof CoreTrap ? cause : new CoreTrap(cause)
    return trap
  }
  const wrap = (name: string, run: Exported): Exported => {
    const frees = /^__wbg_\w+_free$/.test(name)
    const call = (args: unknown[]): unknown => {
      if (trap !== undefined) {
        if (frees) return undefined
        throw trap
      }
      try {
        return run(...args)
      } catch (error) {
        throw failed(error)
      }
    }
    // The hot path: spreading the arguments costs more than the call.
    const fast = (a?: unknown, b?: unknown, c?: unknown, d?: unknown): unknown => {
      if (trap !== undefined) return call([])
      try {
        return run(a, b, c, d)
      } catch (error) {
        throw failed(error)
      }
    }
    return run.length <= 4 ? fast : (...args) => call(args)
  }
  const wrapped = Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === 'function' ? wrap(name, value as Exported) : value,
    ]),
  )
  // A wrapper of its own for each call that many tokens make: an engine inlines a call whose target does not change.
  const { coreverifier_verify: verify } = exports as unknown as { coreverifier_verify: PerToken }
  const perToken: PerToken = (verifier, token, expected, now) => {
    if (trap !== undefined) throw trap
    try {
      return verify(verifier, token, expected, now)
    } catch (error) {
      throw failed(error)
    }
  }
  return { ...wrapped, coreverifier_verify: perToken }
}

/** Made with the instance: an environment may have no such classes when this module is imported. */
let encoder: TextEncoder
let decoder: TextDecoder

/** The live instance's memory and views of it. When the memory grows they are detached, and their length is 0. */
let buffer = new ArrayBuffer(0)
let memory = new Uint8Array(0)
let words = new Uint32Array(0)
let input = new Uint8Array(0)
let records = new Float64Array(0)
let characters: Characters | undefined

function view(): Uint8Array<ArrayBuffer> {
  if (memory.length === 0) {
    buffer = core().memory.buffer as ArrayBuffer
    memory = new Uint8Array(buffer)
  }
  return memory
}

/** The text has no UTF-8 encoding: it contains half of a surrogate pair. */
export const ILL_FORMED = -1

/**
 * Writes text, as UTF-8, to the core's input buffer.
 *
 * The caller limits the length first: the buffer grows to hold any text and never shrinks.
 *
 * @param offset How many octets at the start of the buffer to leave as they are. Default 0.
 * @returns How many octets were written, or {@link ILL_FORMED}.
 */
export function writeText(text: string, offset = 0): number {
  const { length } = text
  const made = core()
  // UTF-8 has at most three octets for a code unit. The core's buffer moves only when a larger one is asked for.
  const most = offset + length * 3
  if (input.length < most) {
    const capacity = Math.max(4096, 2 ** Math.ceil(Math.log2(most)))
    const start = made.input(capacity)
    input = view().subarray(start, start + capacity)
  }
  const target = offset === 0 ? input : input.subarray(offset)
  const { written } = encoder.encodeInto(text, target)
  // As many octets as code units: the text is ASCII, and nothing was replaced.
  return written === length || isWellFormed(text) ? written : ILL_FORMED
}

/** The text in `length` octets of UTF-8 at `address` in the core's memory: a copy. */
export function readText(address: number, length: number): string {
  return decoder.decode(view().subarray(address, address + length))
}

/** As {@link readText}, for octets that are all ASCII: faster in Node and Bun. */
export function readAscii(address: number, length: number): string {
  if (characters === undefined || characters.length === 0) characters = charactersOf(core().memory.buffer)
  return characters?.latin1Slice(address, address + length) ?? readText(address, length)
}

/** The octets at `address` in the core's memory, not copied. */
export function octets(address: number, length: number): Uint8Array {
  view()
  // The variable, not `view().buffer`: that is a getter, which an engine calls.
  return new Uint8Array(buffer, address, length)
}

/**
 * Writes text, two octets for each character, the lower first, to `address` in the core's memory.
 *
 * @param address Divisible by 4.
 * @param words How many words of four octets the text must have.
 * @returns Whether it has as many. Otherwise nothing is written.
 */
export function writeUnits(text: string, address: number, words: number): boolean {
  if (text.length !== 2 * words) return false
  const target = readWords()
  const first = address / Uint32Array.BYTES_PER_ELEMENT
  for (let index = 0; index < words; index += 1) {
    target[first + index] = text.charCodeAt(2 * index) | (text.charCodeAt(2 * index + 1) << 16)
  }
  return true
}

/** The core's memory as words of 32 bits. */
export function readWords(): Uint32Array {
  if (words.length === 0) words = new Uint32Array(core().memory.buffer as ArrayBuffer)
  return words
}

/** Writes the length of each of many tokens, in octets. */
export function writeLengths(lengths: readonly number[]): void {
  readWords().set(lengths, core().lengths() / Uint32Array.BYTES_PER_ELEMENT)
}

/** The records that the last call wrote, and all memory after them. Valid until the next call. */
export function readRecords(): Float64Array {
  if (records.length === 0) records = new Float64Array(core().memory.buffer as ArrayBuffer, core().records())
  return records
}
