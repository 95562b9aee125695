// @ts-check
/** What importing `countersign/client` costs: `clientCredentials` alone brings no WebAssembly into a bundle. */

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import * as client from 'countersign/client'
import { bundled } from './bundle.js'

/** @param {string} names @returns The size in octets, minified, and whether the core and DPoP are in it. */
async function using(names) {
  const { files, octets } = await bundled(`import { ${names} } from 'countersign/client'\nconsole.log(${names})`)
  const holds = (/** @type {string} */ part) => files.some((path) => path.includes(part))
  return { octets, core: holds('core/generated/'), dpop: holds('client/dpop') }
}

test('clientCredentials alone is less than 30 kB, without WebAssembly; a request with a receipt brings it', async () => {
  const alone = await using('clientCredentials, ClientError')
  assert.equal(alone.core, false)
  assert.equal(alone.dpop, false)
  assert.ok(alone.octets < 30_000, `${alone.octets} octets`)
  const bound = await using('clientCredentials, ClientError, dpop')
  assert.deepEqual([bound.core, bound.dpop], [false, true])
  assert.ok(bound.octets - alone.octets < 2500, `${bound.octets - alone.octets} octets`)
  assert.equal((await using('juspayToken')).core, true)
})

test('import and require give the same classes', () => {
  const required = createRequire(import.meta.url)('countersign/client')
  assert.deepEqual(Object.keys(client).sort(), [
    'ClientError',
    'cashfreeToken',
    'clientCredentials',
    'dpop',
    'juspayToken',
    'vtexToken',
  ])
  assert.equal(required.ClientError, client.ClientError)
})
