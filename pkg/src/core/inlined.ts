/**
 * Makes the core ready while the package is imported, from the bytes inlined beside this file.
 *
 * Where compiling is forbidden the import succeeds, and the first use of the core says what to do.
 *
 * @module
 */

import { BYTES } from './generated/bytes.js'
import { explain, initSync } from './instance.js'

try {
  initSync(typeof BYTES === 'string' ? decoded(BYTES) : BYTES)
} catch (cause) {
  explain(
    new Error(
      'This runtime does not let countersign compile its WebAssembly. Allow it (in a page: ' +
        "script-src 'wasm-unsafe-eval'; in workerd: a compatibility date from 2025-06-01), or import " +
        'countersign/slim and give init() the compiled module of countersign/countersign.wasm, or of ' +
        'countersign/countersign-scalar.wasm where an engine has no SIMD.',
      { cause },
    ),
  )
}

/** What runtimes have for base64, beside `atob`. */
interface Decoders {
  Uint8Array: { fromBase64?(text: string): Uint8Array<ArrayBuffer> }
  Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> }
}

/**
 * Base64, decoded by the fastest that the runtime has.
 *
 * Measured on 1.3 million characters in Node 20: `Buffer` 0.7 ms, `atob` and a loop 12 ms, `Uint8Array.from` with a
 * function ten times that. Bundlers that replace a free `Buffer` leave a member of `globalThis` alone.
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
