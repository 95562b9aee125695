/**
 * The store in PostgreSQL: one statement a spend.
 *
 * @module
 */

import { members } from '../core/snapshot.js'
import type { SeenStore, UseCounter } from '../types.js'
import { counted, recalled, tablesOf } from './sql.js'
import type { Row, Tables } from './sql.js'
import { ATTEMPTS, ATTEMPT_WIDTH, GRACE_SECONDS, storeOver } from './store.js'
import type { Engine, Spend, StoreOptions } from './store.js'

/** Runs one statement with parameters, and resolves to its rows or to an object that holds them under `rows`. */
export type SqlQuery = (text: string, values: (string | number)[]) => PromiseLike<unknown>

/**
 * A connection to PostgreSQL: a `Pool` or `Client` of pg, a `sql` of postgres.js, a `PGlite`, Neon's; or a function that
 * runs a statement.
 */
export type PostgresClient =
  | SqlQuery
  | { query(text: string, values: (string | number)[]): PromiseLike<unknown> }
  | { unsafe(text: string, values: (string | number)[]): PromiseLike<unknown> }

/** The settings of a {@link postgresStore}. */
export interface PostgresStoreOptions extends StoreOptions {
  /** What the names of the two tables begin with, perhaps after a schema. Default "countersign". */
  table?: string
}

/** A store in PostgreSQL. */
export interface PostgresStore extends UseCounter, SeenStore {
  /** The statements that create the tables; nothing else creates them. */
  readonly schema: string
  /**
   * Deletes the rows of tokens that ended, some at a time, and resolves to their number. Call it from time to time: without,
   * the tables grow.
   */
  sweep(): Promise<number>
}

/**
 * Counts uses and remembers seen ids in PostgreSQL 9.5 or later.
 *
 * Exact through crashes and lost replies, and through a failover to a synchronous standby. A row that has ended counts until
 * {@link PostgresStore.sweep} deletes it.
 *
 * @throws {TypeError} For an unknown option, or a client that cannot run a statement.
 */
export function postgresStore(client: PostgresClient, options: PostgresStoreOptions = {}): PostgresStore {
  const found = members(options, 'options')
  for (const name of found.keys()) {
    if (!OPTIONS.includes(name)) throw new TypeError(`options.${name}: a postgresStore has no such option`)
  }
  const tables = tablesOf(found.has('table') ? found.get('table') : 'countersign')
  const engine = new PostgresEngine(queryOf(client), tables)
  const store = storeOver(engine, found.get('timeoutSeconds'))
  return Object.assign(store, { schema: schemaOf(tables), sweep: () => engine.sweep() })
}

const OPTIONS = ['table', 'timeoutSeconds']

const NOW = 'floor(extract(epoch from clock_timestamp()))::bigint'

type Query = (text: string, values: (string | number)[]) => Promise<readonly Row[]>

class PostgresEngine implements Engine {
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
        const gone = await this.#query(
          `DELETE FROM ${table} WHERE id IN (${batch}) AND ends < ${NOW} RETURNING used, attempts`,
          [],
        )
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
  return Object.values(tables)
    .map(
      (table) => `CREATE TABLE IF NOT EXISTS ${table} (
  id text PRIMARY KEY,
  used bigint NOT NULL,
  ends bigint NOT NULL,
  attempts text NOT NULL
);
CREATE INDEX IF NOT EXISTS ${table.split('.').at(-1)}_ends ON ${table} (ends);
`,
    )
    .join('')
}

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
    return rows as readonly Row[]
  }
}
