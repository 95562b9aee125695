// @ts-check
/**
 * Cost of the most laborious inputs, in microseconds per octet: `npm run bench -- cost`.
 *
 * For each kind of input (an unsigned token, a signed one, an inspected one, a published key set, the head of a request)
 * the same number of octets is filled in many ways. The table shows, per kind, the way that costs most, and whether it
 * keeps the limit of its kind. `--all` shows every way. Time is the processor's, of all threads.
 *
 * @module
 */

import { createHmac, generateKeyPairSync } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { inspect, Verifier } from 'countersign'
import { guard } from 'countersign/fetch'
import { inspect as inspectAlone } from 'countersign/inspect'

/**
 * @typedef {{ name: string, octets: number, run: () => unknown }} Input
 * @typedef {{ kind: string, limit: number, inputs: readonly Input[] }} Kind `limit`: microseconds per octet.
 * @typedef {{ name: string, octets: number, microseconds: number, perOctet: number }} Cost
 * @typedef {{ kind: string, limit: number, worst: Cost, all: readonly Cost[] }} Row
 */

const NOW = 1_700_000_000
const SECRET = 'a secret of sixty-four octets, which is enough for each algorithm'
const ANY = { issuer: null, audience: null, clock: () => NOW }

/** Octets of a JOSE Header and of a token, before base64url, just below the default limits. */
const HEADER = 6_000
const PAYLOAD = 12_000

/** As much as a policy may allow. */
const LARGEST = 780_000

/** As much as Node accepts as the head of a request. */
const HEAD = 16_000

const encode = (/** @type {string} */ text) => Buffer.from(text).toString('base64url')

/** As many of `items`, with commas between them, as `room` has space for. @param {(index: number) => string} item @param {number} room */
function list(item, room) {
  const items = []
  for (let index = 0, length = 0; ; index += 1) {
    const next = item(index)
    length += next.length + 1
    if (length > room) return items.join()
    items.push(next)
  }
}

/** `text` as often as `room` has space for. @param {string} text @param {number} room */
const times = (text, room) => text.repeat(Math.floor(room / text.length))

/** `text` in as many brackets as JSON may have here. @param {string} text */
const deep = (text) => `${'{"a":'.repeat(250)}${text}${'}'.repeat(250)}`

/**
 * JSON values of about `room` octets, each laborious in a way of its own.
 *
 * @type {Record<string, (room: number) => string>}
 */
const VALUES = {
  'one long string': (room) => `"${'x'.repeat(room)}"`,
  'a string of escapes': (room) => `"${times('\\n', room)}"`,
  'a string of \\u escapes': (room) => `"${times('\\u0061', room)}"`,
  'a string of surrogate pairs': (room) => `"${times('\\ud83d\\ude00', room)}"`,
  'a string that is not ASCII': (room) => `"${times('é', room / 2)}"`,
  'many short strings': (room) => `[${list(() => '""', room)}]`,
  'many integers': (room) => `[${list(() => '1', room)}]`,
  'many exponents': (room) => `[${list(() => '1e9', room)}]`,
  'many exponents that decide': (room) => `[${list(() => '1e308', room)}]`,
  'many numbers near zero': (room) => `[${list(() => '1e-320', room)}]`,
  'many long floats': (room) => `[${list(() => '2.4703282292062327208e-324', room)}]`,
  'many numbers of 800 digits': (room) => `[${list(() => `1.${'7'.repeat(800)}e-300`, room)}]`,
  'one number of all digits': (room) => `0.${'1'.repeat(room)}`,
  'the digits of infinity': (room) => `${2n ** 1024n - 2n ** 970n - 1n}.${'9'.repeat(Math.max(0, room - 310))}`,
  'many empty arrays': (room) => `[${list(() => '[]', room)}]`,
  'many empty objects': (room) => `[${list(() => '{}', room)}]`,
  'arrays 250 deep': (room) => `${'['.repeat(250)}"${'x'.repeat(room - 510)}"${']'.repeat(250)}`,
  'objects 250 deep': (room) => deep(`"${'x'.repeat(room - 1_510)}"`),
  'objects 250 deep, again and again': (room) => `[${list(() => deep('1'), room)}]`,
  'many members 250 deep': (room) => deep(`{${list((index) => `"m${index}":1`, room - 1_510)}}`),
  'many members': (room) => `{${list((index) => `"${index.toString(36)}":1`, room)}}`,
  'many members whose names start alike': (room) => `{${list((index) => `"${'a'.repeat(40)}${index}":1`, room)}}`,
  'many members whose names have escapes': (room) => `{${list((index) => `"\\u0061${index}":1`, room)}}`,
  '24 members of long names with escapes': (room) =>
    `{${list((index) => `"${times('\\u0061', room / 24 - 20)}${index}":1`, room)}}`,
  'objects of 24 members': (room) =>
    `[${list(() => `{${Array.from({ length: 24 }, (_, index) => `"${index}":0`)}}`, room)}]`,
  'many literals': (room) => `[${list(() => 'null', room)}]`,
  'white space': (room) => `[${' '.repeat(room)}]`,
  'commas, which are no JSON': (room) => `[${','.repeat(room)}]`,
  'brackets, which are no JSON': (room) => '['.repeat(room),
  'a string that does not end': (room) => `"${'x'.repeat(room)}`,
}

