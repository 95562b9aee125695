// @ts-check
/** The store in SQLite: processes of several runtimes that share one file, and D1's statements. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { denyList } from 'countersign'
import { sqliteStore } from 'countersign/stores/sqlite'
import { FULL, idsOf, sleep } from '../stores/fleet.js'
import { folder } from '../stores/servers.js'
import { HERE, output, PROJECT, runtime } from './lib.js'

const PROGRAM = `${HERE}/../stores/sqlite-spender.js`

const EACH_ONCE = Array.from({ length: 30 }, (_, index) => 29 - index)

/** @type {Record<string, [string, string[], string]>} */
const RUNTIMES = {
  'Node 22': [runtime('node22/bin/node'), ['--no-warnings', '--experimental-sqlite'], 'node:sqlite'],
  'Node 24': [runtime('node24/bin/node'), ['--no-warnings'], 'node:sqlite'],
  Deno: [runtime('.bin/deno'), ['run', '-A', '--no-prompt', '--no-config', '--node-modules-dir=manual'], 'node:sqlite'],
  Bun: [runtime('.bin/bun'), ['run'], 'bun:sqlite'],
  'better-sqlite3': [runtime('node24/bin/node'), [], 'better-sqlite3'],
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
    assert.equal(
      found.reduce((sum, { seen }) => sum + seen, 0),
      times,
      'each id is new to one of them',
    )
    for (const { denied } of found) assert.deepEqual(denied, [null, times - 0.5], 'of two rules the later moment holds')
  } finally {
    remove()
  }
}

for (const name of Object.keys(RUNTIMES)) {
  test(`two processes of ${name} that share a file are granted exactly 30 uses`, () =>
    together([name, name], idsOf(2), 25))
}

test('processes of all runtimes that share a file are granted exactly 30 uses of each token', () =>
  together(
    FULL ? [...Object.keys(RUNTIMES), ...Object.keys(RUNTIMES)] : Object.keys(RUNTIMES),
    idsOf(FULL ? 20 : 3),
    FULL ? 50 : 20,
  ))

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

test('a table may be in an attached database; sweep deletes what has ended, and nothing else', async () => {
  const program = `
    import { DatabaseSync } from 'node:sqlite'
    import { denyList } from 'countersign'
import { sqliteStore } from 'countersign/stores/sqlite'
    const database = new DatabaseSync(':memory:')
    database.exec("ATTACH ':memory:' AS other")
    const store = sqliteStore(database, { table: 'other.token' })
    const now = Math.floor(Date.now() / 1000)
    const found = [await store.spend('a', 2, now + 100), await store.add('a', now + 100)]
    await store.deny('a', 5, now + 100)
    for (const [table, column] of [['uses', 'used, attempts'], ['seen', 'used, attempts'], ['denied', 'before']]) {
      const values = column === 'before' ? '1' : "1, ''"
      database.exec(\`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
        INSERT INTO other.token_\${table} (id, ends, \${column}) SELECT 'old' || i, \${now - 1}, \${values} FROM n\`)
    }
    found.push(await store.sweep(), await store.sweep(), await store.spend('a', 2, now), ...(await store.denied(['a', 'old1'])))
    process.stdout.write(JSON.stringify(found))`
  const [command, args] = RUNTIMES['Node 24'] ?? ['', []]
  const found = await output(command, [...args, '--input-type=module', '-e', program])
  assert.deepEqual(JSON.parse(found), [1, true, 4500, 0, 0, 5, null])
})

test('a row that holds no rule is never taken for none', async () => {
  for (const rule of [undefined, 'x', {}, true, -1]) {
    const database = {
      prepare: () => ({ get: () => ({ rule0: rule, rule1: null, rule2: null }), run: () => undefined }),
    }
    const verified = /** @type {any} */ ({ id: 'a', claims: { iat: 5 } })
    await assert.rejects(denyList(sqliteStore(database)).isRevoked(verified), TypeError, String(rule))
  }
})

test('what is no database, and options that cannot mean anything, are TypeErrors', () => {
  for (const database of [null, {}, 'file.db'])
    assert.throws(() => sqliteStore(/** @type {any} */ (database)), TypeError)
  const database = { prepare: () => ({ get: () => undefined, run: () => undefined }) }
  for (const options of [{ tabel: 'a' }, { table: 'a b' }, { timeoutSeconds: -1 }]) {
    assert.throws(() => sqliteStore(database, /** @type {any} */ (options)), TypeError)
  }
})
