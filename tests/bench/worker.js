// @ts-check
/**
 * One group in workerd: a job is the body of the request, what was measured the answer.
 *
 * @module
 */

// Compiled while the worker starts, the only moment that allows it.
import 'countersign'
import { settle } from './groups.js'

export default {
  /** @param {Request} request */
  async fetch(request) {
    return Response.json(await settle(await request.json()))
  },
}
