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

export type { Core, CoreKeys, CoreVerifier } from './generated/exports.js'

/** What `init` takes: the module, compiled, or its bytes. */
export type ModuleOrBytes = WebAssembly.Module | BufferSource

/** The core did not return: a trap, or an exception that passed through it. The instance is given up. */
export class CoreTrap extends Error {
  constructor(cause: unknown) {
    super('The core did not return; its next call gets a fresh instance.', { cause })
    this.name = 'CoreTrap'
  }
}

let kept: WebAssembly.Module | undefined
let live: Core | undefined
let count = 0
let reason: Error | undefined

/**
 * Compiles and keeps the module that every instance is made from. Once there is one, does nothing.
 *
 * @throws {Error} Where the runtime forbids compiling, or the bytes are no module.
 */
export function provide(moduleOrBytes: ModuleOrBytes): void {
  kept ??= isModule(moduleOrBytes) ? moduleOrBytes : new WebAssembly.Module(moduleOrBytes)
}

/** Keeps why there is no module, for {@link core} to say at the first use. */
export function explain(error: Error): void {
  reason = error
}

/** A module of another realm is a module: `instanceof` would deny it (Jest, Next's edge sandbox). */
export function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === '[object WebAssembly.Module]'
}

/**
 * The exports of the live instance. An object made from it belongs to this {@link generation} alone.
 *
 * @throws {Error} Where there is no module: the message says what to do.
 */
export function core(): Core {
  return live ?? instance()
}

/** How many instances there have been. It changes only when a call to {@link core} makes one. */
export function generation(): number {
  return count
}

function instance(): Core {
  if (kept === undefined) {
    throw (
      reason ??
      new Error('countersign/slim is not ready: call initSync(module), or await init(module), first.')
    )
  }
  count += 1
  live = instantiate(kept, guard)
  bytes = new Uint8Array(0)
  return live
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

/** The core's memory. Growing it detaches the view, which is then 0 long. */
let bytes = new Uint8Array(0)

/** The core's memory as it is now. Not to be kept across a call into the core, which may grow it. */
export function memory(): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) bytes = new Uint8Array(core().memory.buffer as ArrayBuffer)
  return bytes
}

/** No UTF-8 exists for the text: it holds half of a surrogate pair. */
export const ILL_FORMED = -1

/**
 * Writes text, as UTF-8, to the core's input buffer.
 *
 * @param offset How many octets at the head of the buffer to leave as they are. Default 0.
 * @returns How many octets were written, or {@link ILL_FORMED}; nothing is converted.
 */
export function writeText(text: string, offset = 0): number {
  const { length } = text
  const start = core().input(offset + length * 3) + offset
  const target = memory()
  if (length <= 64) {
    let index = 0
    for (; index < length; index += 1) {
      const unit = text.charCodeAt(index)
      if (unit > 0x7f) break
      target[start + index] = unit
    }
    if (index === length) return length
  }
  const { written } = encoder.encodeInto(text, target.subarray(start, start + length * 3))
  // As many octets as code units: all of it is ASCII, and nothing was replaced.
  return written === length || isWellFormed(text) ? written : ILL_FORMED
}

/** The text that stands, as UTF-8, in the first `length` octets of the core's output buffer: a copy. */
export function readText(length: number): string {
  const start = core().output()
  return decoder.decode(memory().subarray(start, start + length))
}

/** Like `String.prototype.isWellFormed`, which Node has from 20 and Safari from 16.4. */
const isWellFormed: (text: string) => boolean =
  'isWellFormed' in String.prototype
    ? (text) => (text as string & { isWellFormed(): boolean }).isWellFormed()
    : (text) => !/\p{Surrogate}/u.test(text)
