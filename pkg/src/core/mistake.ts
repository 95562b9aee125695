/**
 * Messages for options that cannot be used: what was given, what is expected, and which option was probably meant.
 *
 * There are two forms, "`x` must be Y, not Z" and "unknown option `x`: did you mean `y`?", both without the quotes
 * around a path at their start. A message names the kind of what was given, never the value: that may be a secret.
 *
 * @module
 */

/**
 * The error for an option that is not what it must be.
 *
 * @param path Where the option is, such as `claims.sub`.
 * @param expected What it must be, in words: "a string".
 * @param given What it is. Its kind is named if `expected` does not name that kind.
 */
export function mustBe(path: string, expected: string, ...given: readonly [unknown?]): TypeError {
  const kind = given.length === 0 ? '' : contrast(given[0], expected)
  return new TypeError(`${path} must be ${expected}${kind}`)
}

/**
 * The error for an option that does not exist.
 *
 * @param path Where it is; its last part is the name.
 * @param known The options that exist there.
 */
export function unknownOption(path: string, known: readonly string[]): TypeError {
  const name = path.slice(path.lastIndexOf('.') + 1)
  const meant = suggestion(
    name,
    known.filter((option) => option !== name),
  )
  const shown = path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}…` : path
  return new TypeError(`unknown option \`${shown}\`${meant === undefined ? '' : `: did you mean \`${meant}\`?`}`)
}

/** A message shows no more of a path: a request may have chosen the names in it. */
const LONGEST_PATH = 100

/**
 * The error for an option that was left out.
 *
 * @param expected What it must be, in words.
 * @param given The names of the options beside it: one of them may be this one, misspelled.
 */
export function missingOption(path: string, expected: string, given: Iterable<string>): TypeError {
  const name = path.slice(path.lastIndexOf('.') + 1)
  const misspelled = [...given].find((other) => suggestion(other, [name]) !== undefined)
  return misspelled === undefined
    ? new TypeError(`${path} is missing: it must be ${expected}`)
    : unknownOption(misspelled, [name])
}

/**
 * Refuses the first of the names that is not an option and looks like one.
 *
 * @param path Where the options are.
 * @throws {TypeError} As {@link unknownOption}.
 */
export function refuseMisspelled(path: string, names: Iterable<string>, known: readonly string[]): void {
  for (const name of names) {
    if (suggestion(name, known) !== undefined) throw unknownOption(`${path}.${name}`, known)
  }
}

/** What the core writes for a member that does not exist. */
const NO_SUCH_MEMBER = 'left out: there is no such member'

/** Which options the core reads, for the names that exist among them. */
export type Subject = 'verifier' | 'key' | 'profile' | 'receipt' | 'expected'

/**
 * The error for an option that the core refused.
 *
 * @param option Where it is.
 * @param expected What it must be, in words.
 * @param options The options that it is in, to tell what was given; `undefined` if they are not at hand.
 */
export function refusedOption(subject: Subject, option: string, expected: string, options?: unknown): TypeError {
  if (expected === NO_SUCH_MEMBER) return unknownOption(option, optionsBeside(subject, option))
  if (options === undefined || isOfKey(subject, option)) return mustBe(option, expected)
  const given = lookUp(options, option)
  if (given !== undefined) return mustBe(option, expected, given.value)
  if (/^(?:left out|in agreement)/.test(expected)) return mustBe(option, expected)
  return missingOption(option, expected, Object.keys(Object(options)))
}

/** Whether an option of a receipt's key was refused: its value is not among the options, and is not shown. */
function isOfKey(subject: Subject, option: string): boolean {
  return subject === 'receipt' && option.startsWith('key.')
}

/**
 * Runs a call into the core that reads `options`, and rewords its TypeErrors.
 *
 * @throws {TypeError} As {@link refusedOption}.
 */
export function reworded<T>(subject: Subject, options: unknown, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const [, option, expected] = (error instanceof TypeError && /^([^]+?) must be ([^]+)$/.exec(error.message)) || []
    throw option === undefined || expected === undefined ? error : refusedOption(subject, option, expected, options)
  }
}

/** Claims that are objects: of Keycloak, OpenID Connect, RFC 7800, RFC 8693, Supabase, Firebase, Kubernetes, Clerk, others. */
const OBJECT_CLAIMS = [
  ...['realm_access', 'resource_access', 'authorization', 'address', 'cnf', 'act', 'may_act', 'o', 'org', 'user'],
  ...['app_metadata', 'user_metadata', 'public_metadata', 'metadata', 'firebase', 'kubernetes.io'],
]

/**
 * Refuses claim names such as `realm_access.roles`. A dot is a character of a Claim Name, so this one names no claim
 * that an issuer has; the claim inside the object is named by a JSON Pointer.
 *
 * @param options The options of a verifier, or a part of them.
 * @param prefix What is before their names in a message.
 * @throws {TypeError} With the pointer that was probably meant.
 */
export function refuseDottedNames(options: { readonly [option: string]: unknown }, prefix = ''): void {
  for (const option of ['audienceClaim', 'scopeClaims', 'claims', 'requiredClaims', 'bind', 'permissions']) {
    for (const name of claimNames(option, Object.hasOwn(options, option) ? options[option] : undefined)) {
      const first = OBJECT_CLAIMS.find((claim) => name.startsWith(`${claim}.`))
      if (first === undefined) continue
      const parts = [first, ...name.slice(first.length + 1).split('.')]
      const pointer = parts.map((part) => `/${part.replace(/~/g, '~0').replace(/\//g, '~1')}`).join('')
      throw new TypeError(`${prefix}${option} must name the claim inside \`${first}\`: did you mean \`${pointer}\`?`)
    }
  }
}

