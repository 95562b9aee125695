// @ts-check
/**
 * Held against `jose`: what countersign accepts jose accepts, with equal claims; where jose accepts and countersign refuses,
 * the reason is on a list.
 *
 * By itself: `node tests/attacks/differential.js [--seed SEED] [--count 100000]`.
 *
 * @module
 */

import { deepEqual } from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { TokenError, Verifier } from 'countersign'
import { importJWK, jwtVerify } from 'jose'
import { ALGORITHMS, freshKey } from './keys.js'
import { mutations } from './mutations.js'
import { anySeed, seeded } from './random.js'
import { jws } from './sign.js'
import { NOW, taken } from './target.js'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://api.example'

/** The algorithms of jose: all but ES256K, which it gave up. */
export const OF_JOSE = ALGORITHMS.filter((alg) => alg !== 'ES256K')

/** What a part of a token says, read as the RFCs want it. @typedef {{ text: string, value: any } | undefined} Read */
/** A token as jose accepted it. @typedef {{ parts: string[], header: any, claims: any, read: { header: Read, claims: Read } }} Accepted */

/**
 * What jose accepts and countersign refuses: the code, what must be true of the token, and why we are stricter.
 *
 * @type {readonly { name: string, codes: readonly string[], holds: (token: Accepted) => boolean, why: string }[]}
 */
export const STRICTER = [
  {
    name: 'one spelling',
    codes: ['token_malformed'],
    holds: ({ parts }) => parts.some((part) => Buffer.from(part, 'base64url').toString('base64url') !== part),
    why: 'RFC 7515 section 2: base64url without padding, line breaks, white space or other characters; RFC 4648 section 3.5',
  },
  {
    name: 'UTF-8',
    codes: ['header_malformed', 'claims_malformed'],
    holds: ({ read }) => read.header === undefined || read.claims === undefined,
    why: 'RFC 7515 section 5.2 step 3, RFC 8259 section 8.1: UTF-8 without a byte order mark; nothing is replaced',
  },
  {
    name: 'duplicate members',
    codes: ['header_malformed', 'claims_malformed'],
    holds: ({ read }) => [read.header, read.claims].some((part) => part !== undefined && repeats(part)),
    why: 'RFC 7515 section 4, RFC 7519 section 4: names are unique, or a JWT is rejected',
  },
  {
    name: 'lone surrogates',
    codes: ['header_malformed', 'claims_malformed'],
    holds: ({ header, claims }) => [header, claims].some((value) => /\\ud[89a-f]/.test(JSON.stringify(value))),
    why: 'RFC 8259 section 8.2: such text has no UTF-8, and compares differently from place to place',
  },
  {
    name: 'infinite numbers',
    codes: ['header_malformed', 'claims_malformed'],
    holds: ({ header, claims }) => [header, claims].some((value) => some(value, (item) => Math.abs(item) === Infinity)),
    why: 'RFC 8259 section 6: what overflows a double reads as another value elsewhere',
  },
  {
    name: 'depth',
    codes: ['header_malformed', 'claims_malformed'],
    holds: ({ header, claims }) => [header, claims].some((value) => depth(value) > 256),
    why: 'src/encoding/limits.rs: nested 256 deep at most',
  },
  {
    name: 'registered Header Parameters have their type',
    codes: ['header_malformed'],
    holds: ({ header }) =>
      ['typ', 'kid', 'cty', 'jku', 'x5u', 'x5t', 'x5t#S256'].some(
        (name) => name in header && typeof header[name] !== 'string',
      ) ||
      ('jwk' in header && !isObject(header.jwk)) ||
      ('x5c' in header && !isTexts(header.x5c)) ||
      ('b64' in header && typeof header.b64 !== 'boolean'),
    why: 'RFC 7515 section 4.1',
  },
  {
    name: 'no extension',
    codes: ['crit_not_supported'],
    holds: ({ header }) => 'crit' in header || header.b64 === false,
    why: 'RFC 7515 section 4.1.11: none is implemented, that of RFC 7797 included, which jose has',
  },
  {
    name: 'registered claims have their type',
    codes: ['claim_malformed'],
    holds: ({ claims }) =>
      ['iss', 'sub', 'jti'].some((name) => Object.hasOwn(claims, name) && typeof claims[name] !== 'string') ||
      ['exp', 'nbf', 'iat'].some(
        (name) => Object.hasOwn(claims, name) && !(claims[name] >= 0 && claims[name] <= 253402300799),
      ) ||
      (Object.hasOwn(claims, 'aud') &&
        typeof claims.aud !== 'string' &&
        !(isTexts(claims.aud) && claims.aud.length > 0)) ||
      (Object.hasOwn(claims, 'scope') && !isScope(claims.scope)),
    why: 'RFC 7519 section 4.1, RFC 6749 section 3.3; a time lies between 1970 and 9999, so that milliseconds are noticed',
  },
  {
    name: 'bound tokens',
    codes: ['proof_missing'],
    holds: ({ claims }) => Object.hasOwn(claims, 'cnf'),
    why: 'RFC 7800 section 3: worth nothing without its proof',
  },
]

/** What countersign accepts and jose refuses. @type {readonly { name: string, holds: (token: Accepted, message: string) => boolean, why: string }[]} */
export const LAXER = []

/** @param {unknown} value */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
/** @param {unknown} value */
const isTexts = (value) => Array.isArray(value) && value.every((item) => typeof item === 'string')
/** @param {unknown} value */
const isScope = (value) =>
  isTexts(value) ||
  value === '' ||
  (typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(value))

/** @param {any} value @param {(item: any) => boolean} is @returns {boolean} */
const some = (value, is) =>
  is(value) || (typeof value === 'object' && value !== null && Object.values(value).some((item) => some(item, is)))

