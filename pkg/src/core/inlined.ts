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
  return new Error(adviceFor(message, cause), { cause })
}

/** What to do about a runtime that did not compile the module. */
function adviceFor(message: string, cause: unknown): string {
  const slim =
    'import countersign/slim and give init() the compiled module of countersign/countersign.wasm ' +
    '(where the bundler knows it, countersign/countersign.wasm?module)'
  if (typeof WebAssembly === 'undefined') {
    return (
      'This runtime has no WebAssembly, which countersign needs. Node has none under --jitless; iOS has none in ' +
      'Lockdown Mode.'
    )
  }
  if (cause instanceof ReferenceError) return `countersign needs a global that this environment hides: ${message}.`
  if (/embedder/.test(message)) {
    return (
      'This runtime does not let countersign compile its WebAssembly here. Workers compile only while they start, with ' +
      'a compatibility date from 2025-06-01: import countersign at the top of the main module, or bundle with the ' +
      `condition "workerd" (as wrangler does), or ${slim}. A vm context needs codeGeneration: { wasm: true }.`
    )
  }
  if (/CSP|Security.Policy|unsafe-eval|Refused/i.test(message)) {
    return (
      'This runtime does not let countersign compile its WebAssembly. Allow it in the Content-Security-Policy ' +
      `(script-src 'wasm-unsafe-eval'), or ${slim}.`
    )
  }
  return (
    "This runtime does not compile countersign's WebAssembly. If its engine has no SIMD, import countersign/slim and " +
    'give init() the module of countersign/countersign-scalar.wasm.'
  )
}
