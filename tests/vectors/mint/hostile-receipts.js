// @ts-check
/**
 * Hostile receipts, without end, from a seed: a good `receipt~token` and what becomes of it.
 *
 * The attacker holds good receipts, a key that is not ours, and patience. `hostileReceipts` yields
 * each text with the way it was made; whatever it is, it must be refused. Nothing but `node:crypto`
 * is used.
 *
 * Run by itself it writes `hostile.json`, the first of them, as vectors.
 *
 * @module
 */

import { createHash, createHmac } from 'node:crypto'

const NOW = 1_700_000_000
const KEY = Buffer.from('a test key of hostile receipts, worth nothing')
const ATTACKERS_KEY = Buffer.from('another key, which the attacker holds himself')
const TOKEN = 'tkn_24543c6a278f45d680d09edb32e78061'
const OTHER_TOKEN = 'tkn_99943c6a278f45d680d09edb32e78069'

/** The verifier that the receipts are held against, as a vector has it. */
export const verifier = {
  options: {
    profile: { $profile: 'juspay', merchantId: 'shop', environment: 'sandbox', kind: 'order' },
  },
  keys: { secret: { $b64u: KEY.toString('base64url') } },
  expected: { bind: { order_id: 'order-1' } },
  now: NOW,
}

/** @param {string} token */
const hash = (token) => createHash('sha256').update(token).digest('base64url')

/** @param {Buffer} key @param {string} header @param {string} claims Text, signed as it stands. */
function jws(key, header, claims) {
  const input = [header, claims].map((text) => Buffer.from(text).toString('base64url')).join('.')
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}

/** @param {string} token @param {object} [more] */
const claimsOf = (token, more) => ({
  ath: hash(token),
  iss: 'https://sandbox.juspay.in',
  iat: NOW - 60,
  exp: NOW + 300,
  bind: { order_id: 'order-1' },
  uses: 30,
  merchant_id: 'shop',
  ...more,
})

const HEADER = '{"alg":"HS256","typ":"receipt+jwt"}'

/** @param {string} token @param {object} [more] @param {string} [header] @param {Buffer} [key] */
const receipt = (token, more, header = HEADER, key = KEY) => jws(key, header, JSON.stringify(claimsOf(token, more)))

/** The receipt that stands. */
export const good = `${receipt(TOKEN)}~${TOKEN}`