/** @param {string} header @param {string} payload */
function signed(header, payload) {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

/** @param {(value: string) => string} token @param {number} room @param {(token: string) => unknown} read */
function tokens(token, room, read) {
  return Object.entries(VALUES).map(([name, value]) => {
    const made = token(value(room))
    return { name, octets: made.length, run: () => read(made) }
  })
}

const HS256 = '{"alg":"HS256"}'
const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, cache: false })
const ruled = new Verifier({ ...ANY, keys: { secret: SECRET }, cache: false, claims: { a: 'x' }, scope: 'read' })
const large = new Verifier({ ...ANY, keys: { secret: SECRET }, cache: false, maxTokenBytes: 1_048_576 })
const pointer = new Verifier({
  ...ANY,
  keys: { secret: SECRET },
  cache: false,
  claims: { [`${'/a'.repeat(251)}/m1`]: 'x' },
})

const refused = (/** @type {Verifier} */ by) => (/** @type {string} */ token) => by.tryVerify(token).ok
const claims = (/** @type {string} */ value) => `{"exp":${NOW + 60},"a":${value}}`

/** @type {Kind[]} */
const TOKENS = [
  {
    kind: 'a header that is not signed',
    limit: 0.03,
    inputs: [
      ...tokens((value) => `${encode(`{"alg":"HS256","x":${value}}`)}.e30.AA`, HEADER, refused(verifier)),
      ...tokens((value) => `${encode(`{"alg":"HS256","jwk":{"x":${value}}}`)}.e30.AA`, HEADER, refused(verifier)),
      ...tokens((value) => `${encode(`{"alg":"HS256","x5c":${value}}`)}.e30.AA`, HEADER, refused(verifier)),
      ...tokens(
        (value) => `${encode(`{"alg":"HS256","typ":"receipt+jwt","jwk":{"x":${value}}}`)}.e30.AA~x`,
        HEADER,
        refused(verifier),
      ),
    ],
  },
  {
    kind: 'text that is no token',
    limit: 0.02,
    inputs: ['.', '~', '=', 'A', ' ', '"', 'é', 'A.', 'A~', '.~'].map((text) => {
      const token = times(text, HEAD)
      return { name: `all ${JSON.stringify(text)}`, octets: token.length, run: () => verifier.tryVerify(token).ok }
    }),
  },
  {
    kind: 'a signed token that is refused or accepted',
    limit: 0.2,
    inputs: [
      ...tokens((value) => signed(HS256, claims(value)), PAYLOAD, refused(verifier)),
      ...tokens((value) => signed(HS256, `{"exp":${value}}`), PAYLOAD, refused(verifier)),
      ...tokens((value) => signed(HS256, `{"aud":${value},"scope":${value}}`), PAYLOAD / 2, refused(verifier)),
      ...tokens((value) => signed(HS256, claims(value)), PAYLOAD, refused(ruled)),
      ...tokens((value) => signed(HS256, `{"exp":${NOW + 60},"scope":${value}}`), PAYLOAD, refused(ruled)),
      ...tokens((value) => signed(HS256, claims(value)), PAYLOAD, refused(pointer)),
    ],
  },
  {
    kind: 'a token that is inspected',
    limit: 0.5,
    inputs: [
      ...tokens(
        (value) => `${encode(HS256)}.${encode(claims(value))}.AA`,
        PAYLOAD,
        (token) => inspect(token),
      ),
      ...tokens(
        (value) => signed(HS256, `{"exp":${value}}`),
        PAYLOAD,
        (token) => verifier.inspect(token),
      ),
      ...tokens(
        (value) => signed(HS256, claims(value)),
        PAYLOAD,
        (token) => ruled.inspect(token),
      ),
      ...tokens(
        (value) => `${encode(HS256)}.${encode(claims(value))}.AA`,
        LARGEST,
        (token) => inspect(token),
      ),
    ],
  },
  {
    // Most of it is HS512 with each of the published secrets.
    kind: 'a token that is inspected in JavaScript alone',
    limit: 4,
    inputs: [
      ...tokens(
        (value) => `${encode(HS256)}.${encode(claims(value))}.AA`,
        PAYLOAD,
        (token) => inspectAlone(token),
      ),
      ...tokens(
        (value) => `${encode('{"alg":"HS512"}')}.${encode(claims(value))}.${'A'.repeat(86)}`,
        PAYLOAD / 4,
        (token) => inspectAlone(token),
      ),
    ],
  },
  {
    kind: 'a token of 1 MiB inspected in JavaScript alone',
    limit: 1,
    inputs: tokens(
      (value) => `${encode(HS256)}.${encode(claims(value))}.AA`,
      LARGEST,
      (token) => inspectAlone(token, { maxTokenBytes: 1_048_576 }),
    ),
  },
  {
    kind: 'an inspected token of 1 MiB, where that is allowed',
    limit: 0.05,
    inputs: [
      ...tokens(
        (value) => `${encode(HS256)}.${encode(claims(value))}.AA`,
        LARGEST,
        (token) => inspect(token, { maxTokenBytes: 1_048_576 }),
      ),
      ...tokens(
        (value) => signed(HS256, `{"exp":${value}}`),
        LARGEST,
        (token) => large.inspect(token),
      ),
    ],
  },
]

