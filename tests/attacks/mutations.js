// @ts-check
/**
 * What becomes of a good token: bits flipped, segments exchanged, JSON edited, signed again, spelled otherwise.
 *
 * @module
 */

import { encode, signature } from './sign.js'

/** @typedef {import('./random.js').Random} Random */
/** @typedef {import('./keys.js').Key} Key */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const FOREIGN = ['=', '+', '/', '.', '~', ' ', '\n', '\0', '%', 'é', '😀']

/** Values of another type than the expected one. */
const VALUES = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1',
    '-1',
    '1.5',
    '1e3',
    '1e999',
    '-1e999',
    '1e-999',
    '9007199254740993',
    '""',
    '"x"',
    '[]',
    '{}',
  ],
  ...[
    '1700000000',
    '1699999999',
    '1700000001',
    '1700000000.5',
    '1699999999.5',
    '253402300799',
    '253402300800',
    '1700000000000',
    '"1700000600"',
  ],
  ...[
    '["x"]',
    '[null]',
    '[[]]',
    '{"a":1,"a":2}',
    '{"__proto__":1}',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"\\u0000"',
    '[1,]',
    '01',
    "'x'",
    'NaN',
    '["b64"]',
  ],
]

const NAMES = {
  header: [
    'alg',
    'typ',
    'kid',
    'crit',
    'b64',
    'jwk',
    'jku',
    'x5u',
    'x5c',
    'x5t',
    'x5t#S256',
    'cty',
    'zip',
    'enc',
    '__proto__',
    'x',
    '',
  ],
  claims: [
    'iss',
    'aud',
    'sub',
    'exp',
    'nbf',
    'iat',
    'jti',
    'cnf',
    'scope',
    'nonce',
    '__proto__',
    'constructor',
    'then',
    'x',
    '',
  ],
}

/** A token taken apart, its text not yet signed again. @typedef {{ header: Buffer, claims: Buffer, signature: Buffer }} Parts */

/**
 * Mutated tokens of a key, without end.
 *
 * @param {Random} random @param {Key} key @param {Key} stranger @param {readonly string[]} good Good tokens of `key`.
 * @returns {Generator<string, never>}
 */
export function* mutations(random, key, stranger, good) {
  for (;;) {
    const token = random.one(good)
    const make = random.one([flipped, respelled, exchanged, edited, edited, edited, resigned, resigned])
    yield make(random, token, { key, stranger, good })
  }
}

/** @typedef {{ key: Key, stranger: Key, good: readonly string[] }} Hands What an attacker, or an odd issuer, has. */

/** @param {Random} random @param {string} token */
function flipped(random, token) {
  let text = token
  for (let count = random.one([1, 1, 1, 2, 3]); count > 0; count -= 1) {
    const at = random.below(text.length)
    text = random.one([
      `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(7)))}${text.slice(at + 1)}`,
      `${text.slice(0, at)}${random.one([...ALPHABET])}${text.slice(at + 1)}`,
      `${text.slice(0, at)}${random.one([...ALPHABET, ...FOREIGN])}${text.slice(at)}`,
      `${text.slice(0, at)}${text.slice(at + 1)}`,
      text.slice(0, at),
    ])
  }
  return text
}

/** Another spelling of the same octets, as it is or signed again. @param {Random} random @param {string} token @param {Hands} hands */
function respelled(random, token, { key }) {
  const parts = token.split('.')
  const place = random.below(3)
  const part = String(parts[place])
  const last = ALPHABET.indexOf(part.slice(-1))
  const at = random.below(part.length)
  parts[place] = random.one([
    `${part}=`,
    `${part}==`,
    `${part.slice(0, -1)}${ALPHABET[last ^ 1]}`,
    `${part.slice(0, -1)}${ALPHABET[(last + 1) % 64]}`,
    part.replaceAll('-', '+').replaceAll('_', '/'),
    `${part.slice(0, at)}${random.one([' ', '\n', '\r\n', '\t', '\0', '='])}${part.slice(at)}`,
    Buffer.from(part, 'base64url').toString('base64'),
    part.toLowerCase(),
    Buffer.from(part).toString('base64url'),
    encodeURIComponent(`${part}/`),
  ])
  if (place === 2 || random.below(2) === 0) return parts.join('.')
  const input = `${parts[0]}.${parts[1]}`
  return `${input}.${signature(key, input).toString('base64url')}`
}

