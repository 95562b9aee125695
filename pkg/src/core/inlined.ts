/**
 * The start of the core while the package is imported, from the packed bytes inlined beside this file.
 *
 * Where that is impossible the import succeeds, and the first use of the core throws an error that says what to do.
 *
 * @module
 */

import { BYTES, UNPACKER } from './generated/bytes.js'
import { explain, initSync } from './instance.js'
import { unpacked } from './packed.js'

try {
  initSync(typeof BYTES === 'string' ? unpacked(UNPACKER, BYTES) : BYTES)
} catch (cause) {
  explain(unready(cause))
}

/** The error for a core that could not be made ready; it follows the cause. */
function unready(cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (/TextEncoder|is damaged/.test(message)) return cause as Error
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
