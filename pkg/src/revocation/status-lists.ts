/**
 * Token Status Lists (draft-ietf-oauth-status-list): one bit or more for each token, in a list that its issuer signs.
 *
 * @module
 */

import { readClock } from '../core/callback.js'
import { unknownOption } from '../core/mistake.js'
import { members, own } from '../core/options.js'
import { decodeUtf8 } from '../core/utf8.js'
import { UnavailableError } from '../error.js'
import { markClaim } from '../redeem.js'
import type { JwkSet, Keys, RevocationSource, Verified } from '../types.js'
import { Verifier } from '../verifier.js'
import { SingleFlight } from '../wait.js'

/** The settings of {@link statusLists}. */
export interface StatusListOptions {
  /** Who may have signed the lists: the issuer's keys, or those of the entity that publishes its lists. */
  keys: Keys
  /** The required `iss` of a list. Default: not checked, for lists need none. */
  issuer?: string | readonly string[]
  /** The origins that lists may be fetched from. Default: the origin of the token's own issuer. */
  uris?: readonly string[]
  /** What becomes of a token that names no list. Default "refuse". */
  missing?: 'refuse' | 'accept'
  /**
   * How long a list serves before it is fetched again, in seconds. Default 300. The list's own `ttl`, at least 30
   * and at most 86400, takes precedence.
   */
  maxAgeSeconds?: number
  /**
   * How long a list serves beyond that while its source fails, in seconds. Default 0, at most 604800; never beyond
   * its `exp`.
   */
  staleSeconds?: number
  /** The longest that one fetch takes, in seconds. Default 5. */
  timeoutSeconds?: number
  /** The least time between two fetches of a list that failed, in seconds. Default 30. */
  cooldownSeconds?: number
  /**
   * The longest response, in octets. Default and most 1 MiB, the longest token that a verifier reads: some four million
   * statuses of one bit that do not compress, and many more that do.
   */
  maxBytes?: number
  /** The longest list after decompression, in octets. Default 16 MiB. */
  maxListBytes?: number
  /** Default: the runtime's. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Seconds since the Unix epoch. Default: the runtime's clock. */
  clock?: () => number
}

/** A list that was verified. */
interface List {
  readonly bits: number
  readonly octets: Uint8Array
  /** Until when it serves, in seconds: without asking, and while the source fails. */
  readonly freshUntil: number
  readonly staleUntil: number
}

/** A list by its address, and the fetch that is going on. */
interface Entry {
  list: List | undefined
  readonly flight: SingleFlight<List>
  /** When the last fetch failed, in seconds, and why. */
  failedAt: number
  failure: unknown
}

interface Settings {
  readonly verifier: Verifier
  readonly origins: ReadonlySet<string> | undefined
  readonly acceptsMissing: boolean
  readonly maxAge: number
  readonly stale: number
  readonly timeout: number
  readonly cooldown: number
  readonly maxBytes: number
  readonly maxListBytes: number
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly clock: () => number
}

/** The bounds of a list's own `ttl`, in seconds. */
const TTL = { least: 30, most: 86_400 }

/** How many lists are kept. */
const MOST_LISTS = 1000

