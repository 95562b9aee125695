/**
 * The options that state keys: files, URLs, discovery, and secrets that are never an argument.
 *
 * @module
 */

import type { Jwk, Key, KeySource } from '../index.js'
import { discoverKeys, remoteKeys } from '../index.js'
import type { OptionSpecs, Values } from './arguments.js'
import { escaped } from './escape.js'
import { UsageError } from './exit.js'
import { readOctets, readSeconds, readText } from './input.js'
import type { StatedPolicy } from './policy.js'
import { explained } from './systems.js'

/** The options of a secret. */
export const SECRET_OPTIONS = {
  'secret-file': { type: 'string' },
  'secret-env': { type: 'string' },
  'secret-fd': { type: 'string' },
  'secret-encoding': { type: 'string' },
} as const satisfies OptionSpecs

/** The options of keys. */
export const KEY_OPTIONS = {
  jwks: { type: 'string', multiple: true },
  discover: { type: 'boolean' },
  key: { type: 'string', multiple: true },
  ...SECRET_OPTIONS,
  timeout: { type: 'string' },
} as const satisfies OptionSpecs

type KeyValues = Values<typeof KEY_OPTIONS>

/** Keys as the options state them. */
export interface StatedKeys {
  readonly keys: readonly (Key | KeySource)[]
  /** Whether one of them may be fetched. */
  readonly mayFetch: boolean
  /** How long all fetching together may take. */
  readonly timeoutSeconds: number
}

/** All look-ups together: within 5 seconds of the start there is a verdict, or none. */
const TIMEOUT_SECONDS = 3

/**
 * The keys that the options state, or those in the file of the policy, or those that follow from the profile.
 *
 * @throws {UsageError} If there are none, or one cannot be read.
 */
export function readVerifierKeys(values: KeyValues, policy: StatedPolicy): StatedKeys {
  const timeoutSeconds = readTimeout(values.timeout)
  const sources: KeySource[] = []
  const keys: (Key | KeySource)[] = []
  // Discovery takes two requests.
  const options = { timeoutSeconds: values.discover === true ? timeoutSeconds / 2 : timeoutSeconds }
  for (const place of values.jwks ?? []) {
    if (/^https?:/i.test(place)) sources.push(explained('--jwks', () => remoteKeys(place, options)))
    else keys.push(...keysInText(readText(place, '--jwks'), '--jwks', place))
  }
  if (values.discover === true) {
    for (const issuer of issuersOf(policy)) sources.push(explained('--discover', () => discoverKeys(issuer, options)))
  }
  for (const path of values.key ?? []) {
    if (/^https?:/i.test(path)) throw new UsageError('--key must be a file; keys at a URL: --jwks URL')
    if (path.includes('-----BEGIN')) throw new UsageError('--key must be the name of a file, not the key itself')
    keys.push(...keysInText(readText(path, '--key'), '--key', path))
  }
  const secret = readSecret(values)
  if (secret !== undefined) keys.push({ secret })
  if (keys.length + sources.length > 0) {
    if (policy.keys !== undefined)
      throw new UsageError('the file of --policy has keys: state them there or as options, not both')
    return { keys: [...keys, ...sources], mayFetch: sources.length > 0, timeoutSeconds }
  }
  const own = policy.keys ?? policy.profile?.keys
  if (own === undefined) {
    throw new UsageError(
      'no keys are stated: --jwks FILE|URL, --discover, --key FILE, --secret-file FILE or --secret-env NAME',
    )
  }
  // In the file and in a profile, `{ issuer }` and `{ url }` are sources.
  return { keys: [own].flat() as Key[], mayFetch: true, timeoutSeconds }
}

/** `--timeout` in seconds. @throws {UsageError} Outside 0.1 to 60. */
export function readTimeout(text: string | undefined): number {
  const seconds = text === undefined ? TIMEOUT_SECONDS : readSeconds(text, '--timeout')
  if (seconds >= 0.1 && seconds <= 60) return seconds
  throw new UsageError('--timeout must be a number of seconds from 0.1 to 60')
}

/** The issuers that discovery starts from. */
function issuersOf({ issuer, profile }: StatedPolicy): readonly string[] {
  const stated = issuer ?? profile?.issuer
  if (stated === undefined || stated === null) {
    throw new UsageError('--discover needs the issuer whose keys are to be found: --issuer URL')
  }
  return [stated].flat()
}

