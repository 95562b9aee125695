/**
 * Common parts of the stores in SQL databases: the names of their tables, and the meaning of an entry.
 *
 * @module
 */

import type { Space, Spend } from './store.js'
import { leftAfter, momentOf } from './store.js'

/** A row of an entry: the spends, and their last attempts. */
export type Row = Readonly<Record<string, unknown>>

/** The tables of uses, of seen ids and of rules of deny lists. */
export type Tables = Readonly<Record<Space | 'd', string>>

/**
 * The tables whose names begin with `name`.
 *
 * @throws {TypeError} For what is no plain SQL identifier: nothing else is ever put into a statement's text.
 */
export function tablesOf(name: unknown): Tables {
  const isName = typeof name === 'string' && /^(?:[a-z_][a-z0-9_]{0,40}\.)?[a-z_][a-z0-9_]{0,40}$/.test(name)
  if (!isName) throw new TypeError('table must be a lower-case SQL identifier of at most 41 characters')
  return { u: `${name}_uses`, s: `${name}_seen`, d: `${name}_denied` }
}

/** The uses left, when the spend was counted: it is the last of `row`. */
export function counted({ used }: Row, { limit }: Spend): number {
  return limit - Number(used)
}

/** The uses left, when no use was counted: those of the same attempt, if the entry holds it; otherwise none. */
export function recalled(row: Row | undefined, { attempt, limit }: Spend): number {
  if (row === undefined) throw new Error('the entry is gone')
  return leftAfter(attempt, String(row.attempts), Number(row.used), limit) ?? -1
}

/** The moment of a rule; null without one. */
export function ruleOf(before: unknown): number | null {
  return before === null ? null : momentOf(before)
}