/**
 * Refuses tokens whose entry in a Token Status List is anything but 0 (VALID).
 *
 * A list is fetched when a token that was verified names it, once for all who wait, and then serves for its `ttl`.
 * Redirects are not followed. An index that the list does not have, and a `status` claim that cannot be read, refuse
 * the token; a list that cannot be had, or fails a check, is `store_unavailable`.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function statusLists(options: StatusListOptions): RevocationSource {
  const settings = read(options)
  const lists = new Lists(settings)
  return markClaim(
    {
      async isRevoked(token: Verified): Promise<boolean> {
        const reference = referenceOf(token.claims)
        if (reference === undefined) return !settings.acceptsMissing
        if (reference === 'malformed') return true
        if (!isAllowed(reference.uri, own(token.claims, 'iss'), settings.origins)) return true
        const list = await lists.get(reference.uri)
        return statusAt(list, reference.index) !== 0
      },
    },
    'status',
  )
}

/** Where the status of a token is found; nothing for a token without a status list. */
function referenceOf(claims: Verified['claims']): { uri: string; index: number } | 'malformed' | undefined {
  const status = own(claims, 'status')
  if (status === undefined) return undefined
  if (!isRecord(status)) return 'malformed'
  const reference = own(status, 'status_list')
  // Another mechanism of the `status` claim says nothing about a list.
  if (reference === undefined) return undefined
  if (!isRecord(reference)) return 'malformed'
  const [idx, uri] = [own(reference, 'idx'), own(reference, 'uri')]
  if (!Number.isSafeInteger(idx) || Number(idx) < 0 || typeof uri !== 'string') return 'malformed'
  return { uri, index: Number(idx) }
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a list may be fetched from there. */
function isAllowed(uri: string, issuer: unknown, origins: ReadonlySet<string> | undefined): boolean {
  const url = parse(uri)
  if (url === undefined || uri.length > MAX_URI_LENGTH) return false
  if (origins !== undefined) return origins.has(url.origin)
  return typeof issuer === 'string' && parse(issuer)?.origin === url.origin
}

const MAX_URI_LENGTH = 2048

/** An https URL without credentials; on loopback, http as well. */
function parse(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isLoopback = url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  const isPlain = url.username === '' && url.password === ''
  return isPlain && (url.protocol === 'https:' || isLoopback) ? url : undefined
}

/** The status at `index`, entries packed from the least significant bit; `undefined` outside the list. */
function statusAt({ bits, octets }: List, index: number): number | undefined {
  const perOctet = 8 / bits
  const octet = octets[Math.floor(index / perOctet)]
  return octet === undefined ? undefined : (octet >> ((index % perOctet) * bits)) & ((1 << bits) - 1)
}

/** The lists that are kept, the one used last at the end. */
class Lists {
  readonly #settings: Settings
  readonly #entries = new Map<string, Entry>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * The list at `uri`: the one that is kept, or a new one.
   *
   * @throws {UnavailableError} When it cannot be had.
   */
  async get(uri: string): Promise<List> {
    const { clock, cooldown } = this.#settings
    const entry = this.#entry(uri, clock())
    const { list } = entry
    if (list !== undefined && clock() < list.freshUntil) return list
    if (entry.flight.isRunning || clock() - entry.failedAt >= cooldown) {
      try {
        entry.list = await entry.flight.run()
        return entry.list
      } catch (error) {
        entry.failedAt = clock()
        entry.failure = error
      }
    }
    if (list !== undefined && clock() < list.staleUntil) return list
    throw new UnavailableError('store_unavailable', { cause: entry.failure })
  }

  #entry(uri: string, now: number): Entry {
    const known = this.#entries.get(uri)
    if (known !== undefined) {
      this.#entries.delete(uri)
      this.#entries.set(uri, known)
      return known
    }
    if (this.#entries.size >= MOST_LISTS) this.#makeRoom(now)
    const entry: Entry = {
      list: undefined,
      failedAt: -Infinity,
      failure: undefined,
      flight: new SingleFlight((signal) => load(uri, this.#settings, signal), this.#settings.timeout),
    }
    this.#entries.set(uri, entry)
    return entry
  }

  /** @throws {UnavailableError} When all lists are in use. */
  #makeRoom(now: number): void {
    for (const [uri, { list, flight }] of this.#entries) {
      if (flight.isRunning || (list !== undefined && now < list.freshUntil)) continue
      this.#entries.delete(uri)
      return
    }
    throw new UnavailableError('store_unavailable', { cause: new RangeError(`${MOST_LISTS} lists are in use`) })
  }
}

/** Fetches, verifies and decompresses a list. */
async function load(uri: string, settings: Settings, signal: AbortSignal): Promise<List> {
  const { maxBytes, maxListBytes, verifier, clock, maxAge, stale } = settings
  const init: RequestInit = { headers: { accept: 'application/statuslist+jwt' }, redirect: 'manual', signal }
  const response = await settings.fetch(uri, init)
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`the status list was answered with ${response.status}`)
  }
  const token = decodeUtf8(await readAtMost(response.body, maxBytes))
  const now = clock()
  const { claims, expiresAt } = await verifier.verifyAsync(token.trim(), { claims: { sub: uri }, now })
  const content = own(claims, 'status_list')
  const ttl = own(claims, 'ttl')
  const [bits, lst] = isRecord(content) ? [own(content, 'bits'), own(content, 'lst')] : []
  if (typeof bits !== 'number' || ![1, 2, 4, 8].includes(bits) || typeof lst !== 'string') {
    throw new TypeError('the status list cannot be read')
  }
  if (ttl !== undefined && !(typeof ttl === 'number' && ttl > 0)) {
    throw new TypeError('the ttl must be a positive number')
  }
  const octets = await inflate(lst, maxListBytes)
  const age = ttl === undefined ? maxAge : Math.min(Math.max(ttl, TTL.least), TTL.most)
  const end = expiresAt ?? Infinity
  return { bits, octets, freshUntil: Math.min(now + age, end), staleUntil: Math.min(now + age + stale, end) }
}

