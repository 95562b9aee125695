// @ts-check
/**
 * The policy: what cannot mean anything, what narrows, scope, claim rules, bindings.
 *
 * @module
 */

import { err, keys, mint, NOW, ok, publicJwk, typeError, write } from './lib.js'

const key = keys.ed25519
const verificationKeys = { jwk: publicJwk(key) }
const open = { issuer: null, audience: null }
const exp = NOW + 300

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {object} options
 * @param {Record<string, unknown> | string} claims @param {object} answer
 * @param {{ expected?: object, now?: unknown, only?: string[] }} [given]
 */
async function vector(name, ref, options, claims, answer, { expected, now = NOW, only } = {}) {
  vectors.push({
    name,
    ref,
    only,
    options: { ...open, ...options },
    keys: verificationKeys,
    token: await mint(key, claims),
    expected,
    now,
    answer,
  })
}

// Options that cannot mean anything
const CLOSED = 'pkg/README.md Options'
const token = await mint(key, { exp })
/**
 * @param {string} name @param {object} options @param {string | true} word
 * @param {{ only?: string[] }} [given]
 */
function mistake(name, options, word, { only } = {}) {
  const answer = typeError(word)
  vectors.push({
    name,
    ref: CLOSED,
    only,
    options,
    keys: verificationKeys,
    token,
    now: NOW,
    answer,
  })
}
mistake('a policy names its issuer or says null', { audience: null }, 'issuer')
mistake('a policy names its audience or says null', { issuer: null }, 'audience')
mistake('an empty policy is none', {}, true)
mistake('an unknown member is a mistake', { ...open, isuer: 'https://issuer.example' }, 'isuer')
mistake('a member in another case is an unknown one', { ...open, Scope: 'read' }, 'Scope')
mistake('a member in snake_case is an unknown one', { ...open, max_age_seconds: 60 }, 'max_age_seconds')
mistake(
  'a member called __proto__ is an unknown one',
  JSON.parse('{"issuer":null,"audience":null,"__proto__":{"typ":"JWT"}}'),
  true,
)
mistake('a member called constructor is an unknown one', { ...open, constructor: 'x' }, 'constructor')
for (const [member, values] of /** @type {[string, unknown[]][]} */ ([
  ['issuer', ['', [], [''], 5, ['https://a.example', 5], {}, true, [null]]],
  ['audience', ['', [], [''], 5, {}, true, ['https://a.example', null]]],
  ['audienceClaim', ['', null, 5, ['aud'], '/a~2b', '/a~']],
  ['foreignAudience', ['', null, 'Refuse', 'deny', true]],
  ['algorithms', [[], '', null, 'ES256', ['none'], ['ES257'], ['es256'], ['ES256', 5], ['']]],
  ['typ', ['', [], null, 5, [''], {}]],
  ['subject', ['', [], null, 5, ['']]],
  [
    'scope',
    [
      '',
      ' ',
      [],
      null,
      5,
      [''],
      [5],
      {},
      { any: [] },
      { all: [] },
      { some: ['read'] },
      { any: ['read'], some: ['x'] },
      { any: 'read' },
    ],
  ],
  ['scopeClaims', [[], null, '', 'scope', [''], [5], ['/a~2b']]],
  ['claims', [{}, null, [], 'role', 5]],
  ['requiredClaims', [[], null, '', 'sub', [''], [5], ['/a~2b']]],
  [
    'bind',
    [
      [],
      {},
      null,
      '',
      'order_id',
      [''],
      [5],
      { order_id: '' },
      { order_id: 5 },
      { order_id: '/a~2b' },
      { '': 'order_id' },
    ],
  ],
  ['evidence', ['', null, 'none', 'Signature', true]],
  ['expiry', ['', null, 'never', true]],
  ['maxAgeSeconds', ['', null, '60', -1, {}]],
  ['maxLifetimeSeconds', ['', null, '60', -1, {}]],
  ['leewaySeconds', ['', null, '30', -1, 301, 1e9, {}]],
  ['maxUses', ['', null, '3', 0, -1, 1.5]],
  ['singleUse', ['', null, 'true', 1]],
])) {
  for (const value of values) {
    mistake(`${member} of ${JSON.stringify(value)} is a mistake`, { ...open, [member]: value }, member)
  }
  mistake(`${member} of undefined is a mistake`, { ...open, [member]: { $undefined: true } }, member, {
    only: ['package'],
  })
}
for (const member of ['maxAgeSeconds', 'maxLifetimeSeconds', 'leewaySeconds', 'maxTokenBytes', 'maxUses']) {
  for (const number of ['NaN', 'Infinity', '-Infinity']) {
    mistake(`${member} of ${number} is a mistake`, { ...open, [member]: { $number: number } }, member, {
      only: ['package'],
    })
  }
}
for (const rule of [
  null,
  '',
  [],
  {},
  { contains: [] },
  { contains: '' },
  { contains: [''] },
  { containsAny: [] },
  { containsAny: 'a' },
  { absent: false },
  { absent: null },
  { absentOr: [] },
  { absentOr: '' },
  { absentOr: null },
  { absentOr: {} },
  { equals: 'a' },
  { contains: 'a', containsAny: ['b'] },
  [null],
  [['a']],
  [{}],
]) {
  mistake(`the rule ${JSON.stringify(rule)} is a mistake`, { ...open, claims: { role: rule } }, 'claims')
}
mistake('a rule of undefined is a mistake', { ...open, claims: { role: { $undefined: true } } }, 'claims', {
  only: ['package'],
})
mistake('a rule for a claim without a name is a mistake', { ...open, claims: { '': 'a' } }, 'claims')
mistake('a rule for a JSON Pointer that is none is a mistake', { ...open, claims: { '/a~2': 'a' } }, 'claims')
mistake('maxUses without a counter is a mistake', { ...open, maxUses: 3 }, 'maxUses', {
  only: ['package'],
})
mistake('singleUse without a replay store is a mistake', { ...open, singleUse: true }, 'singleUse', {
  only: ['package'],
})
await vector('leeway may be 300', CLOSED, { leewaySeconds: 300 }, { exp }, ok())
await vector('leeway may be 0', CLOSED, { leewaySeconds: 0 }, { exp }, ok())
await vector('singleUse false asks for nothing more', CLOSED, { singleUse: false }, { exp }, ok(), {
  only: ['package'],
})

