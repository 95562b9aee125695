/**
 * What the runtime is: a browser, where credentials are refused, or workerd, where requests end early.
 *
 * @module
 */

/** Keeps a request's context alive until a promise settles. */
export type WaitUntil = (promise: Promise<unknown>) => void

/**
 * Refuses browsers: a secret in front-end code is public.
 *
 * @throws {TypeError} In a page, and in a worker of one.
 */
export function refuseBrowser(): void {
  const agent = globalThis.navigator?.userAgent ?? ''
  const isWorker = Object.hasOwn(globalThis, 'WorkerGlobalScope') && agent.startsWith('Mozilla/')
  if (Object.hasOwn(globalThis, 'document') || isWorker) {
    throw new TypeError('countersign/client must not be used in a browser: its secrets and keys would be public')
  }
}

/** Whether this is workerd: a request that has ended takes its promises with it. */
export function isWorkerd(): boolean {
  return globalThis.navigator?.userAgent === 'Cloudflare-Workers'
}

/** workerd's `waitUntil` of the current request, without its context object; `undefined` elsewhere. */
export async function findWaitUntil(): Promise<WaitUntil | undefined> {
  if (!isWorkerd()) return undefined
  try {
    // Not a literal: bundlers must not look for it.
    const name = 'cloudflare:workers'
    const { waitUntil } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as { waitUntil?: WaitUntil }
    return typeof waitUntil === 'function' ? waitUntil : undefined
  } catch {
    return undefined
  }
}