/** The octets of a base64url text that hold a zlib stream (RFC 1950), at most `most` of them. */
function inflate(text: string, most: number): Promise<Uint8Array> {
  if (!/^[\w-]*$/.test(text)) throw new TypeError('lst must be base64url')
  const octets = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  const compressed = Uint8Array.from(octets, (octet) => octet.charCodeAt(0))
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('deflate'))
  return readAtMost(stream, most)
}

/** @throws {RangeError} For a longer stream, which is not read to its end. */
async function readAtMost(stream: ReadableStream<Uint8Array> | null, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  const reader = stream?.getReader()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done || value === undefined) break
    length += value.length
    if (length > most) {
      await reader?.cancel().catch(() => {})
      throw new RangeError(`the status list is longer than ${most} octets`)
    }
    parts.push(value)
  }
  const octets = new Uint8Array(length)
  let end = 0
  for (const part of parts) {
    octets.set(part, end)
    end += part.length
  }
  return octets
}

const MIB = 1024 * 1024

function read(options: StatusListOptions): Settings {
  const found = members(options, 'options')
  const number = (name: string, [least, most, otherwise]: readonly [number, number, number]): number => {
    const value = found.has(name) ? found.get(name) : otherwise
    if (typeof value === 'number' && value >= least && value <= most) return value
    throw new TypeError(`${name} must be a number from ${least} to ${most}`)
  }
  for (const name of found.keys()) {
    if (!OPTIONS.includes(name)) throw unknownOption(name, OPTIONS)
  }
  const missing = found.has('missing') ? found.get('missing') : 'refuse'
  if (missing !== 'refuse' && missing !== 'accept') throw new TypeError('missing must be "refuse" or "accept"')
  const given = callable(found, 'clock', () => Date.now() / 1000)
  const clock = (): number => readClock(given)
  const maxBytes = number('maxBytes', [1, MIB, MIB])
  return {
    verifier: new Verifier({
      issuer: found.has('issuer') ? (found.get('issuer') as string) : null,
      audience: null,
      keys: found.get('keys') as JwkSet,
      typ: 'statuslist+jwt',
      requiredClaims: ['iat', 'status_list'],
      expiry: 'optional',
      maxTokenBytes: maxBytes,
      cache: false,
      clock,
    }),
    origins: found.has('uris') ? originsOf(found.get('uris')) : undefined,
    acceptsMissing: missing === 'accept',
    maxAge: number('maxAgeSeconds', [TTL.least, TTL.most, 300]),
    stale: number('staleSeconds', [0, 604_800, 0]),
    timeout: number('timeoutSeconds', [0.001, 60, 5]),
    cooldown: number('cooldownSeconds', [1, 3600, 30]),
    maxBytes,
    maxListBytes: number('maxListBytes', [1, 64 * MIB, 16 * MIB]),
    fetch: callable(found, 'fetch', (url, init) => fetch(url, init)),
    clock,
  }
}

const OPTIONS = ['keys', 'issuer', 'uris', 'missing', 'maxAgeSeconds', 'staleSeconds', 'timeoutSeconds'].concat([
  'cooldownSeconds',
  'maxBytes',
  'maxListBytes',
  'fetch',
  'clock',
])

function callable<Type>(found: Map<string, unknown>, name: string, otherwise: Type): Type {
  if (!found.has(name)) return otherwise
  const value = found.get(name)
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function`)
  return value as Type
}

/** @throws {TypeError} For what is no list of https origins. */
function originsOf(value: unknown): ReadonlySet<string> {
  if (!Array.isArray(value) || value.length === 0) throw new TypeError('uris must be an array of origins')
  return new Set(
    value.map((text: unknown) => {
      const url = typeof text === 'string' ? parse(text) : undefined
      if (url === undefined || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
        throw new TypeError('uris must be origins, such as "https://issuer.example"')
      }
      return url.origin
    }),
  )
}
