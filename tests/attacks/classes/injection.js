// @ts-check
/** Keys that a token brings along or points to, and keys chosen by `kid` (RFC 7515 sections 4.1.2 to 4.1.8, RFC 8725 3.10). */

import { spki } from '../keys.js'
import { accepted, mistaken, refused, setOf, taken } from '../target.js'

/** What attackers write into a `kid`: paths, queries, commands, look-alikes. */
const KIDS = [
  ...['../../../../dev/null', '/dev/null', 'file:///dev/null', 'https://evil.example/k', '%2e%2e%2f', '..\\..\\nul'],
  ...[
    "' OR '1'='1",
    "k' UNION SELECT 'x'--",
    '$(id)',
    '`id`',
    '; ls',
    '|id',
    '{{7*7}}',
    '${7*7}',
    '*',
    '.*',
    '%00',
    '\0',
  ],
  ...['', ' ', '0', '1', 'null', 'undefined', 'true', 'NaN', '[object Object]', '__proto__', 'constructor', 'toString'],
]

/** @param {import('../target.js').Target} target */
export function* injection(target) {
  const { random, key, stranger, header, claims, sign, issuer, options } = target
  const kid = `Key-${random.text(8)}`
  const named = { keys: taken(key, { kid }), good: { token: sign(header({ kid }), claims()) } }
  const url = `https://evil.example/${random.text(6)}`
  const der = stranger.family === 'HMAC' ? random.text(400) : spki(stranger.jwk).split('\n').slice(1, -2).join('')
  /** @type {[string, object][]} */
  const brought = [
    ['jwk', { jwk: stranger.jwk }],
    ['jwk with the trusted kid', { jwk: { ...stranger.jwk, kid } }],
    ['jku', { jku: url }],
    ['jku of the issuer', { jku: `${issuer}/.well-known/jwks.json` }],
    ['x5u', { x5u: url }],
    ['x5c', { x5c: [der] }],
    ['x5t', { x5t: random.text(27), 'x5t#S256': random.text(43) }],
    ['all of them', { jwk: stranger.jwk, jku: url, x5u: url, x5c: [der] }],
  ]
  for (const [title, members] of brought) {
    const alone = sign(header(members), claims(), stranger)
    yield refused(`a stranger's ${title}`, 'signature_invalid', alone)
    const withKid = sign(header({ kid, ...members }), claims(), stranger)
    yield refused(`a stranger's ${title} under the trusted kid`, 'signature_invalid', withKid, named)
    const withOwn = sign(header({ kid: url, ...members }), claims(), stranger)
    yield refused(`a stranger's ${title} under its own kid`, 'key_not_found kid', withOwn, named)
    yield accepted(`${title} in a header of the trusted key`, sign(header({ kid, ...members }), claims()), named)
  }
  const alike = [
    kid.toLowerCase(),
    kid.toUpperCase(),
    ` ${kid}`,
    `${kid} `,
    `${kid}\0`,
    kid.slice(1),
    `${kid}${kid}`,
    encodeURIComponent(`${kid}/`),
  ]
  for (const other of [...KIDS, ...alike]) {
    const shown = JSON.stringify(other)
    const [mine, theirs] = [key, stranger].map((by) => sign(header({ kid: other }), claims(), by))
    yield refused(`kid ${shown}, by a stranger`, 'key_not_found kid', String(theirs), named)
    yield refused(`kid ${shown}, by the trusted key under another name`, 'key_not_found kid', String(mine), named)
  }
  for (const [name, value] of [
    ...['null', '0', 'true', '[]', `["${kid}"]`, '{}', '{"$ne":"x"}'].map((value) => ['kid', value]),
    ...['null', '"x"', '[]', '7'].map((value) => ['jwk', value]),
    ...['null', '"x"', '{}', '[1]', '[null]'].map((value) => ['x5c', value]),
    ...['jku', 'x5u', 'x5t', 'x5t#S256', 'cty', 'typ'].flatMap((name) => [
      [name, 'null'],
      [name, '[]'],
      [name, '1'],
    ]),
  ]) {
    const token = sign(JSON.stringify(header()).replace('}', `,"${name}":${value}}`), claims())
    yield refused(`${name} ${value}, well signed`, `header_malformed ${name}`, token, { keys: taken(key) })
  }
  yield* chosen(target, kid)
  const [ours, theirs] = [taken(key, { issuer }), taken(stranger, { issuer: url })]
  const tenants = { options: { ...options, issuer: [issuer, url] }, keys: [ours, theirs] }
  const good = { token: sign(header(), claims()) }
  for (const [title, by, iss] of /** @type {const} */ ([
    ["a tenant's key for another's token", stranger, issuer],
    ['the other way round', key, url],
  ])) {
    yield refused(title, 'claim_mismatch iss', sign(header(), claims({ iss }), by), { ...tenants, good })
  }
  yield refused(
    'a tagged key for a token without an issuer',
    'claim_missing iss',
    sign(header(), claims({ iss: undefined })),
    {
      options: { ...options, issuer: null },
      keys: ours,
    },
  )
  yield accepted("a tenant's own token", sign(header(), claims({ iss: url }), stranger), { ...tenants, good })
}