const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const { publicKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsaText = JSON.stringify({ ...rsa.export({ format: 'jwk' }), kid: 'k' })
const ecText = JSON.stringify({ ...ec.export({ format: 'jwk' }), kid: 'k' })

/** JWK Sets of about 100 kB. @returns {readonly Input[]} */
function keySets() {
  const room = 100_000
  /** @type {[string, string][]} */
  const members = Object.entries(VALUES).map(([name, value]) => [
    `${name} in a key`,
    `{"kty":"EC","x5c":${value(room)}}`,
  ])
  /** @type {[string, string][]} */
  const keys = [
    ['many keys of ES256', list((index) => ecText.replace('"k"', `"${index}"`), room)],
    ['many keys of RS256', list((index) => rsaText.replace('"k"', `"${index}"`), room)],
    ['many keys of one kid', list(() => ecText, room)],
    ['many members that are no keys', list(() => '{}', 8_000)],
  ]
  return [...members, ...keys].flatMap(([name, text]) => {
    /** @type {any} */
    let set
    try {
      set = { keys: [JSON.parse(ecText), ...JSON.parse(`[${text}]`)] }
    } catch {
      // What is no JSON never becomes a set.
      return []
    }
    const run = () => {
      // A set is built once, so each look brings a copy.
      const current = { keys: [...set.keys] }
      const source = { current: () => current, refresh: () => Promise.resolve(current) }
      return new Verifier({ ...ANY, keys: source }).tryVerify(`${encode(HS256)}.e30.AA`).ok
    }
    return [{ name, octets: text.length, run }]
  })
}

/** Heads of requests. @returns {readonly Input[]} */
function heads() {
  const carriers = /** @type {const} */ ([{ header: 'authorization', scheme: 'Bearer' }, { cookie: 'token' }])
  const protect = guard(verifier, { carriers: [...carriers] })
  /** @type {[string, string, string][]} */
  const values = [
    ['a long bearer token', 'authorization', `Bearer ${'x'.repeat(HEAD)}`],
    ['commas', 'authorization', `Bearer ${','.repeat(HEAD)}`],
    ['commas and spaces', 'authorization', `Bearer ${times(', ', HEAD)}`],
    ['many bearer tokens', 'authorization', times('Bearer x, ', HEAD)],
    ['many equal signs', 'authorization', `Bearer ${times('a=b,', HEAD)}`],
    ['a long scheme', 'authorization', 'x'.repeat(HEAD)],
    ['spaces', 'authorization', `Bearer${' '.repeat(HEAD)}x`],
    ['many cookies', 'cookie', times('a=b; ', HEAD)],
    ['many cookies of the name', 'cookie', times('token=b; ', HEAD)],
    ['semicolons', 'cookie', ';'.repeat(HEAD)],
    ['equal signs in cookies', 'cookie', '='.repeat(HEAD)],
    ['quoted cookies', 'cookie', times('token="b"; ', HEAD)],
    ['percent signs in cookies', 'cookie', `token=${'%41'.repeat(HEAD / 3)}`],
  ]
  return values.map(([name, header, value]) => {
    const request = new Request('https://api.example/', { headers: { [header]: value } })
    return { name, octets: value.length, run: () => protect(request) }
  })
}

/** Every kind of input. @returns {readonly Kind[]} */
export function kinds() {
  return [
    ...TOKENS,
    { kind: 'a published key set', limit: 0.5, inputs: keySets() },
    { kind: 'the head of a request', limit: 0.06, inputs: heads() },
  ]
}

/**
 * What an input costs: the least of some batches, which a busy machine adds least to.
 *
 * @param {Input} input @param {number} milliseconds For a batch. @param {number} batches
 * @returns {Promise<Cost>}
 */
async function cost({ name, octets, run }, milliseconds, batches) {
  let least = Number.POSITIVE_INFINITY
  let count = 1
  for (let batch = 0; batch < batches; batch += 1) {
    const start = process.cpuUsage()
    const started = performance.now()
    let done = 0
    while (done < count || performance.now() - started < milliseconds) {
      await run()
      done += 1
    }
    const { user, system } = process.cpuUsage(start)
    least = Math.min(least, (user + system) / done)
    count = 1
  }
  return { name, octets, microseconds: least, perOctet: least / octets }
}

/**
 * Measures every kind.
 *
 * @param {{ milliseconds: number, batches: number }} effort
 * @returns {Promise<Row[]>}
 */
export async function costs({ milliseconds, batches }) {
  /** @type {Row[]} */
  const rows = []
  for (const { kind, limit, inputs } of kinds()) {
    /** @type {Cost[]} */
    const all = []
    for (const input of inputs) all.push(await cost(input, milliseconds, batches))
    all.sort((one, other) => other.perOctet - one.perOctet)
    const [worst] = all
    if (worst === undefined) throw new Error(`${kind}: there is no input`)
    rows.push({ kind, limit, worst, all })
  }
  return rows
}

/** @param {readonly Row[]} rows @param {boolean} all Whether to show every input. */
export function table(rows, all) {
  const line = (/** @type {Cost} */ { name, octets, microseconds, perOctet }, /** @type {string} */ end) =>
    `  ${name.padEnd(44)} ${String(octets).padStart(8)} ${microseconds.toFixed(1).padStart(10)} ${perOctet.toFixed(4).padStart(9)}${end}\n`
  const head = `${''.padEnd(46)} ${'octets'.padStart(8)} ${'µs'.padStart(10)} ${'µs/octet'.padStart(9)}\n`
  const parts = rows.map(({ kind, limit, worst, all: inputs }) => {
    const mark = worst.perOctet <= limit ? `met: at most ${limit}` : `MISSED: at most ${limit}`
    const rest = all ? inputs.slice(1).map((input) => line(input, '')) : []
    return `${kind}\n${line(worst, `  ${mark}`)}${rest.join('')}`
  })
  return head + parts.join('')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await costs({ milliseconds: 8, batches: 5 })
  process.stdout.write(table(rows, process.argv.includes('--all')))
}
