/**
 * The store in Deno KV: check-and-set on one key a spend.
 *
 * @module
 */

import { unknownOption } from '../core/mistake.js'
import { members } from '../core/options.js'
import type { SeenStore, UseCounter } from '../types.js'
import type { Engine, Spend, StoreOptions } from './store.js'
import { endOf, leftAfter, storeOver, withAttempt } from './store.js'

/** The members of `Deno.Kv` that the store uses. */
export interface DenoKv {
  /** Resolves to an entry: its `value` and its `versionstamp`, null if it does not exist. */
  get(key: string[]): Promise<{ value: unknown; versionstamp: string | null }>
  /** Begins an atomic operation. */
  atomic(): DenoAtomic
}

/** The members of `Deno.AtomicOperation` that the store uses. */
export interface DenoAtomic {
  /** Requires that the entry of `key` still has that `versionstamp`. */
  check(check: { key: string[]; versionstamp: string | null }): DenoAtomic
  /** Sets an entry, which may be deleted after `expireIn` milliseconds. */
  set(key: string[], value: unknown, options: { expireIn: number }): DenoAtomic
  /** Performs the operation; `ok` is false if a check failed. */
  commit(): Promise<{ ok: boolean }>
}

/** The settings of a {@link denoKvStore}. */
export interface DenoKvStoreOptions extends StoreOptions {
  /** What all keys begin with. Default "countersign". */
  prefix?: string
}

/**
 * Counts uses and remembers seen ids in Deno KV, on Deno Deploy or in a file that several processes share. Exact: a
 * set is committed only if the entry has not changed since it was read.
 *
 * @throws {TypeError} For an unknown option, or what is no `Deno.Kv`.
 */
export function denoKvStore(kv: DenoKv, options: DenoKvStoreOptions = {}): UseCounter & SeenStore {
  const found = members(options, 'options')
  for (const name of found.keys()) {
    if (!OPTIONS.includes(name)) throw unknownOption(name, OPTIONS)
  }
  const prefix = found.has('prefix') ? found.get('prefix') : 'countersign'
  if (typeof prefix !== 'string') throw new TypeError('prefix must be text')
  if (typeof Object(kv).atomic !== 'function') {
    throw new TypeError('the first argument must be what Deno.openKv() resolves to')
  }
  return storeOver(engineOver(kv, prefix), found.get('timeoutSeconds'))
}

const OPTIONS = ['prefix', 'timeoutSeconds']

interface Entry {
  readonly used: number
  readonly ends: number
  readonly attempts: string
}

function engineOver(kv: DenoKv, prefix: string): Engine {
  return {
    async spend(spend, signal) {
      const key = [prefix, spend.space, spend.id]
      for (;;) {
        const { value, versionstamp } = await kv.get(key)
        const { left, next } = step(value === null ? EMPTY : entryOf(value), spend)
        if (next === undefined) return left
        const expireIn = Math.max(1, next.ends * 1000 - Date.now())
        const { ok } = await kv.atomic().check({ key, versionstamp }).set(key, next, { expireIn }).commit()
        if (ok) return left
        // Another spend came first, so this happens at most as often as there are uses.
        await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * LONGEST_PAUSE_MS))
        signal.throwIfAborted()
      }
    },
    isTransient(error) {
      return /locked|busy|network|connection|timed? ?out|reset|temporar/i.test(String(error))
    },
  }
}

/** @throws {TypeError} For a value that the store has not written. */
function entryOf(value: unknown): Entry {
  const { used, ends, attempts } = Object(value) as Record<keyof Entry, unknown>
  if (Number.isInteger(used) && Number.isInteger(ends) && typeof attempts === 'string') return value as Entry
  throw new TypeError('this key holds no entry of countersign')
}

const EMPTY: Entry = { used: 0, ends: 0, attempts: '' }

const LONGEST_PAUSE_MS = 49

/** What becomes of an entry: the uses left, and what must be written first, if anything. */
function step(entry: Entry, { limit, expiresAt, attempt }: Spend): { left: number; next?: Entry } {
  const { used, attempts } = entry
  const known = leftAfter(attempt, attempts, used, limit)
  if (known !== undefined) return { left: known }
  const ends = Math.max(entry.ends, endOf(expiresAt, Date.now() / 1000))
  if (used < limit) {
    return { left: limit - used - 1, next: { used: used + 1, ends, attempts: withAttempt(attempts, attempt) } }
  }
  return ends > entry.ends ? { left: -1, next: { ...entry, ends } } : { left: -1 }
}
