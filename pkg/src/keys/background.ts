/**
 * Work that goes on after the request that began it has its answer.
 *
 * In workerd the runtime stops such work unless `waitUntil` carries it; elsewhere nothing is needed.
 *
 * @module
 */

import { handleRejection } from '../core/callback.js'
import type { WaitUntil } from '../wait.js'
import { findWaitUntil, isWorkerd } from '../wait.js'

/** workerd's own `waitUntil`. */
let ofRuntime: WaitUntil | undefined
let isSought = false

/** Looks for workerd's `waitUntil`, once. Elsewhere, and where it has none, does nothing. */
export async function seekWaitUntil(): Promise<void> {
  if (isSought) return
  ofRuntime = await findWaitUntil()
  isSought = true
}

/** Whether work can go on in the background. */
export function canCarry(given: WaitUntil | undefined): boolean {
  return !isWorkerd() || (given ?? ofRuntime) !== undefined
}

/** Lets `work` go on in the background. It must not reject. */
export function carry(work: Promise<unknown>, given: WaitUntil | undefined): void {
  const waitUntil = given ?? ofRuntime
  try {
    handleRejection(waitUntil?.(work))
  } catch {
    // Outside of a request: the work goes on as far as the runtime lets it.
  }
}
