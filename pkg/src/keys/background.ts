/**
 * Work that goes on after the request that began it has its answer.
 *
 * In workerd the runtime stops such work unless `waitUntil` carries it; elsewhere nothing is needed.
 *
 * @module
 */

import { isWorkerd } from '../wait.js'

/** Keeps a request's context alive until a promise settles. */
export type WaitUntil = (promise: Promise<unknown>) => void

/** workerd's own `waitUntil`, which acts on the request that is being handled. */
let ofRuntime: WaitUntil | undefined
let isSought = false

/** Looks for workerd's `waitUntil`, once. Elsewhere, and where it has none, does nothing. */
export async function seekWaitUntil(): Promise<void> {
  if (isSought || !isWorkerd()) return
  try {
    // A name that bundlers do not resolve: the module exists in workerd alone.
    const name = 'cloudflare:workers'
    const module: { waitUntil?: unknown } = await import(/* @vite-ignore */ /* webpackIgnore: true */ name)
    if (typeof module.waitUntil === 'function') ofRuntime = module.waitUntil as WaitUntil
  } catch {
    // An older workerd.
  }
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
    waitUntil?.(work)
  } catch {
    // Outside of a request: the work goes on as far as the runtime lets it.
  }
}