// What one call expects
/**
 * @param {string} name @param {unknown} expected @param {string | true} word
 * @param {{ only?: string[], options?: object, now?: unknown }} [given]
 */
function wrongCall(name, expected, word, { only, options, now = NOW } = {}) {
  vectors.push({
    name,
    ref: 'pkg/src/types.ts Expected',
    only,
    options: { ...open, ...options },
    keys: verificationKeys,
    token,
    expected,
    now,
    answer: typeError(word),
  })
}
wrongCall('an expectation nobody knows is a mistake', { scopes: 'read' }, 'scopes')
wrongCall('an empty expected scope is a mistake', { scope: '' }, 'scope')
wrongCall('an expected scope of none is a mistake', { scope: [] }, 'scope')
wrongCall('an expected scope of any of none is a mistake', { scope: { any: [] } }, 'scope')
wrongCall('an empty expected audience is a mistake', { audience: '' }, 'audience')
wrongCall('an expected audience of none is a mistake', { audience: [] }, 'audience')
wrongCall('an expected audience of null is a mistake', { audience: null }, 'audience')
wrongCall('expected claims of none are a mistake', { claims: {} }, 'claims')
wrongCall('an expected nonce that is empty is a mistake', { nonce: '' }, 'nonce')
wrongCall('an expected bind of nothing is a mistake', { bind: {} }, 'bind')
wrongCall('an expected bind of text is a mistake', { bind: 'order-1' }, 'bind')
wrongCall('an expected scope of undefined is a mistake', { scope: { $undefined: true } }, 'scope', {
  only: ['package'],
})
for (const now of [NOW * 1000, 253402300800, -1]) {
  wrongCall(`now of ${now} is a mistake`, undefined, 'now', { now })
}
for (const now of ['NaN', 'Infinity']) {
  wrongCall(`now of ${now} is a mistake`, undefined, 'now', {
    now: { $number: now },
    only: ['package'],
  })
}
wrongCall('now in text is a mistake', undefined, 'now', { now: String(NOW), only: ['package'] })
wrongCall('a bind name that the call forgot is a mistake', undefined, 'order_id', {
  options: { bind: ['order_id'] },
})
wrongCall('a bind name that the call forgot among others is a mistake', { bind: { customer_id: 'c' } }, 'order_id', {
  options: { bind: ['order_id', 'customer_id'] },
})

