/**
 * The options of `clientCredentials`, checked and each read once.
 *
 * @module
 */

import { mustBe } from '../core/mistake.js'
import type { WaitUntil } from '../wait.js'
import type { Authenticate } from './authentication.js'
import { keyAuthentication, secretAuthentication } from './authentication.js'
import { Clock } from './clock.js'
import type { Dpop } from './dpop.js'
import type { Connection } from './options.js'
import { OptionsReader, secureUrl } from './options.js'
import type { TokenStorage } from './storage.js'

/** A client's options, ready for use. */
export interface ClientSettings {
  readonly tokenUrl: string | undefined
  readonly issuer: string | undefined
  readonly clientId: string
  readonly authenticate: Authenticate
  /** Whether the body is JSON, and not a form. */
  readonly isJson: boolean
  /** The parameters of every request, without those that authenticate. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  readonly origins: ReadonlySet<string>
  readonly renewBeforeSeconds: number | undefined
  readonly lifetimeSeconds: number | undefined
  readonly waitUntil: WaitUntil | undefined
  readonly storage: TokenStorage | undefined
  readonly dpop: Dpop | undefined
  readonly clock: Clock
  readonly connection: Connection
}

/** Parameters that options of their own set. */
const RESERVED = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'scope',
  'audience',
  'resource',
]

/**
 * Reads the options.
 *
 * @throws {TypeError} For an unknown option and an invalid value.
 */
export function readSettings(options: unknown): ClientSettings {
  const reader = new OptionsReader(options, 'options')
  const tokenUrl = reader.url('tokenUrl')?.href
  const issuer = readIssuer(reader)
  if (tokenUrl === undefined && issuer === undefined) throw new TypeError('options must have a tokenUrl or an issuer')
  const clientId = reader.text('clientId')
  const settings = {
    tokenUrl,
    issuer,
    clientId,
    ...readAuthentication(reader, clientId),
    parameters: readParameters(reader),
    origins: readOrigins(reader.take('origins')),
    renewBeforeSeconds: reader.seconds('renewBeforeSeconds'),
    lifetimeSeconds: reader.seconds('lifetimeSeconds'),
    waitUntil: reader.callable<WaitUntil>('waitUntil'),
    storage: readStorage(reader.take('storage')),
    dpop: readDpop(reader.take('dpop')),
    clock: new Clock(reader.callable<() => number>('clock') ?? (() => Date.now() / 1000)),
    connection: reader.connection(),
  }
  reader.end()
  return settings
}

function readParameters(reader: OptionsReader): ClientSettings['parameters'] {
  const scope = reader.optionalText('scope')
  const audience = reader.optionalText('audience')
  const resource = readResource(reader.take('resource'))
  const extra = reader.fields('extra') ?? new Map<string, string>()
  for (const name of RESERVED) {
    if (extra.has(name)) {
      throw new TypeError(`options.extra.${name} must be left out: it is set by an option of its own`)
    }
  }
  return [
    ['grant_type', 'client_credentials'],
    ...(scope === undefined ? [] : [['scope', scope] as const]),
    ...(audience === undefined ? [] : [['audience', audience] as const]),
    ...resource.map((uri) => ['resource', uri] as const),
    ...extra,
  ]
}

function readIssuer(reader: OptionsReader): string | undefined {
  const issuer = reader.optionalText('issuer')
  if (issuer === undefined) return undefined
  if (secureUrl(issuer)?.search !== '' || issuer.includes('?')) {
    throw new TypeError('options.issuer must be an https URL without query and fragment')
  }
  return issuer
}

function readAuthentication(reader: OptionsReader, clientId: string): { authenticate: Authenticate; isJson: boolean } {
  const secret = reader.optionalText('clientSecret')
  const privateKey = reader.take('privateKey')
  const auth = reader.oneOf('auth', ['basic', 'post', 'json'])
  if ((secret === undefined) === (privateKey === undefined)) {
    throw new TypeError('options must have a clientSecret or a privateKey, and not both')
  }
  if (secret === undefined) {
    if (auth !== undefined) throw new TypeError('options.auth must be left out: it is about a clientSecret')
    return { authenticate: keyAuthentication(clientId, privateKey), isJson: false }
  }
  return {
    authenticate: secretAuthentication(clientId, secret, (auth ?? 'basic') === 'basic'),
    isJson: auth === 'json',
  }
}

function readResource(value: unknown): readonly string[] {
  if (value === undefined) return []
  const all = textsOf(value)
  if (all?.every((uri) => URL.canParse(uri) && !uri.includes('#'))) return all
  throw new TypeError('options.resource must be one or several absolute URIs without a fragment')
}

function readOrigins(value: unknown): ReadonlySet<string> {
  if (value === undefined) return new Set()
  const all = Array.isArray(value) ? textsOf(value) : undefined
  const origins = all?.map((text) => {
    const url = secureUrl(text)
    const isOrigin = url !== undefined && (text === url.origin || text === `${url.origin}/`) && !text.includes('*')
    return isOrigin ? url.origin : undefined
  })
  if (origins === undefined || origins.includes(undefined)) {
    throw new TypeError("options.origins must be origins such as 'https://api.example': https, or http on loopback")
  }
  return new Set(origins.flatMap((origin) => origin ?? []))
}

/** One text or an array of them, as an array; each is read once. */
function textsOf(value: unknown): readonly string[] | undefined {
  const all: unknown[] = Array.isArray(value) ? Array.from(value) : [value]
  return all.every((text) => typeof text === 'string') ? all : undefined
}

function readDpop(value: unknown): Dpop | undefined {
  if (value === undefined) return undefined
  const { proof, remember, thumbprint } = Object(value) as Partial<Dpop>
  if ([proof, remember, thumbprint].every((method) => typeof method === 'function')) return value as Dpop
  throw mustBe('options.dpop', 'what dpop() returns', value)
}

/** Both methods are read once, and called as the storage's own. */
function readStorage(value: unknown): TokenStorage | undefined {
  if (value === undefined) return undefined
  const storage = value as Partial<TokenStorage> | null
  const { read, write } = typeof storage === 'object' && storage !== null ? storage : {}
  if (typeof read !== 'function' || typeof write !== 'function') {
    throw new TypeError('options.storage must have the methods read and write')
  }
  return {
    read: async (key) => Reflect.apply(read, value, [key]),
    write: async (key, text) => Reflect.apply(write, value, [key, text]),
  }
}
