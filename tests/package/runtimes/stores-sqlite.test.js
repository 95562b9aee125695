// @ts-check
/** The store in SQLite: processes of several runtimes that share one file, and D1's statements. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { sqliteStore } from 'countersign/stores/sqlite'
import { FULL, idsOf, sleep } from '../stores/fleet.js'
import { folder } from '../stores/servers.js'
import { HERE, PROJECT, output, runtime } from './lib.js'

const PROGRAM = `${HERE}/../stores/sqlite-spender.js`

const EACH_ONCE = Array.from({ length: 30 }, (_, index) => 29 - index)

/** @type {Record<string, [string, string[], string]>} */
const RUNTIMES = {
  'Node 22': [runtime('node22/bin/node'), ['--no-warnings', '--experimental-sqlite'], 'node:sqlite'],
  'Node 24': [runtime('node24/bin/node'), ['--no-warnings'], 'node:sqlite'],
  Deno: [runtime('.bin/deno'), ['run', '-A', '--no-prompt', '--no-config', '--node-modules-dir=manual'], 'node:sqlite'],
  Bun: [runtime('.bin/bun'), ['run'], 'bun:sqlite'],
  ...(process.env.BETTER_SQLITE3 === undefined
    ? {}
    : { 'better-sqlite3': /** @type {[string, string[], string]} */ ([process.execPath, [], 'better-sqlite3']) }),
}

/** @param {string} name @param {string} file @param {readonly string[]} ids @param {number} times */
async function spender(name, file, ids, times) {
  const [command, args, driver] = RUNTIMES[name] ?? ['', [], '']
  return JSON.parse(await output(command, [...args, PROGRAM, file, driver, JSON.stringify(ids), `${times}`]))
}

/**
 * @param {readonly string[]} names
 * @param {readonly string[]} ids
 * @param {number} times
 */
async function together(names, ids, times) {
  const { path, remove } = folder('sqlite')
  try {
    const found = await Promise.all(names.map((name) => spender(name, `${path}/uses.db`, ids, times)))
    for (const id of ids) {
      const left = found.flatMap((one) => one.left[id]).sort((a, b) => b - a)
      assert.deepEqual(left, EACH_ONCE, id)
    }
    assert.equal(found.reduce((sum, { seen }) => sum + seen, 0), times, 'each id is new to one of them')
  } finally {
    remove()
  }
}

for (const name of Object.keys(RUNTIMES)) {
  test(`two processes of ${name} that share a file are granted exactly 30 uses`, () =>
    together([name, name], idsOf(2), 25))
}

test('processes of all runtimes that share a file are granted exactly 30 uses of each token', () =>
  together(FULL ? [...Object.keys(RUNTIMES), ...Object.keys(RUNTIMES)] : Object.keys(RUNTIMES), idsOf(FULL ? 20 : 3), FULL ? 50 : 20))

test('a process that is killed loses no use that it was granted', async () => {
  const { path, remove } = folder('sqlite')
  try {
    const [command, args, driver] = RUNTIMES['Node 24'] ?? ['', [], '']
    const killed = spawn(command, [...args, PROGRAM, `${path}/uses.db`, driver, '["a"]', '1000000'], { cwd: PROJECT })
    await sleep(600)
    killed.kill('SIGKILL')
    const { left } = await spender('Node 24', `${path}/uses.db`, ['a', 'b'], 40)
    assert.ok(left.a.length < 30, 'the killed process was granted some')
    assert.deepEqual(left.b, EACH_ONCE)
  } finally {
    remove()
  }
})

test('what is no database, and options that cannot mean anything, are TypeErrors', () => {
  for (const database of [null, {}, 'file.db']) assert.throws(() => sqliteStore(/** @type {any} */ (database)), TypeError)
  const database = { prepare: () => ({ get: () => undefined, run: () => undefined }) }
  for (const options of [{ tabel: 'a' }, { table: 'a b' }, { timeoutSeconds: -1 }]) {
    assert.throws(() => sqliteStore(database, /** @type {any} */ (options)), TypeError)
  }
})
