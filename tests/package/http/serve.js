// @ts-check
/**
 * The guarded server of these tests in Deno or Bun: says where it listens, and goes on until it is ended.
 *
 * @module
 */

import { app } from './fetch-app.js'

const { Bun, Deno } = /** @type {any} */ (globalThis)
const hostname = '127.0.0.1'
const say = (/** @type {number} */ port) => console.log(`http://${hostname}:${port}`)

if (Bun === undefined) {
  Deno.serve({ hostname, port: 0, onListen: (/** @type {{ port: number }} */ { port }) => say(port) }, app)
} else {
  say(Bun.serve({ hostname, port: 0, fetch: app }).port)
}
