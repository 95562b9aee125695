/**
 * The store in SQLite: several processes of one machine share a file; and Cloudflare's D1.
 *
 * @module
 */

import { unknownOption } from '../core/mistake.js'
import { members } from '../core/options.js'
import type { DenyStore, SeenStore, UseCounter } from '../types.js'
import type { Row, Tables } from './sql.js'
import { counted, recalled, ruleOf, tablesOf } from './sql.js'
import type { DenyEngine, Engine, Spend, StoreOptions } from './store.js'
import { ATTEMPT_WIDTH, ATTEMPTS, denyStoreOver, endOf, storeOver } from './store.js'

type Value = string | number

/** A database of node:sqlite, better-sqlite3 or bun:sqlite. */
export interface SqliteDatabase {
  /** Prepares a statement, with `get` for its first row and `run` for its effect. */
  prepare(sql: string): { get(...values: Value[]): unknown; run(...values: Value[]): unknown }
}

/** A database of Cloudflare's D1. */
export interface D1Database {
  /** Prepares a statement; `bind` sets its values, then `first` resolves to its first row and `run` performs it. */
  prepare(sql: string): { bind(...values: Value[]): { first(): Promise<unknown>; run(): Promise<unknown> } }
}

/** The settings of a {@link sqliteStore}. */
export interface SqliteStoreOptions extends StoreOptions {
  /**
   * What the names of the tables begin with, perhaps after that of an attached database. Default "countersign". They are
   * created at the first use.
   */
  table?: string
}

/** A store in SQLite. */
export interface SqliteStore extends UseCounter, SeenStore, DenyStore {
  /**
   * Deletes the rows of tokens that ended, some at a time, and resolves to their number. Call it from time to time:
   * without, the tables grow.
   */
  sweep(): Promise<number>
}

/**
 * Counts uses, remembers seen ids and keeps the rules of deny lists in SQLite 3.35 or later: node:sqlite,
 * better-sqlite3, bun:sqlite, D1.
 *
 * Exact for all processes that share the file, when they crash as well; through a loss of power as `PRAGMA synchronous`
 * says. In WAL mode, which is recommended, that takes `FULL`. A busy database is tried again until the deadline;
 * give the connection a short timeout of its own, for its driver blocks the process that long. A row that has ended
 * counts until {@link SqliteStore.sweep} deletes it.
 *
 * @throws {TypeError} For an unknown option, or a database without `prepare`.
 */
export function sqliteStore(database: SqliteDatabase | D1Database, options: SqliteStoreOptions = {}): SqliteStore {
  const found = members(options, 'options')
  for (const name of found.keys()) {
    if (!OPTIONS.includes(name)) throw unknownOption(name, OPTIONS)
  }
  if (typeof Object(database).prepare !== 'function') {
    throw new TypeError('the database must be of node:sqlite, better-sqlite3, bun:sqlite or D1')
  }
  const tables = tablesOf(found.has('table') ? found.get('table') : 'countersign')
  const engine = new SqliteEngine(database, tables)
  const timeout = found.get('timeoutSeconds')
  return Object.assign(storeOver(engine, timeout), denyStoreOver(engine, timeout), { sweep: () => engine.sweep() })
}

const OPTIONS = ['table', 'timeoutSeconds']

type Statement = ReturnType<(SqliteDatabase | D1Database)['prepare']>

class SqliteEngine implements Engine, DenyEngine {
  readonly #database: SqliteDatabase | D1Database
  readonly #tables: Tables
  readonly #statements = new Map<string, Statement>()
  #isCreated = false

  constructor(database: SqliteDatabase | D1Database, tables: Tables) {
    this.#database = database
    this.#tables = tables
  }

  async spend(spend: Spend): Promise<number> {
    await this.#create()
    const { space, id, limit, expiresAt, attempt } = spend
    const table = this.#tables[space]
    const end = endOf(expiresAt, Date.now() / 1000)
    const row = await this.#first(
      `INSERT INTO ${table} (id, used, ends, attempts) VALUES (?, 1, ?, ?)
ON CONFLICT (id) DO UPDATE SET used = used + 1, ends = max(ends, excluded.ends),
  attempts = substr(attempts || excluded.attempts, -${ATTEMPTS * ATTEMPT_WIDTH})
WHERE used < ? AND instr(attempts, excluded.attempts) = 0
RETURNING used, attempts`,
      [id, end, attempt, limit],
    )
    if (row !== undefined) return counted(row, spend)
    const entry = await this.#first(`UPDATE ${table} SET ends = max(ends, ?) WHERE id = ? RETURNING used, attempts`, [
      end,
      id,
    ])
    return recalled(entry, spend)
  }

  async deny(key: string, before: number, end: number): Promise<void> {
    await this.#create()
    await this.#run(
      `INSERT INTO ${this.#tables.d} (id, before, ends) VALUES (?, ?, ?)
ON CONFLICT (id) DO UPDATE SET before = max(before, excluded.before), ends = max(ends, excluded.ends)`,
      [key, before, end],
    )
  }

  async denied(keys: readonly string[]): Promise<readonly (number | null)[]> {
    if (keys.length === 0) return []
    await this.#create()
    const columns = keys.map((_, index) => `(SELECT before FROM ${this.#tables.d} WHERE id = ?) AS rule${index}`)
    const row = await this.#first(`SELECT ${columns.join()}`, [...keys])
    return keys.map((_, index) => ruleOf(row?.[`rule${index}`]))
  }

  isTransient(error: unknown): boolean {
    return /\b(?:locked|busy|SQLITE_BUSY\w*|SQLITE_LOCKED\w*|network|reset|overloaded)\b/i.test(String(error))
  }

  async sweep(): Promise<number> {
    await this.#create()
    const now = Math.floor(Date.now() / 1000)
    let deleted = 0
    for (const table of Object.values(this.#tables)) {
      const batch = `SELECT id FROM ${table} WHERE ends < ? LIMIT ${SWEPT_AT_ONCE}`
      for (let rows = SWEPT_AT_ONCE; rows >= SWEPT_AT_ONCE; deleted += rows) {
        const row = await this.#first(`SELECT count(*) AS used FROM (${batch})`, [now])
        rows = Number(row?.used)
        await this.#run(`DELETE FROM ${table} WHERE id IN (${batch})`, [now])
      }
    }
    return deleted
  }

  async #create(): Promise<void> {
    if (this.#isCreated) return
    const entry = 'used INTEGER NOT NULL, ends INTEGER NOT NULL, attempts TEXT NOT NULL'
    const columns = { u: entry, s: entry, d: 'before REAL NOT NULL, ends INTEGER NOT NULL' }
    for (const space of ['u', 's', 'd'] as const) {
      const table = this.#tables[space]
      await this.#run(`CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY, ${columns[space]}) WITHOUT ROWID`)
      // An index is in the database of its table, which must not be named twice.
      await this.#run(`CREATE INDEX IF NOT EXISTS ${table}_ends ON ${table.split('.').at(-1)} (ends)`)
    }
    this.#isCreated = true
  }

  /** The first row of a statement's result. */
  async #first(sql: string, values: Value[]): Promise<Row | undefined> {
    const statement = this.#prepare(sql)
    const row = 'get' in statement ? statement.get(...values) : await statement.bind(...values).first()
    return (row as Row | null | undefined) ?? undefined
  }

  async #run(sql: string, values: Value[] = []): Promise<void> {
    const statement = this.#prepare(sql)
    await ('get' in statement ? statement.run(...values) : statement.bind(...values).run())
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

const SWEPT_AT_ONCE = 1000