// subject, audience, scope, claims: the call only narrows
const NARROW = 'pkg/src/types.ts Expected'
const two = { audience: ['a', 'b'] }
await vector('a call narrows the audience', NARROW, two, { aud: 'b', exp }, ok(), {
  expected: { audience: 'b' },
})
await vector(
  'a call refuses an audience that the policy allows',
  NARROW,
  two,
  { aud: 'a', exp },
  err('claim_mismatch', 'aud'),
  { expected: { audience: 'b' } },
)
await vector(
  'a call does not widen the audience',
  NARROW,
  { audience: 'a' },
  { aud: 'b', exp },
  err('claim_mismatch', 'aud'),
  { expected: { audience: 'b' } },
)
await vector(
  'a call adds an audience where the policy asks for none',
  NARROW,
  {},
  { aud: 'a', exp },
  err('claim_mismatch', 'aud'),
  { expected: { audience: 'b' } },
)
await vector(
  'a call adds to the scope',
  NARROW,
  { scope: 'read' },
  { scope: 'read write', exp },
  ok({ scope: ['read', 'write'] }),
  { expected: { scope: 'write' } },
)
await vector(
  'a call’s scope does not replace the policy’s',
  NARROW,
  { scope: 'read' },
  { scope: 'write', exp },
  err('scope_insufficient', 'scope'),
  { expected: { scope: 'write' } },
)
await vector(
  'a call’s scope is required',
  NARROW,
  { scope: 'read' },
  { scope: 'read', exp },
  err('scope_insufficient', 'scope'),
  { expected: { scope: 'write' } },
)
await vector(
  'a call adds a claim rule',
  NARROW,
  { claims: { role: ['admin', 'user'] } },
  { role: 'user', exp },
  err('claim_mismatch', 'role', { actual: 'user' }),
  { expected: { claims: { role: 'admin' } } },
)
await vector(
  'a call’s claim rule does not replace the policy’s',
  NARROW,
  { claims: { role: ['admin', 'user'] } },
  { role: 'root', exp },
  err('claim_mismatch', 'role'),
  { expected: { claims: { role: 'root' } } },
)
await vector('both claim rules hold', NARROW, { claims: { role: ['admin', 'user'] } }, { role: 'admin', exp }, ok(), {
  expected: { claims: { role: ['admin', 'root'] } },
})

