// @ts-check
/**
 * The files that the transcripts use: keys, policies and tokens, the same octets at each run.
 *
 * Tokens are signed by `node:crypto`, with algorithms whose signatures are not random.
 *
 * @module
 */

import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The moment of the transcripts: `--at 1700000000`. */
export const NOW = 1_700_000_000

/** The secret of the HS256 tokens. */
export const SECRET = 'a secret of this test, 32 octets or more'

const stored = JSON.parse(readFileSync(new URL('../../vectors/mint/keys.json', import.meta.url), 'utf8'))

const b64u = (/** @type {string | Uint8Array} */ bytes) => Buffer.from(bytes).toString('base64url')

/** @param {unknown} header @param {unknown} claims */
const inputOf = (header, claims) => `${b64u(JSON.stringify(header))}.${b64u(JSON.stringify(claims))}`

/** @param {unknown} claims @param {object} [header] */
export function hs256(claims, header = {}) {
  const input = inputOf({ alg: 'HS256', typ: 'JWT', ...header }, claims)
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

/** @param {unknown} claims @param {object} [header] */
export function rs256(claims, header = {}) {
  const input = inputOf({ alg: 'RS256', typ: 'JWT', kid: 'rsa', ...header }, claims)
  const key = createPrivateKey({ key: stored.rs256, format: 'jwk' })
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

/** @param {Record<string, unknown>} [changes] */
export const claims = (changes = {}) => ({
  iss: 'https://issuer.example',
  aud: 'https://api.example',
  sub: 'user-7',
  scope: 'orders:read orders:write',
  iat: NOW - 600,
  exp: NOW + 3000,
  jti: 'token-1',
  ...changes,
})

/** Text that tries to write to a terminal: a title, a colour, the clipboard, C1 controls, and a text read backwards. */
export const HOSTILE = '\u001b]0;owned\u0007\u001b[31mred\r\nnext\u009b2J\u0085\u202eevil\u2066\u200b\ufeff\u{e0041}'

const { kty, n, e } = stored.rs256
const rsa = { kty, n, e, kid: 'rsa', use: 'sig', alg: 'RS256' }
const pem = createPublicKey({ key: rsa, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
const opaque = 'tkn_0123456789abcdef0123456789abcdef'

const hostileClaims = claims({ iss: HOSTILE, [HOSTILE]: HOSTILE, sub: [HOSTILE] })

/** Every file by name. @type {Record<string, string>} */
export const FILES = {
  'good.txt': `${rs256(claims())}\n`,
  'token.txt': `${rs256(claims({ aud: 'https://other.example' }))}\n`,
  'hmac.txt': `${hs256(claims())}\n`,
  'expired.txt': `${rs256(claims({ exp: NOW - 7200, iat: NOW - 10_800 }))}\n`,
  'other-audience.txt': `${rs256(claims({ aud: 'https://other.example', exp: NOW - 60 }))}\n`,
  'unknown-kid.txt': `${rs256(claims(), { kid: 'gone' })}\n`,
  'changed.txt': `${rs256(claims()).replace(/\.([\w-]+)\./, `.${b64u(JSON.stringify(claims({ sub: 'admin' })))}.`)}\n`,
  'milliseconds.txt': `${rs256(claims({ exp: (NOW + 3000) * 1000 }))}\n`,
  'order.txt': `${rs256(claims({ order_id: '14183944763', roles: ['admin', 'editor'] }))}\n`,
  'unsigned.txt': `${inputOf({ alg: 'none' }, claims())}.\n`,
  'hostile.txt': `${rs256(hostileClaims, { kid: HOSTILE, typ: HOSTILE })}\n`,
  'hostile-ok.txt': `${rs256(claims({ sub: HOSTILE, [`x${HOSTILE}`]: { [HOSTILE]: 1 } }))}\n`,
  'garbage.txt': `${HOSTILE} is no token\n`,
  'opaque.txt': `${opaque}\n`,
  'curl.txt': `curl -u client:hunter2 https://api.example/orders -H 'Authorization: Bearer ${rs256(claims())}'\n`,
  'answer.json': JSON.stringify({ access_token: hs256(claims()), token_type: 'Bearer', expires_in: 3600 }),
  'empty.txt': '',
  'lines.txt': [hs256(claims()), hs256(claims({ exp: NOW })), '', 'x', hs256(claims({ sub: HOSTILE }))].join('\n'),
  'secret.txt': `${SECRET}\n`,
  'secret.hex': Buffer.from(SECRET).toString('hex'),
  'policy.json': JSON.stringify({
    issuer: 'https://issuer.example',
    audience: 'https://api.example',
    scope: 'orders:read',
  }),
  'no-audience.json': JSON.stringify({ issuer: 'https://issuer.example' }),
  'keys.json': JSON.stringify({ keys: [rsa, { ...rsa, kid: 'for-encryption', use: 'enc' }] }),
  'set.json': JSON.stringify({
    keys: [
      rsa,
      { ...rsa, kid: 'for-encryption', use: 'enc' },
      { kty: 'RSA', n: stored.rsa1024.n, e: 'AQAB', kid: 'weak' },
      { kty: 'oct', k: b64u(SECRET), kid: 'symmetric' },
      { kty: 'EC', crv: 'P-256', x: stored.es256.x, y: stored.es256.y, kid: 'ec' },
      { kty: 'EC', crv: 'P-256', x: stored.es256.x, y: stored.es256.x, kid: 'off-the-curve' },
      { kty: 'OKP', crv: 'Ed25519', x: stored.ed25519.x, kid: HOSTILE },
      stored.ed25519,
      null,
    ],
  }),
  'key.pem': String(pem),
  'private.pem': String(
    createPrivateKey({ key: stored.rs256, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }),
  ),
  'private.json': JSON.stringify(stored.ed25519),
  'html.json': '<!doctype html><title>Sign in</title>',
}

/**
 * Writes the files.
 *
 * @param {string} folder
 */
export function writeFiles(folder) {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
}
