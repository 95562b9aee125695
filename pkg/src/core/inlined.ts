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
  initSync(decoded(BYTES))
} catch (cause) {
  explain(
    new Error(
      'This runtime does not let countersign compile its WebAssembly. Allow it (in a page: ' +
        "script-src 'wasm-unsafe-eval'; in workerd: a compatibility date from 2025-06-01), or import " +
        'countersign/slim and give init() the compiled module of countersign/countersign.wasm.',
      { cause },
    ),
  )
}

/** Base64, decoded by whatever the runtime has for it; `Uint8Array.from` with a function would take ten times as long. */
function decoded(base64: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, base64)
  const binary = atob(base64)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index)
  return bytes
}