// scope
const SCOPE = 'RFC 6749 section 3.3'
await vector(
  'the scope required is accepted',
  SCOPE,
  { scope: 'read' },
  { scope: 'read', exp },
  ok({ scope: ['read'] }),
)
await vector(
  'a scope may hold more',
  SCOPE,
  { scope: 'read' },
  { scope: 'write read', exp },
  ok({ scope: ['write', 'read'] }),
)
await vector(
  'every scope-token of a string is required',
  SCOPE,
  { scope: 'read write' },
  { scope: 'write read', exp },
  ok(),
)
await vector(
  'one scope-token of a string is not enough',
  SCOPE,
  { scope: 'read write' },
  { scope: 'read', exp },
  err('scope_insufficient', 'scope'),
)
await vector(
  'every scope-token of an array is required',
  SCOPE,
  { scope: ['read', 'write'] },
  { scope: 'write', exp },
  err('scope_insufficient', 'scope'),
)
await vector(
  'any of several scope-tokens is enough',
  SCOPE,
  { scope: { any: ['read', 'write'] } },
  { scope: 'write', exp },
  ok(),
)
await vector(
  'none of several scope-tokens is not enough',
  SCOPE,
  { scope: { any: ['read', 'write'] } },
  { scope: 'delete', exp },
  err('scope_insufficient', 'scope'),
)
await vector(
  'all and any both hold',
  SCOPE,
  { scope: { all: ['read'], any: ['write', 'delete'] } },
  { scope: 'read delete', exp },
  ok(),
)
await vector(
  'any does not stand in for all',
  SCOPE,
  { scope: { all: ['read'], any: ['write', 'delete'] } },
  { scope: 'write delete', exp },
  err('scope_insufficient', 'scope'),
)
await vector(
  'all does not stand in for any',
  SCOPE,
  { scope: { all: ['read'], any: ['write', 'delete'] } },
  { scope: 'read', exp },
  err('scope_insufficient', 'scope'),
)
await vector(
  'all alone requires every one',
  SCOPE,
  { scope: { all: ['read', 'write'] } },
  { scope: 'read', exp },
  err('scope_insufficient', 'scope'),
)
await vector(
  'without a scope a token lacks what is required',
  SCOPE,
  { scope: 'read' },
  { exp },
  err('scope_insufficient', 'scope'),
)
for (const scope of ['readx', 'xread', 'Read', 'read,write', 'rea', 'read:all']) {
  await vector(
    `${scope} is not the scope-token read`,
    SCOPE,
    { scope: 'read' },
    { scope, exp },
    err('scope_insufficient', 'scope'),
  )
}
for (const scope of ['write  read', ' read', 'read ', '   read     write   ', 'write read  ']) {
  await vector(
    `a scope of ${JSON.stringify(scope)} is split at runs of spaces`,
    SCOPE,
    { scope: 'read' },
    { scope, exp },
    ok({ scope: scope.split(' ').filter((token) => token !== '') }),
  )
}
await vector(
  'a scope of spaces alone holds no scope-token',
  SCOPE,
  { scope: 'read' },
  { scope: '   ', exp },
  err('scope_insufficient', 'scope', { actual: '' }),
)
await vector(
  'a scope that a call expects is split at runs of spaces too',
  SCOPE,
  {},
  { scope: ' write   read ', exp },
  ok({ scope: ['write', 'read'] }),
  { expected: { scope: 'read' } },
)
await vector(
  'a rule for a scope claim splits it at runs of spaces too',
  'pkg/src/types.ts ClaimRule',
  { claims: { apis: { scope: 'read' } } },
  { apis: '  write  read ', exp },
  ok(),
)
for (const scope of ['read\twrite', 'read "x"', 5, true, ['read', 5], { read: true }, null]) {
  await vector(
    `where no scope is required, a scope of ${JSON.stringify(scope)} refuses nothing`,
    SCOPE,
    {},
    { scope, exp },
    ok({ scope: [] }),
  )
}
await vector(
  'where no scope is required, a malformed claim adds nothing to the others',
  SCOPE,
  {},
  { scope: { read: true }, scp: ['write', 'all'], exp },
  ok({ scope: ['write', 'all'] }),
)
await vector(
  'where no scope is required, runs of spaces separate scope-tokens',
  SCOPE,
  {},
  { scope: ' read  write', exp },
  ok({ scope: ['read', 'write'] }),
)
for (const scope of [
  'read\twrite',
  'read\nwrite',
  'read\u00a0write',
  'read "x"',
  'read \\',
  5,
  true,
  ['read', 5],
  [['read']],
  { read: true },
  null,
]) {
  await vector(
    `a scope of ${JSON.stringify(scope)} is malformed`,
    SCOPE,
    { scope: 'read' },
    { scope, exp },
    err('claim_malformed', 'scope'),
  )
}
const SOURCES = 'pkg/src/types.ts Policy.scopeClaims'
await vector('scope is read from scp too', SOURCES, { scope: 'read' }, { scp: 'read', exp }, ok({ scope: ['read'] }))
await vector(
  'a scope may be an array',
  SOURCES,
  { scope: 'read' },
  { scp: ['write', 'read'], exp },
  ok({ scope: ['write', 'read'] }),
)
await vector(
  'scope and scp are merged',
  SOURCES,
  { scope: 'read write' },
  { scope: 'read', scp: ['write'], exp },
  ok({ scope: ['read', 'write'] }),
)
await vector(
  'an array’s scope-tokens are whole',
  SOURCES,
  { scope: 'read' },
  { scp: ['readx'], exp },
  err('scope_insufficient'),
)
await vector(
  'scopeClaims names where the scope stands',
  SOURCES,
  { scope: 'read', scopeClaims: ['permissions'] },
  { permissions: ['read'], exp },
  ok({ scope: ['read'] }),
)
await vector(
  'under scopeClaims scope is not read',
  SOURCES,
  { scope: 'read', scopeClaims: ['permissions'] },
  { scope: 'read', exp },
  err('scope_insufficient', 'permissions'),
)
await vector(
  'several scopeClaims are merged',
  SOURCES,
  { scope: 'read write', scopeClaims: ['scope', 'permissions'] },
  { scope: 'read', permissions: ['write'], exp },
  ok({ scope: ['read', 'write'] }),
)
await vector(
  'scopeClaims may be a JSON Pointer',
  SOURCES,
  { scope: 'read', scopeClaims: ['/realm_access/roles'] },
  { realm_access: { roles: ['read'] }, exp },
  ok({ scope: ['read'] }),
)
await vector(
  'a claim named by scopeClaims has a scope’s type',
  SOURCES,
  { scope: 'read', scopeClaims: ['permissions'] },
  { permissions: { read: true }, exp },
  err('claim_malformed', 'permissions'),
)
await vector(
  'the scope is told where none is required',
  SOURCES,
  {},
  { scope: 'read write', exp },
  ok({ scope: ['read', 'write'] }),
)

