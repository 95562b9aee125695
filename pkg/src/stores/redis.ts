/**
 * The store in Redis, Valkey and servers that speak their protocol: one Lua script, one key a spend.
 *
 * @module
 */

import { unknownOption } from '../core/mistake.js'
import { members } from '../core/options.js'
import type { DenyStore, SeenStore, UseCounter } from '../types.js'
import type { DenyEngine, Engine, Spend, StoreOptions } from './store.js'
import { ATTEMPT_WIDTH, ATTEMPTS, denyStoreOver, GRACE_SECONDS, momentOf, storeOver } from './store.js'

/** Sends one command, such as `['EVALSHA', …]`, and resolves to the server's reply. */
export type RedisSend = (command: readonly string[]) => Promise<unknown>

/**
 * A client of Redis: node-redis (client, pool, cluster, sentinel), ioredis, iovalkey, `@upstash/redis`; or a
 * function that sends a command, for any other.
 */
export type RedisClient =
  | RedisSend
  /** node-redis */
  | { evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown> }
  /** ioredis and iovalkey */
  | { evalsha(sha: string, numberOfKeys: number, ...args: string[]): Promise<unknown>; defineCommand: unknown }
  /** `@upstash/redis` */
  | { evalsha(sha: string, keys: string[], args: string[]): Promise<unknown> }

/** The settings of a {@link redisStore}. */
export interface RedisStoreOptions extends StoreOptions {
  /** What all keys begin with. Default "countersign:". */
  prefix?: string
  /**
   * What becomes of a server whose `maxmemory-policy` is not `noeviction`: it may forget a count, and grant uses again.
   * Default "refuse": every spend is `store_unavailable`.
   */
  eviction?: 'refuse' | 'accept'
}

/** A store in Redis. */
export interface RedisStore extends UseCounter, SeenStore, DenyStore {
  /**
   * Whether the server may forget entries for want of memory. "unknown" before the first use, and where it does not
   * say.
   */
  readonly evicts: 'no' | 'yes' | 'unknown'
}

/**
 * Performs one spend. An entry is its end (15 digits, milliseconds since the epoch), the number of spends whose
 * attempts were left out (10 digits), and the attempts of all later ones.
 *
 * KEYS: the entry. ARGV: limit, the end that the token's expiry asks for, attempt. Returns the uses left, or -1.
 *
 * Most spends append their attempt, and no more. Where that end is another than the entry's, the clock decides: it
 * is never before now, and never moves back.
 */
const SPEND = `local key, limit, wanted, attempt = KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3]
local entry = redis.call('GET', key)
local before, kept, stored = 0, 0, ''
if entry then
  before, kept, stored = tonumber(string.sub(entry, 16, 25)), (#entry - 25) / ${ATTEMPT_WIDTH}, string.sub(entry, 1, 15)
  if not before or not tonumber(stored) or kept % 1 ~= 0 then
    return redis.error_reply('ERR this key holds no entry of countersign')
  end
  local at = string.find(entry, attempt, 26, true)
  if at then return limit - before - (at - 26) / ${ATTEMPT_WIDTH} - 1 end
end
local left, ending = limit - before - kept - 1, wanted
if stored == wanted then
  if left < 0 then return -1 end
  if kept < ${ATTEMPTS} then
    redis.call('APPEND', key, attempt)
    return left
  end
else
  local time = redis.call('TIME')
  local least = time[1] * 1000 + math.floor(time[2] / 1000) + ${GRACE_SECONDS * 1000}
  ending = string.format('%015.0f', math.max(tonumber(wanted), least, tonumber(stored) or 0))
  if left < 0 and ending == stored then return -1 end
end
local attempts = entry and string.sub(entry, 26) or ''
if left >= 0 then
  if kept == ${ATTEMPTS} then before, attempts = before + 1, string.sub(attempts, ${ATTEMPT_WIDTH + 1}) end
  attempts = attempts .. attempt
end
entry = ending .. string.format('%010.0f', before) .. attempts
redis.call('SET', key, entry, 'PXAT', string.format('%.0f', tonumber(ending)))
return math.max(left, -1)`

