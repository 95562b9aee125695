// @ts-check
/**
 * The package obeys every vector, and refuses hostile receipts for as long as anyone makes them.
 *
 * @module
 */

import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import * as countersign from 'countersign'
import { good, hostileReceipts, verifier } from '../vectors/mint/hostile-receipts.js'
import { files, run } from '../vectors/run.js'

const folder = new URL('../vectors/', import.meta.url)

test('every file of vectors is run', async () => {
  const names = await readdir(folder)
  assert.deepEqual(names.filter((name) => name.endsWith('.json')).sort(), [...files].sort())
})

for (const file of files) {
  test(`the vectors of ${file} are obeyed`, async () => {
    const vectors = JSON.parse(await readFile(new URL(file, folder), 'utf8'))
    assert.ok(vectors.length > 0)
    const differences = vectors.flatMap((/** @type {import('../vectors/run.js').Vector} */ vector) =>
      run(countersign, vector).map((difference) => `${vector.name}\n    ${difference}`),
    )
    assert.equal(differences.length, 0, `${differences.length} differences:\n${differences.join('\n')}`)
  })
}

test('1000 hostile receipts are refused, and the good one is verified after each hundred', () => {
  const attacks = hostileReceipts(2)
  for (let made = 0; made < 1000; made += 1) {
    const { attack, token } = attacks.next().value
    const hostile = {
      ...verifier,
      name: attack,
      token,
      answer: /** @type {const} */ ({ refused: true }),
    }
    assert.deepEqual(run(countersign, hostile), [], `${attack}: ${JSON.stringify(token)}`)
    if (made % 100 > 0) continue
    const standing = { ...verifier, name: 'good', token: good, answer: { ok: {} } }
    assert.deepEqual(run(countersign, standing), [])
  }
})
