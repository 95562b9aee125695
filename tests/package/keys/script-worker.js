// @ts-check
/**
 * The same worker in the older syntax, whose scripts have no `import()`: there, no `waitUntil` is found at run time.
 *
 * @module
 */

import worker from './asking-worker.js'

addEventListener('fetch', (event) => {
  const fetched = /** @type {Event & { request: Request, respondWith: (response: Promise<Response>) => void }} */ (
    event
  )
  fetched.respondWith(worker.fetch(fetched.request))
})