/** The SHA-1 of {@link SPEND}, hexadecimal: the server's name for it. */
const SPEND_SHA1 = 'f22d794f073c3329e89739964773f8fdfde3b31a'

/** Keeps a rule of a deny list, `before end`. KEYS: the rule. ARGV: both, the end in milliseconds. */
const DENY = `local before, ending = tonumber(ARGV[1]), tonumber(ARGV[2])
local rule = redis.call('GET', KEYS[1])
if rule then
  local stored, kept = string.match(rule, '^(%d[%d.e+-]*) (%d+)$')
  if not stored then return redis.error_reply('ERR this key holds no rule of countersign') end
  before, ending = math.max(before, tonumber(stored)), math.max(ending, tonumber(kept))
end
redis.call('SET', KEYS[1], string.format('%.17g %.0f', before, ending), 'PXAT', string.format('%.0f', ending))
return 1`

/** Reads the moment of a rule, as text; '' without a rule. */
const DENIED = `local rule = redis.call('GET', KEYS[1])
if not rule then return '' end
local before = string.match(rule, '^(%d[%d.e+-]*) %d+$')
return before or redis.error_reply('ERR this key holds no rule of countersign')`

/**
 * Reads the server's own account of its memory, where the user may. KEYS: the entry, which chooses a cluster's node.
 */
const MEMORY = `local info = redis.pcall('INFO', 'memory')
return type(info) == 'table' and 'refused' or info`

/**
 * How long the server's eviction policy is taken as known, in seconds: it can be changed, and another server can
 * take over.
 */
const POLICY_SECONDS = 60

