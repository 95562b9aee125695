// @ts-check
/**
 * Runs one worker in workerd, through miniflare, and gives what it answers: a program, for miniflare needs Node 22.
 *
 * On standard input: `{ modules, compatibilityDate, body, headers }`, the last two being those of the one request.
 *
 * @module
 */

import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

const { Miniflare } = createRequire(`${process.env.RUNTIMES}/`)('miniflare')
const { modules, compatibilityDate, body, headers } = JSON.parse(await text(process.stdin))
const worker = new Miniflare({
  cf: false,
  compatibilityDate,
  modules: modules.map((/** @type {{ type: string, path: string, contents: string }} */ module) => ({
    ...module,
    contents: module.type === 'CompiledWasm' ? Buffer.from(module.contents, 'base64') : module.contents,
  })),
})
try {
  const response = await worker.dispatchFetch('http://worker.invalid/', {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  process.stdout.write(await response.text())
} finally {
  await worker.dispose()
}