/** The keys in the text of a file: PEM, a JWK or a JWK Set. */
function keysInText(text: string, flag: string, path: string): Key[] {
  const name = `${flag}: “${escaped(path)}”`
  if (/PRIVATE KEY-----/.test(text)) {
    throw new UsageError(
      `${name} is a private key, which signs; what verifies is its public key (openssl pkey -pubout)`,
    )
  }
  if (text.includes('-----BEGIN ')) return [{ pem: text }]
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError(`${name} is neither PEM text nor JSON; a secret is given by --secret-file`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${name} must hold PEM text, a JWK or a JWK Set`)
  }
  if (Object.hasOwn(value, 'keys') || Object.hasOwn(value, 'kty')) return [value as Key]
  const members = Object.entries(value)
  if (members.length > 0 && members.every(([, pem]) => typeof pem === 'string' && pem.includes('-----BEGIN '))) {
    return members.map(([kid, pem]) => ({ kid, pem: pem as string }))
  }
  throw new UsageError(`${name} must hold PEM text, a JWK or a JWK Set`)
}

/** How the octets of a secret are written. */
const ENCODINGS = ['text', 'raw', 'base64', 'base64url', 'hex'] as const

/**
 * The octets of the secret that the options state, if they state one.
 *
 * @throws {UsageError} The message does not repeat what was given.
 */
export function readSecret(values: Values<typeof SECRET_OPTIONS>): Uint8Array | undefined {
  const given = (['secret-file', 'secret-env', 'secret-fd'] as const).filter((name) => values[name] !== undefined)
  const encoding = values['secret-encoding']
  const [name, another] = given
  if (another !== undefined) throw new UsageError(`--${name} and --${another} must not be given together`)
  if (name === undefined) {
    if (encoding !== undefined)
      throw new UsageError('--secret-encoding needs --secret-file, --secret-env or --secret-fd')
    return undefined
  }
  return decodeSecret(secretOctets(name, values[name] ?? ''), encoding, `--${name}`)
}

function secretOctets(name: 'secret-file' | 'secret-env' | 'secret-fd', value: string): Buffer {
  if (name === 'secret-file') return readOctets(value, '--secret-file', true)
  if (name === 'secret-fd') {
    if (!/^\d{1,4}$/.test(value)) throw new UsageError('--secret-fd must be the number of a file descriptor')
    return readOctets(Number(value), '--secret-fd')
  }
  const text = Object.hasOwn(process.env, value) ? process.env[value] : undefined
  if (text === undefined || text === '') {
    throw new UsageError('--secret-env must be the name of an environment variable that is set and exported')
  }
  return Buffer.from(text)
}

/**
 * The octets of a secret that is written as `--secret-encoding` says; as text by default.
 *
 * @param option The option that holds the secret, for the message.
 * @throws {UsageError} If it is empty, or not written that way.
 */
export function decodeSecret(octets: Buffer, named: string | undefined, option: string): Uint8Array {
  const encoding = ENCODINGS.find((name) => name === (named ?? 'text'))
  if (encoding === undefined) throw new UsageError(`--secret-encoding must be one of ${ENCODINGS.join(', ')}`)
  if (octets.length === 0) throw new UsageError(`${option}: it is empty`)
  if (encoding === 'raw') return new Uint8Array(octets)
  if (encoding === 'text') {
    // Editors and `echo` end a file with a line break that is not part of the secret.
    const [last, before] = [octets.at(-1), octets.at(-2)]
    return new Uint8Array(octets.subarray(0, last !== 0x0a ? octets.length : before === 0x0d ? -2 : -1))
  }
  const text = octets.toString('latin1').trim()
  const decoded = Buffer.from(text, encoding)
  const again = decoded.toString(encoding)
  const plain = (one: string): string => (encoding === 'hex' ? one.toLowerCase() : one.replace(/=+$/, ''))
  if (text === '' || plain(again) !== plain(text)) throw new UsageError(`${option}: what it holds is not ${encoding}`)
  return new Uint8Array(decoded)
}

/** The private JWK in a file, if the file holds one. */
export function privateJwkIn(octets: Buffer): Jwk | undefined {
  let value: unknown
  try {
    value = JSON.parse(octets.toString('utf8'))
  } catch {
    return undefined
  }
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'kty') ? (value as Jwk) : undefined
}
