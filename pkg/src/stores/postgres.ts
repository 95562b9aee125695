/**
 * The store in PostgreSQL: one statement a spend.
 *
 * @module
 */

import { unknownOption } from '../core/mistake.js'
import { members } from '../core/options.js'
import type { DenyStore, SeenStore, UseCounter } from '../types.js'
import type { Tables } from './sql.js'
import { counted, recalled, ruleOf, tablesOf } from './sql.js'
import type { DenyEngine, Engine, Spend, StoreOptions } from './store.js'
import { ATTEMPT_WIDTH, ATTEMPTS, denyStoreOver, GRACE_SECONDS, storeOver } from './store.js'

/** Runs one statement with parameters, and resolves to its rows or to an object that holds them under `rows`. */
export type SqlQuery = (text: string, values: (string | number)[]) => PromiseLike<unknown>

/**
 * A connection to PostgreSQL: a `Pool` or `Client` of pg, a `sql` of postgres.js, a `PGlite`, Neon's; or a function
 * that runs a statement.
 */
export type PostgresClient =
  | SqlQuery
  | {
      /** Runs a statement with parameters: pg, PGlite, Neon. */
      query(text: string, values: (string | number)[]): PromiseLike<unknown>
    }
  | {
      /** Runs a statement with parameters: postgres.js. */
      unsafe(text: string, values: (string | number)[]): PromiseLike<unknown>
    }

/** The settings of a {@link postgresStore}. */
export interface PostgresStoreOptions extends StoreOptions {
  /** What the names of the tables begin with, perhaps after a schema. Default "countersign". */
  table?: string
}

/** A store in PostgreSQL. */
export interface PostgresStore extends UseCounter, SeenStore, DenyStore {
  /** The statements that create the tables; nothing else creates them. */
  readonly schema: string
  /**
   * Deletes the rows of tokens that ended, some at a time, and resolves to their number. Call it from time to time:
   * without, the tables grow.
   */
  sweep(): Promise<number>
}

/**
 * Counts uses, remembers seen ids and keeps the rules of deny lists in PostgreSQL 9.5 or later.
 *
 * Exact through crashes and lost replies, and through a failover to a synchronous standby. A row that has ended
 * counts until {@link PostgresStore.sweep} deletes it.
 *
 * @throws {TypeError} For an unknown option, or a client that cannot run a statement.
 */
export function postgresStore(client: PostgresClient, options: PostgresStoreOptions = {}): PostgresStore {
  const found = members(options, 'options')
  for (const name of found.keys()) {
    if (!OPTIONS.includes(name)) throw unknownOption(name, OPTIONS)
  }
  const tables = tablesOf(found.has('table') ? found.get('table') : 'countersign')
  const engine = new PostgresEngine(queryOf(client), tables)
  const timeout = found.get('timeoutSeconds')
  return Object.assign(storeOver(engine, timeout), denyStoreOver(engine, timeout), {
    schema: schemaOf(tables),
    sweep: () => engine.sweep(),
  })
}

const OPTIONS = ['table', 'timeoutSeconds']

const NOW = 'floor(extract(epoch from clock_timestamp()))::bigint'

type Query = (text: string, values: (string | number)[]) => Promise<readonly Readonly<Record<string, unknown>>[]>

class PostgresEngine implements Engine, DenyEngine {
  readonly #query: Query
  readonly #tables: Tables

  constructor(query: Query, tables: Tables) {
    this.#query = query
    this.#tables = tables
  }