/** A small generator of numbers, the same for the same seed. @param {number} seed */
function numbers(seed) {
  let state = seed >>> 0
  return (/** @type {number} */ below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** @typedef {(below: number) => number} Pick */

/** @type {<T>(pick: Pick, items: readonly T[]) => T} */
const one = (pick, items) => /** @type {any} */ (items[pick(items.length)])

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const FOREIGN = [' ', '\n', '\t', '\0', '=', '+', '/', '.', '~', '"', '%', ',', 'é', 'а', '\u2028', '😀']

/** What an attacker makes of a good receipt. @type {Record<string, (pick: Pick) => string>} */
const attacks = {
  'one character is another': (pick) => {
    const at = pick(good.length)
    const others = [...ALPHABET].filter((letter) => letter !== good[at])
    return `${good.slice(0, at)}${one(pick, others)}${good.slice(at + 1)}`
  },
  'one character is foreign': (pick) => {
    const at = pick(good.length)
    const others = FOREIGN.filter((letter) => letter !== good[at])
    return `${good.slice(0, at)}${one(pick, others)}${good.slice(at + 1)}`
  },
  'one character more': (pick) => {
    const at = pick(good.length + 1)
    return `${good.slice(0, at)}${one(pick, [...ALPHABET, ...FOREIGN])}${good.slice(at)}`
  },
  'one character less': (pick) => {
    const at = pick(good.length)
    return `${good.slice(0, at)}${good.slice(at + 1)}`
  },
  'two characters exchanged': (pick) => {
    let at = pick(good.length - 1)
    while (good[at] === good[at + 1]) at = (at + 1) % (good.length - 1)
    return `${good.slice(0, at)}${good[at + 1]}${good[at]}${good.slice(at + 2)}`
  },
  'cut short': (pick) => good.slice(0, pick(good.length)),
  'cut from the front': (pick) => good.slice(1 + pick(good.length - 1)),
  'one piece twice': (pick) => {
    const [from, to] = [pick(good.length), pick(good.length)].sort((a, b) => a - b)
    return `${good.slice(0, to)}${good.slice(from, (to ?? 0) + 1)}${good.slice(to)}`
  },
  'pieces of two receipts': (pick) => {
    const other = `${receipt(OTHER_TOKEN, { bind: { order_id: 'order-2' } })}~${OTHER_TOKEN}`
    const pieces = [good, other].map((text) => text.split(/[.~]/))
    for (;;) {
      const chosen = [0, 1, 2, 3].map(() => pick(2))
      if (chosen.every((from) => from === 0) || new Set(chosen.slice(0, 3)).size === 1) continue
      const [header, claims, mark, token] = chosen.map((from, at) => pieces[from]?.[at])
      // The two headers are one text, so only what differs counts.
      if (chosen[1] === chosen[2] && chosen[2] === 0 && chosen[3] === 0) continue
      return `${header}.${claims}.${mark}~${token}`
    }
  },
  'the receipt of another token': (pick) => `${receipt(`${OTHER_TOKEN}${pick(1e6)}`)}~${TOKEN}`,
  'the hash of another spelling': (pick) => {
    const made = receipt(TOKEN, {
      ath: one(pick, [
        hash(TOKEN).toLowerCase(),
        `${hash(TOKEN)}=`,
        hash(TOKEN).slice(0, -1 - pick(40)),
        hash(`${TOKEN}\n`),
        hash(TOKEN.toUpperCase()),
        hash(hash(TOKEN)),
        TOKEN,
        null,
        0,
        [hash(TOKEN)],
        { S256: hash(TOKEN) },
      ]),
    })
    return `${made}~${TOKEN}`
  },
  'signed by the attacker': (pick) => {
    const bind = { order_id: one(pick, ['order-1', 'order-2']) }
    return `${receipt(TOKEN, { bind }, HEADER, ATTACKERS_KEY)}~${TOKEN}`
  },
  'signed with a secret anyone has': (pick) => {
    const secrets = ['', 'secret', 'your-256-bit-secret', TOKEN, hash(TOKEN), HEADER, 'shop']
    return `${receipt(TOKEN, {}, HEADER, Buffer.from(one(pick, secrets)))}~${TOKEN}`
  },
  'not signed': (pick) => {
    const alg = one(pick, ['none', 'None', 'nonE', '', 'HS256', 'HS1', 'EdDSA', 'ES256'])
    const header = Buffer.from(JSON.stringify({ alg, typ: 'receipt+jwt' })).toString('base64url')
    const claims = good.split('.')[1]
    const half = good.split(/[.~]/)[2]?.slice(0, 22) ?? ''
    return `${header}.${claims}.${one(pick, ['', 'AA', half])}~${TOKEN}`
  },
  'another typ': (pick) => {
    const made = receipt(
      TOKEN,
      {},
      JSON.stringify({
        alg: 'HS256',
        typ: one(pick, [
          'JWT',
          'at+jwt',
          'vc+sd-jwt',
          'dc+sd-jwt',
          'kb+jwt',
          'dpop+jwt',
          'receipt',
          'receipt+jwt ',
          'receipt+jwt;v=1',
          'text/receipt+jwt',
          '',
        ]),
      }),
    )
    return `${made}~${TOKEN}`
  },
  'a header that says more': (pick) => {
    const made = receipt(
      TOKEN,
      {},
      one(pick, [
        '{"alg":"HS256","typ":"receipt+jwt","crit":["x"],"x":1}',
        '{"alg":"HS256","typ":"receipt+jwt","b64":false,"crit":["b64"]}',
        '{"alg":"HS256","typ":"receipt+jwt","b64":false}',
        '{"alg":"HS256","alg":"HS256","typ":"receipt+jwt"}',
        '{"alg":"HS256","typ":"JWT","typ":"receipt+jwt"}',
        '{"alg":"HS256","typ":"receipt+jwt","t\\u0079p":"receipt+jwt"}',
        '["HS256","receipt+jwt"]',
        '{"alg":"HS256","typ":"receipt+jwt"}{}',
        '\ufeff{"alg":"HS256","typ":"receipt+jwt"}',
        '{"alg":["HS256"],"typ":"receipt+jwt"}',
        '{"typ":"receipt+jwt"}',
      ]),
    )
    return `${made}~${TOKEN}`
  },
  'a time that does not stand': (pick) => {
    const made = receipt(
      TOKEN,
      one(pick, [
        { exp: NOW },
        { exp: NOW - 1 - pick(1e6) },
        { exp: 0 },
        { exp: -1 },
        { exp: (NOW + 300) * 1000 },
        { exp: String(NOW + 300) },
        { exp: null },
        { exp: [NOW + 300] },
        { exp: undefined },
        { exp: 1e300 },
        { nbf: NOW + 1 + pick(1e6) },
        { nbf: 'soon' },
        { iat: 'then' },
        { iat: -1 },
      ]),
    )
    return `${made}~${TOKEN}`
  },
  'a binding that does not hold': (pick) => {
    const made = receipt(TOKEN, {
      order_id: 'order-1',
      bind: one(pick, [
        {},
        null,
        'order-1',
        ['order-1'],
        [['order_id', 'order-1']],
        { order_id: 'order-2' },
        { order_id: 'order-1 ' },
        { order_id: 'Order-1' },
        { order_id: '' },
        { order_id: null },
        { order_id: ['order-1'] },
        { order_id: { order_id: 'order-1' } },
        { order_id: true },
        { order_id: pick(1e6) },
        { customer_id: 'order-1' },
        { Order_id: 'order-1' },
        { 'order_id ': 'order-1' },
      ]),
    })
    return `${made}~${TOKEN}`
  },
  'another issuer or merchant': (pick) => {
    const made = receipt(
      TOKEN,
      one(pick, [
        { iss: 'https://api.juspay.in' },
        { iss: 'https://sandbox.juspay.in/' },
        { iss: 'https://SANDBOX.juspay.in' },
        { iss: ['https://sandbox.juspay.in'] },
        { iss: undefined },
        { iss: null },
        { merchant_id: 'Shop' },
        { merchant_id: 'shop ' },
        { merchant_id: ['shop'] },
        { merchant_id: undefined },
        { merchant_id: null },
        { merchant_id: true },
      ]),
    )
    return `${made}~${TOKEN}`
  },
  'uses that cannot be counted': (pick) => {
    const made = receipt(TOKEN, {
      uses: one(pick, [0, -1, 0.5, 29.9, '30', null, true, [30], { limit: 30 }, 2 ** 53, 1e300]),
    })
    return `${made}~${TOKEN}`
  },
  'claims that are no Claims Set': (pick) => {
    const text = JSON.stringify(claimsOf(TOKEN))
    const hurt = one(pick, [
      text.replace('"ath"', '"ath":"x","ath"'),
      text.replace('"exp"', `"exp":${NOW - 1},"exp"`),
      text.replace('"order_id"', '"order_id":"order-2","order_id"'),
      text.replace('"uses":30', '"uses":30,"us\\u0065s":31'),
      `[${text}]`,
      `${text}${text}`,
      `${text},`,
      text.slice(0, -1),
      `"${TOKEN}"`,
      'null',
      '',
      text.replace(':30', ':1e999'),
      text.replace(':30', ':030'),
      text.replace('"shop"', '"sh\\ud800op"'),
      `${text}\0`,
    ])
    return `${jws(KEY, HEADER, hurt)}~${TOKEN}`
  },
  'a claim that asks for proof': (pick) => {
    const made = receipt(TOKEN, {
      cnf: one(pick, [{ jkt: hash(TOKEN) }, { 'x5t#S256': hash(TOKEN) }, { jwk: { kty: 'oct' } }]),
    })
    return `${made}~${TOKEN}`
  },
  'no token, or no receipt': (pick) =>
    one(pick, [
      receipt(TOKEN),
      `${receipt(TOKEN)}~`,
      `~${TOKEN}`,
      TOKEN,
      '~',
      '~~',
      `${receipt('')}~`,
      `${receipt('~')}`,
      `${TOKEN}~${receipt(TOKEN)}`,
      `${receipt(TOKEN)}.${TOKEN}`,
      `${receipt(TOKEN)} ${TOKEN}`,
      `${receipt(TOKEN)}~${receipt(TOKEN)}`,
      `${receipt(TOKEN)}~~${TOKEN}`,
      `${receipt(TOKEN)}~${TOKEN}~`,
      `Bearer ${good}`,
      `${good}.`,
      `"${good}"`,
      `${good},${good}`,
    ]),
  'a token of foreign characters, with its receipt': (pick) => {
    const at = pick(TOKEN.length)
    const foreign = one(pick, [' ', '\n', '\0', '"', '%', ',', 'é', 'а', '\u2028', '😀', '=x', '\u00a0'])
    const token = `${TOKEN.slice(0, at)}${foreign}${TOKEN.slice(at)}`
    return `${receipt(token)}~${token}`
  },
  'a text far too long': (pick) =>
    one(pick, [
      `${good}${'x'.repeat(16385)}`,
      `${'x'.repeat(16385)}~${TOKEN}`,
      `${receipt('x'.repeat(16385))}~${'x'.repeat(16385)}`,
      `${receipt(TOKEN, { note: 'x'.repeat(16385) })}~${TOKEN}`,
    ]),
  'a nest too deep': (pick) => {
    const levels = 257 + pick(1000)
    const text = JSON.stringify(claimsOf(TOKEN))
    const nest = `${'['.repeat(levels)}${']'.repeat(levels)}`
    return `${jws(KEY, HEADER, `${text.slice(0, -1)},"deep":${nest}}`)}~${TOKEN}`
  },
}

/**
 * Hostile receipts, one of each attack in turn. The same seed yields the same.
 * @param {number} seed
 * @returns {Generator<{ attack: string, token: string }, never>}
 */
export function* hostileReceipts(seed) {
  const pick = numbers(seed)
  for (;;) {
    for (const [attack, make] of Object.entries(attacks)) yield { attack, token: make(pick) }
  }
}

/** The first `count`, as vectors. @param {number} seed @param {number} count */
export function hostileVectors(seed, count) {
  const receipts = hostileReceipts(seed)
  return Array.from({ length: count }, (_, at) => {
    const { attack, token } = receipts.next().value
    return {
      name: `hostile receipt ${at + 1} is refused: ${attack}`,
      ref: 'src/README.md Receipts',
      ...verifier,
      token,
      answer: { refused: /** @type {const} */ (true) },
    }
  })
}