/** The claim names in the option called `option`. */
function claimNames(option: string, value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return option === 'claims' || option === 'permissions'
    ? Object.keys(value)
    : Object.values(value).filter((name) => typeof name === 'string')
}

/** The options that exist beside the one at `path`. */
function optionsBeside(subject: Subject, path: string): readonly string[] {
  const [, parent = ''] = /^([^]*)\.[^.]*$/.exec(path) ?? []
  if (parent === 'expected.proof') return ['jwt', 'method', 'url', 'nonce']
  if (/(?:^|\.)scope$/.test(parent)) return ['all', 'any']
  if (/(?:^|\.)(?:claims|permissions)\./.test(parent)) return RULES
  return parent === 'profile' ? [...POLICY, 'carriers', 'refusal', 'keys'] : OPTIONS[subject]
}

const RULES = ['contains', 'containsAny', 'startsWith', 'notEmpty', 'scope', 'absent', 'absentOr']

const POLICY = [
  ...['issuer', 'audience', 'audienceClaim', 'foreignAudience', 'algorithms', 'typ', 'subject', 'scope', 'scopeClaims'],
  ...['claims', 'requiredClaims', 'bind', 'evidence', 'expiry', 'maxAgeSeconds', 'maxLifetimeSeconds'],
  ...['leewaySeconds', 'maxTokenBytes', 'maxUses', 'singleUse', 'permissions', 'numericSubject'],
]

/** The options that exist. */
const OPTIONS: Readonly<Record<Subject, readonly string[]>> = {
  verifier: [
    ...[...POLICY, 'profile', 'keys', 'grants', 'cache', 'arithmetic', 'clock'],
    ...['uses', 'replay', 'revocation'],
  ],
  key: ['kid', 'issuer', 'alg', 'use'],
  profile: [
    ...['merchantId', 'environment', 'kind', 'appId', 'product', 'account', 'audience', 'scope', 'api', 'issuedBy'],
    ...['issuer', 'tokens'],
  ],
  receipt: ['expires', 'bind', 'issuer', 'audience', 'scope', 'uses', 'claims', 'now'],
  expected: [
    ...['scope', 'audience', 'claims', 'permissions', 'bind', 'nonce', 'proof', 'certificateThumbprint', 'now'],
  ],
}

