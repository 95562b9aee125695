// @ts-check
/** What a profile costs: a bundle holds the profiles that it uses, and the compiled core knows none of their issuers' policies. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as all from 'countersign'
import * as profiles from 'countersign/profiles'
import { bundled } from './bundle.js'

/** The profiles of which a bundle has the file, by name. @param {string} contents */
async function profilesIn(contents) {
  const { files, gzipped } = await bundled(contents)
  return { names: files.flatMap((path) => /\/profiles\/([\w-]+)\.js$/.exec(path)?.[1] ?? []).sort(), gzipped }
}

const AUTH0 = `profiles.auth0({ domain: 'acme.eu.auth0.com', audience: 'api' })`

test('a bundle that uses no profile has none', async () => {
  assert.deepEqual((await profilesIn(`import { Verifier } from 'countersign'; console.log(Verifier)`)).names, [])
})

test('a bundle that uses one of countersign/profiles has that one', async () => {
  const verifier = await profilesIn(`import { Verifier } from 'countersign/slim'; console.log(Verifier)`)
  const one = await profilesIn(`
    import { Verifier } from 'countersign/slim'
    import * as profiles from 'countersign/profiles'
    console.log(new Verifier(${AUTH0}))`)
  assert.deepEqual(one.names, ['auth0', 'options', 'parts'])
  assert.ok(one.gzipped - verifier.gzipped < 2_500, `${one.gzipped - verifier.gzipped} octets`)
})

test('countersign and countersign/profiles have the same functions', () => {
  const names = Object.keys(profiles).sort()
  assert.equal(names.length, 22)
  assert.deepEqual(Object.keys(all.profiles).sort(), names)
  const from = /** @type {Record<string, unknown>} */ ({ ...all.profiles })
  for (const name of names) assert.equal(from[name], Reflect.get(profiles, name))
})