  async spend(spend: Spend): Promise<number> {
    const { space, id, limit, expiresAt, attempt } = spend
    const table = this.#tables[space]
    // The row is locked, and the condition holds for its newest version: a row that comes back was counted.
    const [row] = await this.#query(
      `INSERT INTO ${table} AS entry (id, used, ends, attempts)
VALUES ($1, 1, ${endOfSql('$3')}, $4)
ON CONFLICT (id) DO UPDATE SET used = entry.used + 1, ends = greatest(entry.ends, excluded.ends),
  attempts = right(entry.attempts || excluded.attempts, ${ATTEMPTS * ATTEMPT_WIDTH})
WHERE entry.used < $2::bigint AND position(excluded.attempts in entry.attempts) = 0
RETURNING used, attempts`,
      [id, limit, Math.ceil(expiresAt), attempt],
    )
    if (row !== undefined) return counted(row, spend)
    const [entry] = await this.#query(
      `UPDATE ${table} SET ends = greatest(ends, ${endOfSql('$2')}) WHERE id = $1 RETURNING used, attempts`,
      [id, Math.ceil(expiresAt)],
    )
    return recalled(entry, spend)
  }

  async deny(key: string, before: number, end: number): Promise<void> {
    await this.#query(
      `INSERT INTO ${this.#tables.d} AS rule (id, before, ends) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET before = greatest(rule.before, excluded.before),
  ends = greatest(rule.ends, excluded.ends)`,
      [key, before, end],
    )
  }

  async denied(keys: readonly string[]): Promise<readonly (number | null)[]> {
    if (keys.length === 0) return []
    const places = keys.map((_, index) => `$${index + 1}`)
    const rows = await this.#query(`SELECT id, before FROM ${this.#tables.d} WHERE id IN (${places.join()})`, [...keys])
    const rules = new Map(rows.map(({ id, before }) => [id, ruleOf(before)]))
    for (const id of rules.keys()) {
      // A row that is not found under its key would be no rule.
      if (typeof id !== 'string' || !keys.includes(id)) throw new TypeError('the client must give rows by column name')
    }
    return keys.map((key) => rules.get(key) ?? null)
  }

  /** Errors of the connection, and those of the server that pass: SQLSTATE classes 08, 40, 53 and 57. */
  isTransient(error: unknown): boolean {
    if (error instanceof TypeError) return false
    const { code } = Object(error) as { code?: unknown }
    const isState = typeof code === 'string' && /^(?=.*\d)[\dA-Z]{5}$/.test(code)
    return !isState || /^(?:08|40|53|57)/.test(code)
  }

  async sweep(): Promise<number> {
    let deleted = 0
    for (const table of Object.values(this.#tables)) {
      for (let rows = SWEPT_AT_ONCE; rows >= SWEPT_AT_ONCE; deleted += rows) {
        const batch = `SELECT id FROM ${table} WHERE ends < ${NOW} LIMIT ${SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED`
        const gone = await this.#query(`DELETE FROM ${table} WHERE id IN (${batch}) AND ends < ${NOW} RETURNING id`, [])
        rows = gone.length
      }
    }
    return deleted
  }
}

/** When an entry may be forgotten, in seconds, from the parameter that holds the expiry of its token. */
function endOfSql(expiresAt: string): string {
  return `greatest(${expiresAt}::bigint, ${NOW}) + ${GRACE_SECONDS}`
}

const SWEPT_AT_ONCE = 1000

function schemaOf(tables: Tables): string {
  const entry = 'used bigint NOT NULL, ends bigint NOT NULL, attempts text NOT NULL'
  const columns = { u: entry, s: entry, d: 'before double precision NOT NULL, ends bigint NOT NULL' }
  return Object.values(SPACES)
    .map(
      (space) => `CREATE TABLE IF NOT EXISTS ${tables[space]} (id text PRIMARY KEY, ${columns[space]});
CREATE INDEX IF NOT EXISTS ${tables[space].split('.').at(-1)}_ends ON ${tables[space]} (ends);
`,
    )
    .join('')
}

const SPACES = ['u', 's', 'd'] as const

function queryOf(client: PostgresClient): Query {
  const { query, unsafe } = Object(client) as Record<string, unknown>
  const run = typeof unsafe === 'function' ? unsafe : typeof query === 'function' ? query : client
  if (typeof run !== 'function') {
    throw new TypeError('the client must have a method query or unsafe, or be a function that runs a statement')
  }
  return async (text, values) => {
    const result: unknown = await run.call(client, text, values)
    const rows: unknown = Array.isArray(result) ? result : Object(result).rows
    if (!Array.isArray(rows)) throw new TypeError('the client must resolve to rows')
    return rows as readonly Record<string, unknown>[]
  }
}
