/**
 * The live instance of the compiled core: made at most once at a time, made again after a trap.
 *
 * The compiled module is kept and the instance is not sacred: whatever leaves the core other than by returning has
 * skipped its destructors, so the instance is given up and the next call gets one made from the module. In
 * workerd a module can be instantiated at any time, but compiled only at start-up.
 *
 * @module
 */

import type { Core } from './generated/exports.js'
import { instantiate } from './generated/glue.js'
import { charactersOf } from './host.js'
import type { Characters } from './host.js'
import { isWellFormed } from './text.js'

export type { Core, CoreKeys, CoreVerifier } from './generated/exports.js'

/** What `init` takes: the module, compiled, or its bytes. */
export type ModuleOrBytes = WebAssembly.Module | BufferSource

/** The core did not return: a trap, or an exception that passed through it. The instance is given up. */
export class CoreTrap extends Error {
  constructor(cause: unknown) {
    super('the core did not return; its next call gets a fresh instance', { cause })
    this.name = 'CoreTrap'
  }
}

let kept: WebAssembly.Module | undefined
let live: Core | undefined
/** Whether the core waits for somebody else, in the middle of a call: its buffers are in use. */
let waits = false
let count = 0
let reason: Error | undefined

/**
 * Makes the core ready, synchronously, from its compiled module or bytes. Once it is ready, does nothing.
 *
 * @throws {TypeError} What is given is neither.
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
 * Makes the core ready, compiling off the thread where the runtime can. Once it is ready, does nothing.
 *
 * @throws {TypeError} What is given is neither a module nor bytes.
 * @throws {Error} The runtime forbids compiling, or the module is not the core of this version.
 */
export async function init(moduleOrBytes: ModuleOrBytes): Promise<void> {
  if (kept !== undefined) return
  const given = checked(moduleOrBytes)
  initSync(isModule(given) ? given : await WebAssembly.compile(given))
}

function checked(given: ModuleOrBytes): ModuleOrBytes {
  if (ArrayBuffer.isView(given) || isModule(given) || /Buffer\]$/.test(tag(given))) return given
  throw new TypeError('countersign is made ready by a WebAssembly.Module or the bytes of one')
}

/** By tag: `instanceof` would deny the module of another realm (Jest, Next's edge sandbox). */
function isModule(value: unknown): value is WebAssembly.Module {
  return tag(value) === '[object WebAssembly.Module]'
}

function tag(value: unknown): string {
  return Object.prototype.toString.call(value)
}

/** Keeps why the core could not be made ready, for {@link core} to say at the first use. */
export function explain(error: Error): void {
  reason = error
}

/**
 * The exports of the live instance. An object made from it belongs to this {@link generation} alone.
 *
 * @throws {Error} Where there is no module: the message says what to do. While the core waits for somebody else.
 */
export function core(): Core {
  if (waits) throw new Error('countersign must not be asked from what it asks itself: it waits for that')
  if (live !== undefined) return live
  if (kept === undefined) {
    throw (
      reason ??
      new Error('countersign/slim is not ready: call initSync(module), or await init(module), first')
    )
  }
  live = instance(kept)
  return live
}

/** What `ask` comes to, for the core that waits for it. */
export function awaited<T>(ask: (octets: Uint8Array) => T, octets: Uint8Array): T {
  waits = true
  try {
    return ask(octets)
  } finally {
    waits = false
  }
}

/** How many instances there have been. It changes only when a call to {@link core} makes one. */
export function generation(): number {
  return count
}

function instance(module: WebAssembly.Module): Core {
  const made = instantiate(module, guard)
  count += 1
  memory = new Uint8Array(0)
  words = new Uint32Array(0)
  input = new Uint8Array(0)
  numbers = new Float64Array(0)
  characters = undefined
  return made
}

type Exported = (...args: unknown[]) => unknown

/**
 * Wraps the exported functions, so that an exception that leaves one gives the instance up.
 *
 * After that none of them runs again: an object of a given-up instance can be freed, which does nothing, and not used.
 */
function guard(exports: WebAssembly.Exports): Record<string, WebAssembly.ExportValue> {
  let trap: CoreTrap | undefined
  const failed = (cause: unknown): CoreTrap => {
    live = undefined
    // An exception of the core's own on its way through an outer call stays the same one.
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
    // The hot path: spreading the arguments would cost more than the call.
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
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === 'function' ? wrap(name, value as Exported) : value,
    ]),
  )
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Views of the live instance's memory. When the memory grows they are detached, and then 0 long. */
let memory = new Uint8Array(0)
let words = new Uint32Array(0)
let input = new Uint8Array(0)
let numbers = new Float64Array(0)
let characters: Characters | undefined

function view(): Uint8Array<ArrayBuffer> {
  if (memory.length === 0) memory = new Uint8Array(core().memory.buffer as ArrayBuffer)
  return memory
}

/** No UTF-8 exists for the text: it holds half of a surrogate pair. */
export const ILL_FORMED = -1

/**
 * Writes text, as UTF-8, to the core's input buffer.
 *
 * The caller bounds the length first: the buffer grows to hold any text and stays as large.
 *
 * @param offset How many octets at the head of the buffer to leave as they are. Default 0.
 * @returns How many octets were written, or {@link ILL_FORMED}; nothing is converted.
 */
export function writeText(text: string, offset = 0): number {
  const { length } = text
  const made = core()
  // UTF-8 takes three octets for a code unit at most. The core keeps its buffer where it is until more is asked for.
  const most = offset + length * 3
  if (input.length < most) {
    const capacity = Math.max(4096, 2 ** Math.ceil(Math.log2(most)))
    const start = made.input(capacity)
    input = view().subarray(start, start + capacity)
  }
  const target = offset === 0 ? input : input.subarray(offset)
  const { written } = encoder.encodeInto(text, target)
  // As many octets as code units: all of it is ASCII, and nothing was replaced.
  return written === length || isWellFormed(text) ? written : ILL_FORMED
}

/** The text that stands, as UTF-8, in `length` octets at `address` in the core's memory: a copy. */
export function readText(address: number, length: number): string {
  return decoder.decode(view().subarray(address, address + length))
}

/** As {@link readText}, where every octet is ASCII: faster, where the runtime has a way. */
export function readAscii(address: number, length: number): string {
  if (charactersOf === undefined) return readText(address, length)
  if (characters === undefined || characters.length === 0) characters = charactersOf(core().memory.buffer)
  return characters.toString('latin1', address, address + length)
}

/** The octets that stand at `address` in the core's memory, not copied. */
export function octets(address: number, length: number): Uint8Array {
  return view().subarray(address, address + length)
}

/**
 * Writes text, one octet for each character, to `address` in the core's memory.
 *
 * @returns Whether it was of that `length`; nothing else is written.
 */
export function writeOctets(text: string, address: number, length: number): boolean {
  if (text.length !== length) return false
  const target = view()
  for (let index = 0; index < length; index += 1) target[address + index] = text.charCodeAt(index)
  return true
}

/** The core's memory, in words. */
export function readWords(): Uint32Array {
  if (words.length === 0) words = new Uint32Array(core().memory.buffer as ArrayBuffer)
  return words
}

/** Writes how many octets each of many tokens has. */
export function writeLengths(lengths: readonly number[]): void {
  readWords().set(lengths, core().lengths() / Uint32Array.BYTES_PER_ELEMENT)
}

/** The numbers that the last call has left in the core, all that follow the first. Good until the next call. */
export function readNumbers(): Float64Array {
  if (numbers.length === 0) numbers = new Float64Array(core().memory.buffer as ArrayBuffer, core().numbers())
  return numbers
}
