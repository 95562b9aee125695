// @ts-check
/**
 * Turns the JavaScript that wasm-bindgen writes into a function that makes one instance.
 *
 * wasm-bindgen keeps the instance in variables of the module: there can be one for the life of the process, and the
 * finalizers of an object made before a restart would free memory of the instance after it. In a function
 * of its own each instance has its own variables, classes and finalizers.
 *
 * @module
 */

/** The line of wasm-bindgen's output that separates the bindings, which are kept, from its own loading, which is not. */
const LOADING = '\nasync function __wbg_load('

/**
 * @param {string} javascript `core.js` as wasm-bindgen writes it for the web.
 * @param {string} declarations `core.d.ts` beside it.
 * @returns {{ glue: string, exports: string }} The sources of `generated/glue.ts` and `generated/exports.ts`.
 */
export function instantiable(javascript, declarations) {
  const end = javascript.indexOf(LOADING)
  const names = [...javascript.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name)
  const body = javascript.slice(0, end).replace(/^export (class|function) /gm, '$1 ')
  if (end < 0 || names.length === 0 || /^export |import\.meta|\bfetch\(/m.test(body)) {
    throw new Error('wasm-bindgen writes its JavaScript in another shape: glue.js must learn it.')
  }
  // `Symbol.dispose` is unknown to TypeScript under lib es2022, and the package frees its objects by `free`.
  const types = declarations
    .slice(0, declarations.indexOf('export type InitInput'))
    .replaceAll(/^ *\[Symbol\.dispose\]\(\): void;\n/gm, '')
  return {
    glue: `// @ts-nocheck
import type { Core } from './exports.js'

/**
 * Makes an instance of the core.
 *
 * @param guard Wraps the functions that the instance exports.
 * @param codecs The classes that encode and decode text.
 */
export function instantiate(module: WebAssembly.Module, guard, { TextDecoder, TextEncoder }): Core {
${body}
const instance = new WebAssembly.Instance(module, __wbg_get_imports())
__wbg_finalize_init({ exports: guard(instance.exports) }, module)
return { memory: wasm.memory, ${names.join(', ')} }
}
`,
    exports: `${types.replace(/^export (class|function)/gm, 'export declare $1').replace(/\bany\b/g, 'unknown')}
/** What one instance of the core exports. */
export interface Core {
  readonly memory: WebAssembly.Memory
${names.map((name) => `  readonly ${name}: typeof ${name}`).join('\n')}
}
`,
  }
}
