/**
 * Parts that several profiles have in common: forms of options, claim rules and members of a policy.
 *
 * @module
 */

import type { Carrier, ClaimRule, CompleteProfile, KeySourceOption, Policy, Profile } from '../types.js'
import { markComplete } from '../verifier-facts.js'
import type { Options } from './options.js'

/** An hour, in seconds. */
export const HOUR = 3600
/** A day, in seconds. */
export const DAY = 24 * HOUR

/** A profile with members that may be absent. */
type Members<Type> = { readonly [Name in keyof Type]?: Type[Name] | undefined }

/** The profile of these members: those that are `undefined` are left out. It may be a verifier's only argument. */
export function complete(members: Members<CompleteProfile>): CompleteProfile {
  return withKeysFromCaller(members) as CompleteProfile
}

/** As {@link complete}, for a profile whose keys the caller gives: alone, a verifier says that they are missing. */
export function withKeysFromCaller(members: Members<Profile>): Profile {
  const profile = present<Profile>({ refusal: 'bearer', ...members })
  markComplete(profile)
  return profile
}

/** Rules by claim, those that are `undefined` left out; `undefined` if none is left. */
export function rules(found: Members<Record<string, ClaimRule>>): Readonly<Record<string, ClaimRule>> | undefined {
  const given = present(found)
  return Object.keys(given).length > 0 ? given : undefined
}

function present<Type>(members: Members<Type>): Type {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Type
}

/** The option `scope`. The core reads it, where the profile is used. */
export function scopeOf(options: Options): Policy['scope'] | undefined {
  return options.take('scope') as Policy['scope'] | undefined
}

/** One of `values`; the only one, if there is one. */
export function oneOf(values: readonly string[]): string | readonly string[] {
  const [first, ...others] = values
  return first !== undefined && others.length === 0 ? first : values
}

/** The rule of a claim that contains all of `values`. */
export function containsAll(values: readonly string[] | undefined): ClaimRule | undefined {
  return values && { contains: values }
}

/** The rule of a claim that must not be there. */
const ABSENT: ClaimRule = { absent: true }

/** The rule of a claim that must be there, and not empty. */
export const NOT_EMPTY: ClaimRule = { notEmpty: true }

/**
 * The rules of an access token that an ID token does not satisfy: it has no nonce of a sign-in and no hash of another token
 * (OpenID Connect Core sections 2 and 3.3.2.11).
 */
export const NO_ID_TOKEN = { nonce: ABSENT, at_hash: ABSENT, c_hash: ABSENT, s_hash: ABSENT } as const

/** The carrier of a bearer token in a request (RFC 6750 section 2.1). */
export const BEARER: readonly Carrier[] = [{ header: 'Authorization', scheme: 'Bearer' }]

/** The source of published keys at `url`, which vouch for `issuer` alone. */
export function keysAt(url: string, issuer: string | readonly string[]): KeySourceOption {
  return { url, issuer }
}

/** Asymmetric algorithms: those that published keys can verify. */
export const ASYMMETRIC = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const),
  'Ed25519' as const,
]

/** Whether `text` is the name of a host, in lower case, without scheme, port and path. */
export function isHost(text: string): boolean {
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(text)
}

/** Whether `text` is one label of the name of a host, in lower case. */
export function isLabel(text: string): boolean {
  return /^[a-z0-9-]+$/.test(text)
}

/** Whether `text` is one segment of a path, of unreserved characters (RFC 3986 section 2.3). */
export function isSegment(text: string): boolean {
  return /^[\w.~-]+$/.test(text) && text !== '.' && text !== '..'
}

/** Whether `text` is an https URL, or one of http, without query, fragment and slash at its end. */
export function isBaseUrl(text: string): boolean {
  return /^https?:\/\/[!-~]+$/.test(text) && !/[?#{}\\@]|^https?:\/\/\/|\/$/.test(text)
}

/** Whether `text` is a UUID in lower case, as issuers write the id of a tenant. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
}

/** Whether `text` is an id of decimal digits. */
export function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text)
}