await vector(
  'an empty scope holds nothing',
  SCOPE,
  { scope: 'read' },
  { scope: '', exp },
  err('scope_insufficient', 'scope'),
)
await vector('an empty scope is no scope', SCOPE, {}, { scope: '', exp }, ok({ scope: [] }))
await vector(
  'an array’s scope-tokens are not split',
  SOURCES,
  { scope: 'read' },
  { scp: ['read write'], exp },
  err('scope_insufficient'),
)
mistake('a scope with two spaces is a mistake', { ...open, scope: 'read  write' }, 'scope')

// claims
const RULE = 'pkg/src/types.ts ClaimRule'
/** @param {string} name @param {unknown} rule @param {unknown} value @param {object} answer */
const ruled = (name, rule, value, answer) =>
  vector(name, RULE, { claims: { role: rule } }, value === undefined ? { exp } : { exp, role: value }, answer)
const mismatch = (/** @type {unknown} */ actual) => err('claim_mismatch', 'role', { actual })
const missing = err('claim_missing', 'role')
await ruled('a text equals itself', 'admin', 'admin', ok({ claims: { role: 'admin' } }))
await ruled('a text equals no other', 'admin', 'Admin', mismatch('Admin'))
await ruled('a text is not found in an array', 'admin', ['admin'], mismatch(['admin']))
await ruled(
  'a claim that is absent is not equal',
  'admin',
  undefined,
  err('claim_missing', 'role', { expected: 'admin' }),
)
await ruled('a number equals itself', 3, 3, ok())
await ruled('a number equals no other', 3, 4, mismatch(4))
await ruled('a number is not its text', 3, '3', mismatch('3'))
vectors.push({
  name: 'a number is its value, however it is written',
  ref: RULE,
  options: { ...open, claims: { role: 3 } },
  keys: verificationKeys,
  token: await mint(key, `{"exp":${exp},"role":3.0}`),
  now: NOW,
  answer: ok(),
})
await ruled('zero may be required', 0, 0, ok())
await ruled('true equals itself', true, true, ok())
await ruled('true is not false', true, false, mismatch(false))
await ruled('true is not its text', true, 'true', mismatch('true'))
await ruled('true is not one', true, 1, mismatch(1))
await ruled('false may be required', false, false, ok())
await ruled('a text is one of several', ['admin', 'owner'], 'owner', ok())
await ruled(
  'a text is none of several',
  ['admin', 'owner'],
  'user',
  err('claim_mismatch', 'role', { expected: ['admin', 'owner'], actual: 'user' }),
)
await ruled('one of several types is enough', ['admin', 1, true], 1, ok())
await ruled('a claim that is absent is none of several', ['admin', 'owner'], undefined, missing)
await ruled('an array contains a text', { contains: 'a' }, ['b', 'a'], ok())
await ruled('an array does not contain a text', { contains: 'a' }, ['b', 'A'], mismatch(['b', 'A']))
await ruled('an array contains all', { contains: ['a', 'b'] }, ['b', 'c', 'a'], ok())
await ruled('an array does not contain all', { contains: ['a', 'b'] }, ['b', 'c'], mismatch(['b', 'c']))
await ruled('an empty array contains nothing', { contains: 'a' }, [], mismatch([]))
await ruled('a text contains itself', { contains: 'a' }, 'a', ok())
await ruled('an object contains nothing', { contains: 'a' }, { a: true }, err('claim_malformed', 'role'))
await ruled('what is absent contains nothing', { contains: 'a' }, undefined, missing)
await ruled('an array contains any', { containsAny: ['a', 'b'] }, ['c', 'b'], ok())
await ruled('an array contains none', { containsAny: ['a', 'b'] }, ['c'], mismatch(['c']))
await ruled('a text contains itself among others', { containsAny: ['a', 'b'] }, 'a', ok())
await ruled('what is absent contains none', { containsAny: ['a'] }, undefined, missing)
await ruled('what must be absent is', { absent: true }, undefined, ok())
await ruled('what must be absent is there', { absent: true }, 'x', mismatch('x'))
await ruled('what must be absent is there, although null', { absent: true }, null, err('claim_mismatch', 'role'))
await ruled('what must be absent is there, although empty', { absent: true }, '', err('claim_mismatch', 'role'))
await ruled('what may be absent is', { absentOr: 'Bearer' }, undefined, ok())
await ruled('what may be absent has its value', { absentOr: 'Bearer' }, 'Bearer', ok())
await ruled('what may be absent has another value', { absentOr: 'Bearer' }, 'ID', mismatch('ID'))
await ruled('what may be absent is one of several', { absentOr: ['Bearer', 1] }, 1, ok())
await ruled('what may be absent is none of several', { absentOr: ['Bearer', 1] }, 2, mismatch(2))

