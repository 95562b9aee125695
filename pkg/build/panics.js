// @ts-check
/**
 * The end of a panic: a trap, without the text that the standard library would format first. In WebAssembly nothing
 * prints that text, and the package treats every trap alike.
 *
 * @module
 */

import binaryen from 'binaryen'

/** The functions of a module: the declarations have this as a member of the module. */
const functions = /** @type {{ Function: ReturnType<typeof binaryen.readBinary>['Function'] }} */ (
  /** @type {unknown} */ (binaryen)
).Function

/** What the compiler calls where Rust panics. None of these functions returns. */
const PANICS = [
  /^core(\[\w+\])?::panicking::(panic|assert_failed)/,
  /^core(\[\w+\])?::(option|result)::(unwrap|expect)_failed$/,
  /^core(\[\w+\])?::slice::.*_fail$/,
  /^core(\[\w+\])?::cell::panic_already/,
  /^alloc(\[\w+\])?::raw_vec::(handle_error|capacity_overflow)$/,
  /^alloc(\[\w+\])?::alloc::handle_alloc_error$/,
]

/**
 * The module with a trap in place of each function that panics, and without the names of its functions.
 *
 * @param {Uint8Array} bytes Of a module with the names of its functions.
 */
export function trapAtPanics(bytes) {
  const module = binaryen.readBinary(bytes)
  let replaced = 0
  for (let index = 0; index < module.getNumFunctions(); index += 1) {
    const one = module.getFunctionByIndex(index)
    const { name } = binaryen.getFunctionInfo(one)
    if (!PANICS.some((pattern) => pattern.test(name))) continue
    functions.setBody(one, module.unreachable())
    replaced += 1
  }
  if (replaced < PANICS.length) throw new Error('The functions that panic have other names: see pkg/build/panics.js.')
  const trapping = module.emitBinary()
  module.dispose()
  return trapping
}