/** Keys of a set, chosen by what the header says of them. @param {import('../target.js').Target} target @param {string} kid */
function* chosen({ key, stranger, other, header, claims, sign, family }, kid) {
  const mine = { ...key.jwk, kid }
  const pair = setOf(mine, { ...stranger.jwk, kid: 'b' })
  const good = { token: sign(header({ kid }), claims()) }
  yield refused("one key's token under the kid of another", 'signature_invalid', sign(header({ kid: 'b' }), claims()), {
    keys: pair,
    good,
  })
  yield accepted('no kid where two keys fit', sign(header(), claims()), { keys: pair, good })
  yield accepted('no kid, and the second key', sign(header(), claims(), stranger), { keys: pair, good })
  yield accepted('the kid of the second key', sign(header({ kid: 'b' }), claims(), stranger), { keys: pair, good })
  const apart = [taken(key, { kid }), taken(other, { kid: 'o' })]
  yield refused('the kid of a key of another type', 'key_not_found kid', sign(header({ kid: 'o' }), claims()), {
    keys: apart,
    good,
  })
  yield accepted('no kid where one key fits', sign(header(), claims()), { keys: apart, good })
  const only = { keys: taken(other), good: { token: sign({ alg: other.alg }, claims(), other) } }
  yield refused('no key of its algorithm', 'alg_not_allowed alg', sign(header(), claims(), stranger), only)
  const unfit = family === 'HMAC' ? [] : [['d', { d: 'AQ' }]]
  for (const [member, members] of [
    ['use', { use: 'enc' }],
    ['use', { use: ['sig'] }],
    ['key_ops', { key_ops: ['sign'] }],
    ['key_ops', { key_ops: [] }],
    ['key_ops', { key_ops: ['verify', 'verify'] }],
    ['alg', { alg: 'none' }],
    ['alg', { alg: other.alg }],
    ['x5c', { x5c: 'x' }],
    ...unfit,
  ]) {
    const bad = { .../** @type {object} */ (stranger.jwk), .../** @type {object} */ (members), kid: 'bad' }
    const shown = JSON.stringify(members)
    const token = sign(header({ kid: 'bad' }), claims(), stranger)
    yield refused(`a key of the set with ${shown}`, `key_rejected ${member}`, token, { keys: setOf(mine, bad), good })
    yield mistaken(`a key alone with ${shown}`, String(member), { keys: { jwk: bad } })
  }
  for (const kty of ['rsa', 'ec', 'okp', 'OCT', '', 'RSA ', 'Rsa', 'HMAC']) {
    const bad = { ...stranger.jwk, kty, kid: 'bad' }
    const token = sign(header({ kid: 'bad' }), claims(), stranger)
    yield refused(`a key of the set with kty ${JSON.stringify(kty)}`, 'key_not_found kid', token, {
      keys: setOf(mine, bad),
      good,
    })
    yield mistaken(`a key alone with kty ${JSON.stringify(kty)}`, 'kty', { keys: { jwk: bad } })
  }
}