/** @param {any} value @returns {number} */
const depth = (value) =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0

/** Whether an object of the text names a member twice: fewer members are left than were written. @param {{ text: string, value: any }} part */
function repeats({ text, value }) {
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)/gs)].filter(([, colon]) => colon === ':').length
  const left = (/** @type {any} */ item) =>
    typeof item === 'object' && item !== null
      ? Object.values(item).reduce(
          (sum, inner) => sum + left(inner),
          Array.isArray(item) ? 0 : Object.keys(item).length,
        )
      : 0
  return written > left(value)
}

/** @param {string} part @returns {Read} */
function strictly(part) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(part, 'base64url'))
    return { text, value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** As jose reads it. @param {string} part */
const leniently = (part) => JSON.parse(new TextDecoder().decode(Buffer.from(part, 'base64url')))

/** @param {string} token @returns {Accepted} */
function apart(token) {
  const parts = token.split('.')
  const [header = '', claims = ''] = parts
  return {
    parts,
    header: leniently(header),
    claims: leniently(claims),
    read: { header: strictly(header), claims: strictly(claims) },
  }
}

/**
 * Holds mutated tokens against both.
 *
 * @param {{ seed: string, count: number }} options
 * @returns {Promise<{ seed: string, count: number, both: number, neither: number, exceptions: Record<string, number>,
 *   differences: string[] }>} How many both accepted, how many neither did, and where they differ.
 */
export async function differ({ seed, count }) {
  const random = seeded(seed)
  const sides = await Promise.all(OF_JOSE.map((alg) => sideOf(alg, random)))
  /** @type {Record<string, number>} */
  const exceptions = Object.fromEntries([...STRICTER, ...LAXER].map(({ name }) => [name, 0]))
  /** @type {string[]} */
  const differences = []
  let both = 0
  let neither = 0
  for (let made = 0; made < count; made += 1) {
    const { alg, verifier, theirs, tokens } = random.one(sides)
    const token = tokens.next().value
    const ours = verifier.tryVerify(token)
    const found = await theirs(token)
    const say = (/** @type {string} */ what) =>
      differences.push(`${alg}, token ${made} of seed ${seed}: ${what}\n    ${token}`)
    if (ours.ok && found.ok) {
      both += 1
      if (!equal(ours.claims, found.claims) || !equal(ours.header, found.header)) say('the claims differ')
      continue
    }
    if (!ours.ok && !(ours instanceof TokenError)) say(`a foreign error, ${ours}`)
    if (!ours.ok && !found.ok) {
      neither += 1
      continue
    }
    const known = ours.ok
      ? LAXER.find(({ holds }) => holds(apart(token), found.message))
      : STRICTER.find(({ codes, holds }) => codes.includes(ours.code) && holds(apart(token)))
    if (known === undefined)
      say(
        ours.ok
          ? `accepted, and by jose refused: ${found.message}`
          : `${ours.code} ${/** @type {any} */ (ours).claim ?? ''}, and by jose accepted`,
      )
    else exceptions[known.name] = (exceptions[known.name] ?? 0) + 1
  }
  return { seed, count, both, neither, exceptions, differences }
}

/** @param {unknown} a @param {unknown} b */
function equal(a, b) {
  try {
    deepEqual(a, b)
    return true
  } catch {
    return false
  }
}

/** Both verifiers for one key, and the tokens they are asked about. @param {string} alg @param {import('./random.js').Random} random */
async function sideOf(alg, random) {
  const key = freshKey(alg, random)
  const stranger = freshKey(alg, random)
  const claims = (/** @type {object} */ more) => ({
    iss: ISSUER,
    aud: AUDIENCE,
    exp: NOW + 600,
    iat: NOW - 1,
    sub: 'u',
    ...more,
  })
  const good = [
    jws(key, { alg }, claims({})),
    jws(key, { alg, typ: 'JWT', kid: 'k' }, claims({ aud: ['x', AUDIENCE], nbf: NOW, scope: 'a b' })),
    jws(key, { typ: 'at+jwt', alg }, claims({ name: 'Zoë 漢 😀', roles: ['a', { b: [1.5, -0, 1e21] }], exp: NOW + 1 })),
    jws(key, { alg, jku: 'https://x.example', x5c: ['AA=='] }, { iss: ISSUER, aud: AUDIENCE }),
  ]
  const verifier = new Verifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    expiry: 'optional',
    keys: /** @type {any} */ (revive(taken(key, { alg }))),
    clock: () => NOW,
  })
  const imported = await importJWK({ ...key.jwk, alg }, alg)
  const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: [alg], currentDate: new Date(NOW * 1000) }
  /** @param {string} token @returns {Promise<{ ok: boolean, claims: unknown, header: unknown, message: string }>} */
  const theirs = async (token) => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, imported, options)
      return { ok: true, claims: payload, header: protectedHeader, message: '' }
    } catch (error) {
      return { ok: false, claims: undefined, header: undefined, message: String(error) }
    }
  }
  return { alg, verifier, theirs, tokens: mutations(random, key, stranger, good) }
}

/** @param {any} key */
const revive = ({ secret, ...rest }) =>
  secret === undefined ? rest : { ...rest, secret: new Uint8Array(Buffer.from(secret.$b64u, 'base64url')) }

if (import.meta.url === pathToFileURL(String(process.argv[1])).href) {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, count: { type: 'string', default: '100000' } } })
  const { differences, ...counts } = await differ({ seed: values.seed ?? anySeed(), count: Number(values.count) })
  console.log(JSON.stringify(counts, undefined, 2))
  for (const difference of differences.slice(0, 50)) console.log(difference)
  process.exitCode = differences.length === 0 ? 0 : 1
}
