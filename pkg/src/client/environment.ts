/**
 * Refusal of browsers, where credentials would be public.
 *
 * @module
 */

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
