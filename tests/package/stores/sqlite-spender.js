// @ts-check
/**
 * One of many processes that spend uses in one SQLite file: a program for Node from 22, Deno and Bun.
 *
 * Its arguments are the file, the driver, the ids as JSON, and how often it spends a use of each. It prints what was
 * left after each spend, as JSON; an error ends it.
 *
 * @module
 */

import { createRequire } from 'node:module'
import { sqliteStore } from 'countersign/stores/sqlite'

const [file = '', driver = '', ids = '[]', times = '1'] = process.argv.slice(2)

/** A database of the driver. @returns {Promise<any>} */
async function open() {
  if (driver === 'better-sqlite3') {
    const Database = createRequire(`${process.env.BETTER_SQLITE3}/`)('better-sqlite3')
    return new Database(file, { timeout: 20 })
  }
  // The types of Node 20 know neither.
  const name = driver
  const module = await import(name)
  if (driver === 'bun:sqlite') return new module.Database(file, { create: true })
  return new module.DatabaseSync(file, { timeout: 20 })
}

const database = await open()
for (;;) {
  try {
    database.exec('PRAGMA journal_mode = WAL')
    break
  } catch {
    // Another process is doing it.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
const store = sqliteStore(database, { timeoutSeconds: 60 })
const expiresAt = Date.now() / 1000 + 600
/** @type {Record<string, number[]>} */
const left = {}
let seen = 0
for (let time = 0; time < Number(times); time += 1) {
  for (const id of JSON.parse(ids)) {
    const rest = await store.spend(id, 30, expiresAt)
    left[id] ??= []
    if (rest !== null) left[id].push(rest)
  }
  if (await store.add(`seen ${time}`, expiresAt)) seen += 1
}
process.stdout.write(JSON.stringify({ left, seen }))