// JSON Pointer
const POINTER = 'RFC 6901 section 4'
/** @param {string} name @param {string} pointer @param {object} claims @param {object} answer */
const pointed = (name, pointer, claims, answer) =>
  vector(name, POINTER, { claims: { [pointer]: 'x' } }, { exp, ...claims }, answer)
await pointed('a pointer names a member of a claim', '/a/b', { a: { b: 'x' } }, ok())
await pointed('a pointer names a member of an array', '/a/1', { a: ['y', 'x'] }, ok())
await pointed('a pointer names a claim', '/a', { a: 'x' }, ok())
await pointed('a pointer to another value', '/a/b', { a: { b: 'y' } }, err('claim_mismatch', '/a/b', { actual: 'y' }))
await pointed('a pointer to nothing', '/a/b', { a: { c: 'x' } }, err('claim_missing', '/a/b'))
await pointed('a pointer through text', '/a/b', { a: 'b' }, err('claim_missing', '/a/b'))
await pointed('a pointer past an array', '/a/2', { a: ['y', 'x'] }, err('claim_missing', '/a/2'))
await pointed('a pointer with a leading zero', '/a/01', { a: ['y', 'x'] }, err('claim_missing', '/a/01'))
await pointed('a pointer after the last of an array', '/a/-', { a: ['x'] }, err('claim_missing', '/a/-'))
await pointed('a claim called /x', '/~1x', { '/x': 'x' }, ok())
await pointed('a claim called ~x', '/~0x', { '~x': 'x' }, ok())
await pointed('a tilde and a one are no slash', '/~01', { '~1': 'x', '/': 'y' }, ok())
await pointed('a member without a name', '/a/', { a: { '': 'x' } }, ok())
await pointed('a name without a slash before it is a Claim Name', 'a/b', { 'a/b': 'x', a: { b: 'y' } }, ok())
await pointed(
  'a Claim Name may be a URL',
  'https://issuer.example/claim',
  { 'https://issuer.example/claim': 'x' },
  ok(),
)
await pointed('a Claim Name is not split at dots', 'a.b', { a: { b: 'x' } }, err('claim_missing', 'a.b'))