/** Names that other libraries, and the claims themselves, have for an option; without case and separators. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  [
    ...each('issuer', ['iss', 'issuers', 'issuerurl', 'issuerbaseurl', 'allowedissuers']),
    ...each('audience', ['aud', 'audiences', 'allowedaudiences', 'clientid']),
    ...each('algorithms', ['alg', 'algs', 'algorithm', 'signingalg', 'tokensigningalg', 'allowedalgorithms']),
    ...each('subject', ['sub', 'subjects']),
    ...each('typ', ['type', 'tokentype', 'tokentypes']),
    ...each('scope', ['scp', 'scopes', 'requiredscope', 'requiredscopes', 'permissions']),
    ...each('requiredClaims', ['required', 'mandatoryclaims', 'requiredspecclaims']),
    ...each('expiry', ['exp', 'expiration', 'ignoreexpiration', 'requireexp', 'validateexp']),
    ...each('maxAgeSeconds', ['maxage', 'maxtokenage']),
    ...each('maxLifetimeSeconds', ['maxlifetime', 'lifetime']),
    ...each('leewaySeconds', ['leeway', 'clocktolerance', 'clocktoleranceseconds', 'clockskew', 'clockskewseconds']),
    ...each('leewaySeconds', ['tolerance', 'graceseconds', 'graceperiod']),
    ...each('maxTokenBytes', ['maxtokensize', 'maxtokenlength', 'maxlength']),
    ...each('now', ['currentdate', 'clocktimestamp', 'currenttime']),
    ...each('clock', ['currentdate', 'clocktimestamp', 'now', 'time']),
    ...each('keys', ['key', 'secret', 'secretorkey', 'secretorpublickey', 'publickey', 'pem', 'jwk', 'jwks', 'keyset']),
    ...each('keys', ['jwksuri', 'jwksurl', 'jwksrsa', 'verificationkey', 'getkey', 'keyprovider']),
    ...each('KeySource', ['jwksuri', 'jwksurl', 'url', 'uri', 'endpoint', 'getkey', 'current', 'refresh', 'issuer']),
    ...each('secret', ['key', 'secretkey', 'sharedsecret', 'secretorkey', 'password']),
    ...each('pem', ['publickey', 'cert', 'certificate', 'secretorpublickey', 'spki']),
    ...each('jwks', ['jwkset', 'keyset']),
    ...each('kid', ['keyid', 'id']),
    ...each('uses', ['maxuses', 'limit', 'counter', 'usecounter']),
    ...each('maxUses', ['uselimit', 'limit']),
    ...each('singleUse', ['onetime', 'onetimeuse', 'once']),
    ...each('replay', ['seen', 'seenstore', 'jticache', 'noncestore', 'preventreplay']),
    ...each('revocation', ['revoked', 'isrevoked', 'denylist', 'blocklist', 'blacklist', 'statuslists']),
    ...each('expires', ['exp', 'expiry', 'expiresat', 'expiresin', 'expiration']),
    ...each('carriers', ['cookie', 'cookies', 'header', 'headers', 'gettoken', 'extract', 'carrier']),
    ...each('refusal', ['style', 'onerror', 'errorhandler', 'response', 'refusals']),
    ...each('credentials', ['credentialsrequired', 'required', 'optional', 'passthrough', 'authrequired']),
    ...each('onRefused', ['onerror', 'onunauthorized', 'onexpired', 'log', 'logger']),
  ].map(([alias, name]) => [`${alias} ${name}`, name]),
)

function each(name: string, aliases: readonly string[]): readonly (readonly [string, string])[] {
  return aliases.map((alias) => [alias, name])
}

/** The option of `known` that was probably meant by `name`: an alias, or within a few changed letters. */
function suggestion(name: string, known: readonly string[]): string | undefined {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (plain === '' || plain.length > LONGEST_NAME) return undefined
  const spelled = known.find((option) => option.toLowerCase() === plain)
  if (spelled !== undefined) return spelled
  const alias = known.find((option) => ALIASES.has(`${plain} ${option}`))
  if (alias !== undefined) return alias
  const most = Math.max(1, Math.floor(plain.length / 3))
  let nearest: string | undefined
  let least = most + 1
  for (const option of known) {
    const changes = distance(plain, option.toLowerCase())
    if (changes < least) [nearest, least] = [option, changes]
  }
  return nearest
}

