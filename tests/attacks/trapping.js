// @ts-check
/**
 * A core with a deliberate trap: the module that is published, and a stroke of `wasm-opt`'s own library. A token of a certain
 * length lays the memory waste and traps.
 *
 * @module
 */

import binaryen from 'binaryen'

/** The length that traps. No token and no key of the tests has it by chance. */
export const LENGTH = 4_999

/** The exported functions that are given a token, or the keys of others, and which of their parameters is the length. */
const READERS = { coreverifier_verify: 1, coreverifier_inspect: 1, inspectToken: 0, corekeys_publishedJwkSet: 2 }

/** How much of the memory is overwritten before the trap: what the core keeps, in whatever order it does. */
const RUINED = 2 ** 20

const { BulkMemory, BulkMemoryOpt, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SIMD128, SignExt } =
  binaryen.Features

/** What the module uses. */
const FEATURES =
  BulkMemory | BulkMemoryOpt | Multivalue | MutableGlobals | NontrappingFPToInt | ReferenceTypes | SIMD128 | SignExt

/** @param {Uint8Array} bytes Of `countersign.wasm`. */
export function withTrap(bytes) {
  const module = binaryen.readBinary(bytes)
  module.setFeatures(FEATURES)
  for (const [name, parameter] of Object.entries(READERS)) {
    const { value } = binaryen.getExportInfo(module.getExport(name))
    const { body, results } = binaryen.getFunctionInfo(module.getFunction(value))
    const isLength = module.i32.eq(module.local.get(parameter, binaryen.i32), module.i32.const(LENGTH))
    const ruin = module.memory.fill(module.i32.const(0), module.i32.const(0xaa), module.i32.const(RUINED))
    const stroke = module.if(isLength, module.block(null, [ruin, module.unreachable()]))
    // The declared types put it elsewhere.
    const untyped = /** @type {any} */ (binaryen)
    untyped.Function.setBody(module.getFunction(value), module.block(null, [stroke, body], results))
  }
  try {
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}