/** Pieces of tokens, in another order. @param {Random} random @param {string} token @param {Hands} hands */
function exchanged(random, token, { good }) {
  const pieces = [...token.split('.'), ...random.one(good).split('.')]
  const count = random.one([1, 2, 3, 3, 3, 3, 4, 5])
  return Array.from({ length: count }, () => random.one([...pieces, ''])).join('.')
}

/** @param {Random} random @param {string} token @param {Hands} hands */
function edited(random, token, { key, stranger }) {
  const [header = '', claims = '', mark = ''] = token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString())
  let texts = { header, claims }
  for (let count = random.one([1, 1, 2, 3]); count > 0; count -= 1) {
    const place = random.one(/** @type {const} */ (['header', 'claims', 'claims', 'claims']))
    texts = { ...texts, [place]: edit(random, texts[place], NAMES[place]) }
  }
  const input = `${encode(texts.header)}.${encode(texts.claims)}`
  const by = random.one([key, key, key, key, stranger, undefined])
  const octets = by === undefined ? Buffer.from(mark, 'latin1') : signature(by, input)
  return `${input}.${octets.toString('base64url')}`
}

/** One edit of a JSON object, as text. @param {Random} random @param {string} text @param {readonly string[]} names */
function edit(random, text, names) {
  const value = random.one(VALUES)
  const name = random.one(names)
  const member = `${JSON.stringify(name)}:${value}`
  const at = random.below(text.length)
  switch (random.below(9)) {
    case 0:
      return text.replace('{', `{${member},`)
    case 1:
      return `${text.slice(0, -1)},${member}}`
    case 2:
      return text.replace(new RegExp(`"${name.replace('#', '.')}":("[^"]*"|[^,}]*)`), () => member)
    case 3:
      return text.replace(new RegExp(`"${name.replace('#', '.')}":("[^"]*"|[^,}]*),?`), '')
    case 4:
      return text.replaceAll(random.one([',', ':', '{', '}']), (mark) =>
        random.one([` ${mark}`, `${mark}\n`, `${mark}\t`, mark]),
      )
    case 5:
      return `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(7)))}${text.slice(at + 1)}`
    case 6:
      return text.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
    case 7:
      return random.one([
        ` ${text}`,
        `${text}\n`,
        `\ufeff${text}`,
        `${text}${text}`,
        `[${text}]`,
        text.slice(0, at),
        `${text}\0`,
      ])
    default:
      return `${text.slice(0, -1)},"deep":${'['.repeat(random.one([2, 100, 255, 256, 400]))}`.replace(
        /\[+$/,
        (open) => `${open}${']'.repeat(open.length)}}`,
      )
  }
}

/** Octets edited, and signed or not; signatures edited. @param {Random} random @param {string} token @param {Hands} hands */
function resigned(random, token, { key }) {
  const [head = '', body = '', mark = ''] = token.split('.')
  const octets = Buffer.from(random.one([head, body, body, mark, mark]), 'base64url')
  const at = random.below(octets.length)
  const changed = random.one([
    () => Buffer.concat([octets.subarray(0, at), random.octets(1), octets.subarray(at + 1)]),
    () => Buffer.concat([octets.subarray(0, at), octets.subarray(at + 1)]),
    () => Buffer.concat([octets, random.octets(1)]),
    () => Buffer.concat([Buffer.alloc(1), octets]),
    () => Buffer.concat([octets.subarray(octets.length / 2), octets.subarray(0, octets.length / 2)]),
    () => octets.subarray(0, at),
    () =>
      Buffer.concat([
        octets.subarray(0, at),
        Buffer.from(random.one(['c080', 'eda080', 'ff', 'e28080', 'f0']), 'hex'),
        octets.subarray(at),
      ]),
  ])()
  if (octets.toString('base64url') === mark) return `${head}.${body}.${changed.toString('base64url')}`
  const input = octets.toString('base64url') === head ? `${encode(changed)}.${body}` : `${head}.${encode(changed)}`
  return `${input}.${random.below(4) === 0 ? mark : signature(key, input).toString('base64url')}`
}