// requiredClaims
const REQUIRED = 'pkg/src/types.ts Policy.requiredClaims'
await vector(
  'a required claim is there',
  REQUIRED,
  { requiredClaims: ['sub', 'role'] },
  { sub: 's', role: 0, exp },
  ok(),
)
await vector(
  'a required claim is absent',
  REQUIRED,
  { requiredClaims: ['sub', 'role'] },
  { sub: 's', exp },
  err('claim_missing', 'role'),
)
await vector(
  'the first required claim that is absent is named',
  REQUIRED,
  { requiredClaims: ['b', 'a'] },
  { exp },
  err('claim_missing', 'b'),
)
await vector(
  'a required claim may be a pointer',
  REQUIRED,
  { requiredClaims: ['/a/b'] },
  { a: { b: false }, exp },
  ok(),
)
await vector(
  'a required pointer leads nowhere',
  REQUIRED,
  { requiredClaims: ['/a/b'] },
  { a: {}, exp },
  err('claim_missing', '/a/b'),
)

// bind
const BIND = 'pkg/src/types.ts Expected.bind'
const bound = { bind: ['order_id'] }
/**
 * @param {string} name @param {string} value JSON text of the claim. @param {unknown} wanted
 * @param {object} answer
 */
const binding = (name, value, wanted, answer) =>
  vector(name, BIND, bound, `{"exp":${exp},"order_id":${value}}`, answer, {
    expected: { bind: { order_id: wanted } },
  })
