// @ts-check
/** What importing `countersign/client` costs: `clientCredentials` alone brings no WebAssembly into a bundle. */

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as client from 'countersign/client'
import { build } from 'esbuild'

const HERE = dirname(fileURLToPath(import.meta.url))

/** @param {string} names @returns The size in octets, minified, and whether the core and DPoP are in it. */
async function bundled(names) {
  const contents = `import { ${names} } from 'countersign/client'\nconsole.log(${names})`
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: HERE },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    conditions: ['worker'],
  })
  const inputs = Object.keys(metafile.inputs)
  const [output] = Object.values(metafile.outputs)
  const held = inputs.filter((path) => (output?.inputs[path]?.bytesInOutput ?? 0) > 0)
  const holds = (/** @type {string} */ part) => held.some((path) => path.includes(part))
  return {
    octets: outputFiles[0]?.contents.length ?? 0,
    core: holds('core/generated/'),
    dpop: holds('client/dpop'),
  }
}

test('clientCredentials alone is less than 30 kB, without WebAssembly; a request with a receipt brings it', async () => {
  const alone = await bundled('clientCredentials, ClientError')
  assert.equal(alone.core, false)
  assert.equal(alone.dpop, false)
  assert.ok(alone.octets < 30_000, `${alone.octets} octets`)
  const bound = await bundled('clientCredentials, ClientError, dpop')
  assert.deepEqual([bound.core, bound.dpop], [false, true])
  assert.ok(bound.octets - alone.octets < 2500, `${bound.octets - alone.octets} octets`)
  assert.equal((await bundled('juspayToken')).core, true)
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
