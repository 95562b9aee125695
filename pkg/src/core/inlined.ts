/**
 * The core made ready while the package is imported, from the bytes inlined beside this file.
 *
 * Where that is impossible the import succeeds, and the first use of the core throws an error that says what to do.
 *
 * @module
 */

import { BYTES } from './generated/bytes.js'
import { explain, initSync } from './instance.js'

try {
  initSync(typeof BYTES === 'string' ? decoded(BYTES) : BYTES)
} catch (cause) {
  explain(unready(cause))
}

/** The error for a core that could not be made ready; it follows the cause. */
function unready(cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (/TextEncoder/.test(message)) return cause as Error
  if (cause instanceof RangeError || /memory/i.test(message)) {
    return new Error(
      'There is not enough virtual memory for the WebAssembly of countersign: engines reserve several GiB of ' +
        'addresses for each module, and use a few MiB. Raise the limit (ulimit -v, RLIMIT_AS), or start Node with ' +
        '--disable-wasm-trap-handler, which reserves no more than is used.',
      { cause },
    )
  }
  if (typeof WebAssembly === 'undefined') {
    return new Error(
      'This runtime has no WebAssembly, which countersign needs. Node has none under --jitless; iOS has none in ' +
        'Lockdown Mode.',
      { cause },
    )
  }
  return new Error(
    'This runtime does not let countersign compile its WebAssembly. Allow it (in a page: ' +
      "script-src 'wasm-unsafe-eval'; in workerd: import countersign at the top of the Worker, with a compatibility " +
      'date from 2025-06-01), or import countersign/slim and give init() the compiled module of ' +
      'countersign/countersign.wasm, or of countersign/countersign-scalar.wasm where an engine has no SIMD.',
    { cause },
  )
}

/** What some runtimes have for base64 besides `atob`. */
interface Decoders {
  Uint8Array: { fromBase64?(text: string): Uint8Array<ArrayBuffer> }
  Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> }
}

/**
 * Decodes base64 with the fastest function that the runtime has.
 *
 * Measured on 1.3 million characters in Node 20: `Buffer` 0.7 ms, `atob` and a loop 12 ms, `Uint8Array.from` with a
 * function ten times that. Bundlers that replace a free `Buffer` do not change a member of `globalThis`.
 */
function decoded(base64: string): Uint8Array<ArrayBuffer> {
  const { Uint8Array: octets, Buffer: buffer } = globalThis as unknown as Decoders
  if (octets.fromBase64 !== undefined) return octets.fromBase64(base64)
  if (buffer !== undefined) return buffer.from(base64, 'base64')
  const binary = atob(base64)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index)
  return bytes
}