const unbound = err('binding_mismatch', 'order_id')
await binding('a text is bound to itself', '"14183944763"', '14183944763', ok({ claims: { order_id: '14183944763' } }))
await binding(
  'a text is not bound to another',
  '"14183944763"',
  '14183944764',
  err('binding_mismatch', 'order_id', { expected: '14183944764', actual: '14183944763' }),
)
await binding('a safe integer is its decimal text', '249749', '249749', ok())
await binding('a decimal text is its safe integer', '"249749"', 249749, ok())
await binding('a safe integer is itself', '249749', 249749, ok())
await binding('zero is its decimal text', '0', '0', ok())
await binding('a negative safe integer is its decimal text', '-5', '-5', ok())
await binding('the largest safe integer is its decimal text', '9007199254740991', '9007199254740991', ok())
for (const [value, wanted] of /** @type {[string, unknown][]} */ ([
  ['249749', '249749.0'],
  ['249749', '2.49749e5'],
  ['249749', '0249749'],
  ['249749', '+249749'],
  ['249749', ' 249749'],
  ['249749', '249749 '],
  ['249749', '0x3cf95'],
  ['249749', '249,749'],
  ['249749', 249750],
  ['"249749.0"', 249749],
  ['"2.49749e5"', 249749],
  ['"0249749"', 249749],
  ['"249749 "', 249749],
  ['249749.0', '249749'],
  ['2.49749e5', '249749'],
  ['249749.5', '249749.5'],
  ['9007199254740992', '9007199254740992'],
  ['9007199254740993', '9007199254740992'],
  ['9007199254740993', '9007199254740993'],
  ['"9007199254740992"', 9007199254740992],
  ['-9007199254740992', '-9007199254740992'],
  ['-0', '0'],
  ['-0', '-0'],
  ['0', '-0'],
  ['0', ''],
  ['true', 'true'],
  ['null', 'null'],
  ['["249749"]', '249749'],
  ['{"id":"249749"}', '249749'],
  ['""', ''],
  ['{"a":1}', { a: 1 }],
  ['["a"]', ['a']],
  ['true', true],
  ['null', null],
  ['"x"', 'X'],
  ['"\\u00e9"', 'e\u0301'],
])) {
  await binding(`${value} is not bound to ${JSON.stringify(wanted)}`, value, wanted, unbound)
}
await binding('an escaped text is the text', '"\\u0061bc"', 'abc', ok())
await vector('a request that does not say for what is refused', BIND, bound, { order_id: 'a', exp }, unbound, {
  expected: { bind: { order_id: null } },
})
await vector('a request that says undefined is refused', BIND, bound, { order_id: 'a', exp }, unbound, {
  expected: { bind: { order_id: { $undefined: true } } },
  only: ['package'],
})
await vector('a token that says nothing is bound to nothing', BIND, bound, { exp }, unbound, {
  expected: { bind: { order_id: 'a' } },
})
await vector(
  'every name is bound',
  BIND,
  { bind: ['order_id', 'customer_id'] },
  { order_id: 'a', customer_id: 'b', exp },
  err('binding_mismatch', 'customer_id'),
  { expected: { bind: { order_id: 'a', customer_id: 'c' } } },
)
await vector('a call may bind beyond the policy', BIND, bound, { order_id: 'a', shop: 'b', exp }, ok(), {
  expected: { bind: { order_id: 'a', shop: 'b' } },
})
await vector(
  'what a call binds beyond the policy holds',
  BIND,
  bound,
  { order_id: 'a', shop: 'b', exp },
  err('binding_mismatch', 'shop'),
  { expected: { bind: { order_id: 'a', shop: 'c' } } },
)
await vector(
  'a call may bind where the policy does not',
  BIND,
  {},
  { shop: 'b', exp },
  err('binding_mismatch', 'shop'),
  { expected: { bind: { shop: 'c' } } },
)
await vector(
  'a name may be bound to another claim',
  BIND,
  { bind: { order: 'order_id' } },
  { order_id: 'a', order: 'b', exp },
  ok(),
  { expected: { bind: { order: 'a' } } },
)
await vector(
  'a name bound to another claim is not read itself',
  BIND,
  { bind: { order: 'order_id' } },
  { order_id: 'a', order: 'b', exp },
  err('binding_mismatch'),
  { expected: { bind: { order: 'b' } } },
)
await vector(
  'a name may be bound to a JSON Pointer',
  BIND,
  { bind: { order: '/order/id' } },
  { order: { id: 7 }, exp },
  ok(),
  { expected: { bind: { order: '7' } } },
)
await vector(
  'a name that JavaScript knows is bound to nothing',
  BIND,
  { bind: ['constructor'] },
  { exp },
  err('binding_mismatch', 'constructor'),
  { expected: { bind: { constructor: 'a' } } },
)

// maxUses and the like are told by redeem(); verify() holds everything else
await vector(
  'a token without uses tells none',
  'pkg/src/types.ts Verified.uses',
  {},
  { exp },
  ok({ uses: { $undefined: true } }),
)

write('policy.json', vectors)
