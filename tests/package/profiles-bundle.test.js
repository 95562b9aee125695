// @ts-check
/** What a profile costs: a bundle holds the profiles that it uses, and the compiled core knows none of their issuers' policies. */

import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import * as all from 'countersign'
import * as profiles from 'countersign/profiles'
import { build } from 'esbuild'

const HERE = dirname(fileURLToPath(import.meta.url))

/**
 * The files of profiles in a bundle, and its size without the compiled core.
 *
 * @param {string} contents
 */
async function bundled(contents) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: HERE },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    conditions: ['worker'],
  })
  const [output] = Object.values(metafile.outputs)
  const held = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  const files = held.flatMap(([path]) => /\/profiles\/([\w-]+)\.js$/.exec(path)?.[1] ?? [])
  return { files: files.sort(), octets: gzipSync(outputFiles[0]?.contents ?? '').length }
}

const AUTH0 = `profiles.auth0({ domain: 'acme.eu.auth0.com', audience: 'api' })`

test('a bundle that uses no profile has none', async () => {
  assert.deepEqual((await bundled(`import { Verifier } from 'countersign'; console.log(Verifier)`)).files, [])
})

test('a bundle that uses one of countersign/profiles has that one', async () => {
  const verifier = await bundled(`import { Verifier } from 'countersign/slim'; console.log(Verifier)`)
  const one = await bundled(`
    import { Verifier } from 'countersign/slim'
    import * as profiles from 'countersign/profiles'
    console.log(new Verifier(${AUTH0}))`)
  assert.deepEqual(one.files, ['auth0', 'options', 'parts'])
  assert.ok(one.octets - verifier.octets < 2_500, `${one.octets - verifier.octets} octets`)
})

test('countersign and countersign/profiles have the same functions', () => {
  const names = Object.keys(profiles).sort()
  assert.equal(names.length, 22)
  assert.deepEqual(Object.keys(all.profiles).sort(), names)
  const from = /** @type {Record<string, unknown>} */ ({ ...all.profiles })
  for (const name of names) assert.equal(from[name], Reflect.get(profiles, name))
})
