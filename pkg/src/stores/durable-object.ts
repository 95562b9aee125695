/**
 * The store in Cloudflare's Durable Objects: one object a token, or a fixed number of them.
 *
 * @module
 */

import { unknownOption } from '../core/mistake.js'
import { members } from '../core/options.js'
import type { SeenStore, UseCounter } from '../types.js'
import type { Engine, Spend, StoreOptions } from './store.js'
import { endOf, leftAfter, storeOver, withAttempt } from './store.js'

/** The binding of a Durable Object whose class is {@link UsesObject}. */
export interface UsesNamespace {
  /** The id of the object with that name. */
  idFromName(name: string): unknown
  /** The object's stub, whose `fetch` sends a request with a `method` and a `body`. */
  get(id: never): { fetch(url: string, init: { method: string; body: string }): Promise<Response> }
}

/** The settings of a {@link durableObjectStore}. */
export interface DurableObjectStoreOptions extends StoreOptions {
  /**
   * Over how many objects the ids are spread, 1 to 65536. Default: every id has an object of its own, near its first
   * use. Fewer objects cost less storage, and stay where they were born. The number must never change while tokens
   * live.
   */
  shards?: number
}

/**
 * Counts uses and remembers seen ids in Durable Objects with SQLite storage. Exact world-wide: an object exists
 * once, and its answer leaves when the write is durable.
 *
 * @throws {TypeError} For an unknown option, or what is not a binding.
 */
export function durableObjectStore(
  namespace: UsesNamespace,
  options: DurableObjectStoreOptions = {},
): UseCounter & SeenStore {
  const found = members(options, 'options')
  for (const name of found.keys()) {
    if (!OPTIONS.includes(name)) throw unknownOption(name, OPTIONS)
  }
  if (typeof Object(namespace).idFromName !== 'function') {
    throw new TypeError('the namespace must be the binding of a Durable Object')
  }
  const shards = found.get('shards')
  if (shards !== undefined && !(Number.isInteger(shards) && Number(shards) >= 1 && Number(shards) <= MAX_SHARDS)) {
    throw new TypeError(`shards must be a whole number from 1 to ${MAX_SHARDS}`)
  }
  const nameOf = (spend: Spend): string =>
    shards === undefined ? `${spend.space}:${spend.id}` : `shard:${hash(spend.id) % Number(shards)}`
  return storeOver(engineOver(namespace, nameOf), found.get('timeoutSeconds'))
}

const OPTIONS = ['shards', 'timeoutSeconds']

const MAX_SHARDS = 65_536

function engineOver(namespace: UsesNamespace, nameOf: (spend: Spend) => string): Engine {
  return {
    async spend(spend) {
      const stub = namespace.get(namespace.idFromName(nameOf(spend)) as never)
      const response = await stub.fetch('https://countersign.invalid/spend', {
        method: 'POST',
        body: JSON.stringify(spend),
      })
      if (!response.ok) throw new TypeError(`the object answered with ${response.status}`)
      const text = await response.text()
      return /^-?\d{1,10}$/.test(text) ? Number(text) : NaN
    },
    // An object that is overloaded is not helped by more requests.
    isTransient(error) {
      const { retryable, overloaded } = Object(error) as { retryable?: unknown; overloaded?: unknown }
      return retryable === true && overloaded !== true
    },
  }
}

/** FNV-1a, 32 bits. An attacker cannot choose the shard of a token: ids are digests already. */
function hash(id: string): number {
  let state = 0x811c9dc5
  for (let at = 0; at < id.length; at += 1) state = Math.imul(state ^ id.charCodeAt(at), 0x01000193)
  return state >>> 0
}

/** What {@link UsesObject} needs of the state of a Durable Object. */
export interface UsesObjectState {
  /** The object's storage. */
  readonly storage: {
    /** Its SQLite database. */
    readonly sql: {
      /** Runs a query; `toArray` of the result returns its rows. */
      exec(query: string, ...values: (string | number)[]): { toArray(): Record<string, unknown>[] }
    }
    /** Sets the time of the next alarm, in milliseconds since the epoch. */
    setAlarm(time: number): Promise<void>
    /** Deletes all data of the object. */
    deleteAll(): Promise<void>
  }
}

/**
 * The Durable Object class that holds the entries of a {@link durableObjectStore}. Export it from the Worker, and
 * bind it under `new_sqlite_classes`.
 */
export class UsesObject {
  readonly #storage: UsesObjectState['storage']
  /** When the alarm is set for, in milliseconds. */
  #alarm = Infinity
  #isCreated = false

  /** @param state Passed by the runtime. */
  constructor(state: UsesObjectState) {
    this.#storage = state.storage
  }

  /** Performs one spend of a {@link durableObjectStore}. */
  async fetch(request: Request): Promise<Response> {
    const spend = (await request.json()) as Spend
    // Nothing is awaited from here on: no other request comes between reading and writing.
    return new Response(String(this.#spend(spend)))
  }

  /** Deletes the entries that have ended, and everything with the last of them. */
  async alarm(): Promise<void> {
    this.#create()
    const { sql } = this.#storage
    sql.exec('DELETE FROM entries WHERE ends <= ?', Math.floor(Date.now() / 1000))
    const [next] = sql.exec('SELECT min(ends) AS ends FROM entries').toArray()
    if (next === undefined || next.ends === null) {
      this.#isCreated = false
      this.#alarm = Infinity
      await this.#storage.deleteAll()
      return
    }
    this.#alarm = Number(next.ends) * 1000
    await this.#storage.setAlarm(this.#alarm)
  }

  #spend({ space, id, limit, expiresAt, attempt }: Spend): number {
    this.#create()
    const { sql } = this.#storage
    const now = Date.now() / 1000
    const key = `${space}:${id}`
    const [entry] = sql.exec('SELECT used, ends, attempts FROM entries WHERE id = ?', key).toArray()
    const used = Number(entry?.used ?? 0)
    const attempts = String(entry?.attempts ?? '')
    const known = leftAfter(attempt, attempts, used, limit)
    if (known !== undefined) return known
    const stored = Number(entry?.ends ?? 0)
    const ends = Math.max(stored, endOf(expiresAt, now))
    const isLeft = used < limit
    if (isLeft || ends > stored) {
      sql.exec(
        'INSERT OR REPLACE INTO entries (id, used, ends, attempts) VALUES (?, ?, ?, ?)',
        key,
        isLeft ? used + 1 : used,
        ends,
        isLeft ? withAttempt(attempts, attempt) : attempts,
      )
      // The output gate holds the answer until this is written, too.
      if (entry === undefined && ends * 1000 < this.#alarm) {
        this.#alarm = ends * 1000
        void this.#storage.setAlarm(this.#alarm)
      }
    }
    return isLeft ? limit - used - 1 : -1
  }

  #create(): void {
    if (this.#isCreated) return
    this.#storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS entries (
  id TEXT PRIMARY KEY, used INTEGER NOT NULL, ends INTEGER NOT NULL, attempts TEXT NOT NULL
) WITHOUT ROWID`,
    )
    this.#isCreated = true
  }
}