/**
 * Counts uses and remembers seen ids in Redis 6.2 or later, Valkey, or what speaks their protocol.
 *
 * Exact on one primary that keeps its disk (`appendfsync always`), through crashes and lost replies. The table in
 * SECURITY.md says what other settings lose. A server that may evict entries is refused, unless `eviction` accepts it.
 *
 * @throws {TypeError} For an unknown option, or a client that cannot send a script.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): RedisStore {
  const found = members(options, 'options')
  for (const name of found.keys()) {
    if (!OPTIONS.includes(name)) throw unknownOption(name, OPTIONS)
  }
  const prefix = found.has('prefix') ? found.get('prefix') : 'countersign:'
  const eviction = found.has('eviction') ? found.get('eviction') : 'refuse'
  if (typeof prefix !== 'string') throw new TypeError('prefix must be text')
  if (eviction !== 'refuse' && eviction !== 'accept') throw new TypeError('eviction must be "refuse" or "accept"')
  const engine = new RedisEngine(scriptsOf(client), prefix, eviction === 'accept')
  const store = storeOver(engine, found.get('timeoutSeconds'))
  Object.assign(store, denyStoreOver(engine, found.get('timeoutSeconds')))
  Object.defineProperty(store, 'evicts', { get: () => engine.evicts, enumerable: true })
  return store as RedisStore
}

const OPTIONS = ['prefix', 'timeoutSeconds', 'eviction']

class RedisEngine implements Engine, DenyEngine {
  readonly #scripts: Scripts
  readonly #prefix: string
  readonly #acceptsEviction: boolean
  evicts: RedisStore['evicts'] = 'unknown'
  /** When the policy was read, in milliseconds. */
  #readAt = -Infinity

  constructor(scripts: Scripts, prefix: string, acceptsEviction: boolean) {
    this.#scripts = scripts
    this.#prefix = prefix
    this.#acceptsEviction = acceptsEviction
  }

  async spend({ space, id, limit, expiresAt, attempt }: Spend): Promise<number> {
    const key = `${this.#prefix}${space}:${id}`
    if (!this.#isPolicyKnown()) await this.#readPolicy(key)
    this.#refuseEviction()
    const end = Math.ceil(expiresAt * 1000) + GRACE_SECONDS * 1000
    const args = [String(limit), String(end).padStart(15, '0'), attempt]
    try {
      return countOf(await this.#scripts.byHash(SPEND_SHA1, key, args))
    } catch (error) {
      if (!/\bNOSCRIPT\b/.test(messageOf(error))) throw error
      return countOf(await this.#scripts.byText(SPEND, key, args))
    }
  }

  async deny(key: string, before: number, end: number): Promise<void> {
    const name = `${this.#prefix}d:${key}`
    if (!this.#isPolicyKnown()) await this.#readPolicy(name)
    this.#refuseEviction()
    await this.#scripts.byText(DENY, name, [String(before), String(end * 1000)])
  }

  /** One key a script, for the nodes of a cluster. */
  async denied(keys: readonly string[]): Promise<readonly (number | null)[]> {
    return Promise.all(
      keys.map(async (key) => {
        const name = `${this.#prefix}d:${key}`
        if (!this.#isPolicyKnown()) await this.#readPolicy(name)
        this.#refuseEviction()
        const rule = await this.#scripts.byText(DENIED, name, [])
        return rule === '' ? null : momentOf(rule)
      }),
    )
  }

  /** A reply that begins with a code is the server's own, and would be the same again. */
  isTransient(error: unknown): boolean {
    if (error instanceof TypeError || error instanceof EvictionError) return false
    const code = /^(?:ReplyError: |ERR )?([A-Z]{3,})(?: |$)/.exec(messageOf(error))?.[1]
    return code === undefined || SOON_OVER.includes(code)
  }

  #isPolicyKnown(): boolean {
    return performance.now() - this.#readAt < POLICY_SECONDS * 1000
  }

  async #readPolicy(key: string): Promise<void> {
    const now = performance.now()
    const info = String(await this.#scripts.byText(MEMORY, key, []))
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
    this.evicts = policy === undefined ? 'unknown' : policy === 'noeviction' ? 'no' : 'yes'
    this.#readAt = now
  }

  #refuseEviction(): void {
    if (this.evicts === 'yes' && !this.#acceptsEviction) throw new EvictionError()
  }
}

/** Replies of a server that is starting, or of a cluster that is moving its slots. */
const SOON_OVER = ['LOADING', 'TRYAGAIN', 'CLUSTERDOWN', 'MASTERDOWN', 'MOVED', 'ASK', 'BUSY']

/** The server may forget a count. */
class EvictionError extends Error {
  constructor() {
    super(
      'the server evicts keys when its memory is full, and a count with them: set maxmemory-policy to noeviction, ' +
        "or pass eviction: 'accept'",
    )
  }
}

/** How one client runs a script on one key. */
interface Scripts {
  byHash(sha: string, key: string, args: string[]): Promise<unknown>
  byText(script: string, key: string, args: string[]): Promise<unknown>
}

function scriptsOf(client: RedisClient): Scripts {
  if (typeof client === 'function') {
    return {
      byHash: (sha, key, args) => client(['EVALSHA', sha, '1', key, ...args]),
      byText: (script, key, args) => client(['EVAL', script, '1', key, ...args]),
    }
  }
  // Clients that wrap another one, or build their commands on demand, are asked for the methods themselves.
  const { evalSha, evalsha, eval: evalText, defineCommand } = Object(client) as Record<string, unknown>
  if (typeof evalText === 'function') {
    const run = evalText as (...args: unknown[]) => Promise<unknown>
    const runHash = (evalSha ?? evalsha) as (...args: unknown[]) => Promise<unknown>
    const form = typeof evalSha === 'function' ? nodeRedis : typeof defineCommand === 'function' ? ioredis : upstash
    if (typeof runHash === 'function') {
      return {
        byHash: (sha, key, args) => runHash.call(client, sha, ...form(key, args)),
        byText: (script, key, args) => run.call(client, script, ...form(key, args)),
      }
    }
  }
  const clients = 'node-redis, ioredis, iovalkey or @upstash/redis'
  throw new TypeError(`the client must be of ${clients}, or a function that sends a command`)
}

const nodeRedis = (key: string, args: string[]): unknown[] => [{ keys: [key], arguments: args }]

const ioredis = (key: string, args: string[]): unknown[] => [1, key, ...args]

const upstash = (key: string, args: string[]): unknown[] => [[key], args]

/** An integer reply; clients can be set to give it as text or as a bigint. */
function countOf(reply: unknown): number {
  if (typeof reply === 'number') return reply
  return typeof reply === 'bigint' || (typeof reply === 'string' && /^-?\d{1,10}$/.test(reply)) ? Number(reply) : NaN
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