/** No option has a longer name. */
const LONGEST_NAME = 40

/** The Levenshtein distance: how many letters must be inserted, deleted or replaced. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let at = 0; at < from.length; at += 1) {
    const next = [at + 1]
    for (let other = 0; other < to.length; other += 1) {
      const replaced = (row[other] ?? 0) + (from[at] === to[other] ? 0 : 1)
      next.push(Math.min(replaced, (row[other + 1] ?? 0) + 1, (next[other] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}

/** The member at `path`, whose names may contain dots; `undefined` if there is none. */
function lookUp(options: unknown, path: string): { readonly value: unknown } | undefined {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return undefined
  for (const [name, value] of Object.entries(options)) {
    if (path === name) return { value }
    const found = path.startsWith(`${name}.`) ? lookUp(value, path.slice(name.length + 1)) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether words name a kind of value, and not a relation such as "in agreement with the profile". */
const NAMES_A_KIND =
  /^(?!left out)[^]*(?:\b(?:string|text|named?|array|object|data|function|key|number|seconds|octets|true|URL)\b|["{])/

/** ", not a number": the kind of `given`, if `expected` names kinds and this is not among them. */
function contrast(given: unknown, expected: string): string {
  if (!NAMES_A_KIND.test(expected)) return ''
  const kind = kindOf(given)
  const isNamed = WORDS.get(kind)?.test(expected.replace(/array of \w+/g, 'array')) ?? false
  const remedy = /data|text|string|number/.test(expected) ? REMEDIES.get(kind) : undefined
  return isNamed ? '' : `, not ${kind}${remedy === undefined ? '' : `: ${remedy}`}`
}

/** The words by which `expected` names a kind. */
const WORDS: ReadonlyMap<string, RegExp> = new Map([
  ['a string', /string|text|name|URL|PEM|"/],
  ['a number', /number|integer|seconds|octets/],
  ['an array', /array|\[/],
  ['a plain object', /object|[{]|JWK/],
  ['null', /null/],
  ['a boolean', /true|false|boolean/],
  ['a function', /function/],
])

/** What to pass in place of an object that is not plain data. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['a URL', 'pass its `href`'],
  [
    'a Date',
    'pass seconds since the Unix epoch, `date.getTime() / 1000`, or where text is allowed `date.toISOString()`',
  ],
  ['a Map', 'pass `Object.fromEntries(map)`'],
  ['a Set', 'pass an array, `[...set]`'],
  ['a Promise', 'await it first'],
  ['a RegExp', 'patterns are not supported, list the values'],
  ['a String object', 'pass text'],
  ['a CryptoKey', "pass a JWK, `await crypto.subtle.exportKey('jwk', key)`"],
])

/** Kinds of objects, by the tag that `Object.prototype.toString` gives them. */
const TAGS: ReadonlyMap<string, string> = new Map([
  ...['URL', 'Date', 'Map', 'Set', 'Promise', 'RegExp', 'CryptoKey', 'Uint8Array', 'ArrayBuffer', 'DataView'].map(
    (tag) => [`[object ${tag}]`, `${/^[AU](?!RL|int)/.test(tag) ? 'an' : 'a'} ${tag}`] as const,
  ),
  ['[object String]', 'a String object'],
])

/** The kind of a value, in words that say nothing of its content. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'undefined':
      return 'undefined'
    case 'string':
      return value === '' ? 'an empty string' : 'a string'
    case 'number':
      return Number.isFinite(value) ? 'a number' : String(value)
    case 'object':
      return kindOfObject(value)
    default:
      return `a ${typeof value === 'bigint' ? 'BigInt' : typeof value}`
  }
}

function kindOfObject(value: object): string {
  try {
    if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return 'a plain object'
    return TAGS.get(Object.prototype.toString.call(value)) ?? 'an instance of a class'
  } catch {
    // A Proxy can throw at every step.
    return 'an object that cannot be read'
  }
}
