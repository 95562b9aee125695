// @ts-check
/**
 * Rules of a policy: starts of texts, members of arrays, permissions, issuers made of claims, numeric subjects, and the
 * `use` of keys.
 *
 * @module
 */

import { err, forge, keys, mint, NOW, ok, publicJwk, secret, typeError, write } from './lib.js'

const key = keys.ed25519
const verificationKeys = { jwk: publicJwk(key) }
const open = { issuer: null, audience: null }
const exp = NOW + 300

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {object} options @param {Record<string, unknown>} claims
 * @param {object} answer @param {{ expected?: object, keys?: unknown, token?: string, only?: string[] }} [given]
 */
async function vector(name, ref, options, claims, answer, given = {}) {
  vectors.push({
    name,
    ref,
    only: given.only,
    options: { ...open, ...options },
    keys: given.keys ?? verificationKeys,
    token: given.token ?? (await mint(key, { exp, ...claims })),
    expected: given.expected,
    now: NOW,
    answer,
  })
}
/** @param {string} name @param {object} options @param {string} word @param {{ only?: string[] }} [given] */
const mistake = (name, options, word, given) =>
  vector(name, 'pkg/src/types.ts Policy', options, {}, typeError(word), given)

// startsWith
const RULE = 'pkg/src/types.ts ClaimRule'
const repo = { claims: { sub: { startsWith: 'repo:octo/' } } }
await vector('a text starts with another', RULE, repo, { sub: 'repo:octo/app' }, ok())
await vector('a text starts with itself', RULE, repo, { sub: 'repo:octo/' }, ok())
await vector(
  'a delimiter ends the start of a text',
  RULE,
  repo,
  { sub: 'repo:octocat/app' },
  err('claim_mismatch', 'sub', { expected: { startsWith: 'repo:octo/' }, actual: 'repo:octocat/app' }),
)
await vector(
  'the start of a text is compared with case',
  RULE,
  repo,
  { sub: 'repo:Octo/app' },
  err('claim_mismatch', 'sub'),
)
await vector(
  'the start of a text is not its middle',
  RULE,
  repo,
  { sub: 'x repo:octo/app' },
  err('claim_mismatch', 'sub'),
)
await vector(
  'a shorter text does not start with a longer one',
  RULE,
  repo,
  { sub: 'repo:octo' },
  err('claim_mismatch', 'sub'),
)
await vector('an absent claim starts with nothing', RULE, repo, {}, err('claim_missing', 'sub'))
await vector(
  'an array starts with nothing',
  RULE,
  { claims: { role: { startsWith: 'a/' } } },
  { role: ['a/b'] },
  err('claim_malformed', 'role'),
)
await vector(
  'one of several starts is enough',
  RULE,
  { claims: { role: { startsWith: ['a/', 'b:'] } } },
  { role: 'b:c' },
  ok(),
)
for (const end of ['/', ':', '.', '#', '@', '|']) {
  await vector(
    `the start of a text may end in ${end}`,
    RULE,
    { claims: { role: { startsWith: `a${end}` } } },
    { role: `a${end}b` },
    ok(),
  )
}
for (const start of ['a', 'a_', 'a-', 'a ', '', [], ['a/', 'b'], 5, null, { a: 'b/' }]) {
  await mistake(
    `startsWith of ${JSON.stringify(start)} is a mistake`,
    { claims: { role: { startsWith: start } } },
    'startsWith',
  )
}

// contains
const admin = { claims: { role: { contains: 'admin' } } }
await vector('a claim that is the one text contains it', RULE, admin, { role: 'admin' }, ok())
await vector(
  'a text does not contain a part of itself',
  RULE,
  admin,
  { role: 'admin user' },
  err('claim_mismatch', 'role', { expected: { contains: ['admin'] }, actual: 'admin user' }),
)
await vector(
  'a text contains no two',
  RULE,
  { claims: { role: { contains: ['admin', 'user'] } } },
  { role: 'admin' },
  err('claim_mismatch', 'role'),
)
await vector(
  'an array of numbers contains a number',
  RULE,
  { claims: { groups: { contains: 12 } } },
  { groups: [12, 34] },
  ok(),
)
await vector(
  'an array of numbers contains no other',
  RULE,
  { claims: { groups: { contains: 13 } } },
  { groups: [12, 34] },
  err('claim_mismatch', 'groups'),
)
await vector(
  'an array of numbers contains no text',
  RULE,
  { claims: { groups: { contains: '12' } } },
  { groups: [12, 34] },
  err('claim_mismatch', 'groups'),
)
await vector(
  'an array of texts contains no number',
  RULE,
  { claims: { groups: { contains: 12 } } },
  { groups: ['12'] },
  err('claim_mismatch', 'groups'),
)
await vector(
  'a claim that is the one number contains it',
  RULE,
  { claims: { groups: { containsAny: [12, 'x'] } } },
  { groups: 12 },
  ok(),
)
await vector(
  'an array of numbers and texts contains both',
  RULE,
  { claims: { groups: { contains: [12, 'x'] } } },
  { groups: ['x', 12] },
  ok(),
)
await vector(
  'an array that holds an object is malformed',
  RULE,
  admin,
  { role: ['admin', {}] },
  err('claim_malformed', 'role'),
)
await vector(
  'an array that holds null is malformed',
  RULE,
  admin,
  { role: ['admin', null] },
  err('claim_malformed', 'role'),
)
await vector('true contains nothing', RULE, admin, { role: true }, err('claim_malformed', 'role'))
await mistake('contains of a boolean is a mistake', { claims: { role: { contains: true } } }, 'contains')
await mistake(
  'contains of a number beyond the safe integers is a mistake',
  { claims: { role: { contains: 2 ** 53 } } },
  'contains',
)
await mistake('containsAny of a number alone is a mistake', { claims: { role: { containsAny: 12 } } }, 'containsAny')

// notEmpty
const full = { claims: { role: { notEmpty: true } } }
for (const role of ['x', ['x'], 0, false, {}])
  await vector(`${JSON.stringify(role)} is not empty`, RULE, full, { role }, ok())
for (const role of ['', [], null])
  await vector(`${JSON.stringify(role)} is empty`, RULE, full, { role }, err('claim_mismatch', 'role'))
await vector('what is absent is not there to be full', RULE, full, {}, err('claim_missing', 'role'))
await mistake('notEmpty of false is a mistake', { claims: { role: { notEmpty: false } } }, 'claims')

// permissions
const PERMISSION = 'RFC 6750 section 3.1'
const roles = { permissions: { '/realm_access/roles': { contains: 'editor' } } }
await vector('a permission that is there is enough', PERMISSION, roles, { realm_access: { roles: ['editor'] } }, ok())
await vector(
  'a permission that is not there is too little privilege',
  PERMISSION,
  roles,
  { realm_access: { roles: ['reader'] } },
  err('scope_insufficient', '/realm_access/roles', { expected: { contains: ['editor'] }, actual: ['reader'] }),
)
await vector(
  'an absent claim holds no permission',
  PERMISSION,
  roles,
  {},
  err('scope_insufficient', '/realm_access/roles'),
)
await vector(
  'a permission of another type is malformed',
  PERMISSION,
  roles,
  { realm_access: { roles: {} } },
  err('claim_malformed', '/realm_access/roles'),
)
await vector(
  'a permission may be one value',
  PERMISSION,
  { permissions: { plan: ['pro', 'team'] } },
  { plan: 'free' },
  err('scope_insufficient', 'plan', { expected: ['pro', 'team'] }),
)
await vector(
  'a permission of one value is shown as a list',
  PERMISSION,
  { permissions: { plan: 'pro' } },
  { plan: 'free' },
  err('scope_insufficient', 'plan', { expected: ['pro'], actual: 'free' }),
)
await vector(
  'a permission may be scope-tokens',
  PERMISSION,
  { permissions: { rights: { scope: 'read' } } },
  { rights: 'write' },
  err('scope_insufficient', 'rights', { expected: 'read' }),
)
await vector(
  'an expired token is refused before its permissions are read',
  PERMISSION,
  roles,
  { exp: NOW },
  err('token_expired', 'exp'),
)
await vector('a call asks for a permission', PERMISSION, {}, { plan: 'free' }, err('scope_insufficient', 'plan'), {
  expected: { permissions: { plan: 'pro' } },
})
await vector(
  'a call’s permission does not replace the policy’s',
  PERMISSION,
  roles,
  { plan: 'pro' },
  err('scope_insufficient', '/realm_access/roles'),
  { expected: { permissions: { plan: 'pro' } } },
)
for (const value of [{}, null, [], 'editor', 5])
  await mistake(`permissions of ${JSON.stringify(value)} is a mistake`, { permissions: value }, 'permissions')
await mistake('a permission without a name is a mistake', { permissions: { '': 'x' } }, 'permissions')
await mistake(
  'a permission in a dotted path is a mistake',
  { permissions: { 'realm_access.roles': { contains: 'editor' } } },
  'permissions',
  { only: ['package'] },
)

// Issuers made of claims
const ISSUER = 'RFC 8414 section 2'
const tid = '11111111-2222-4333-8444-555555555555'
const tenants = { issuer: 'https://login.example/{tid}/v2.0' }
const iss = `https://login.example/${tid}/v2.0`
await vector('a claim completes the issuer', ISSUER, tenants, { iss, tid }, ok())
await vector(
  'Entra’s own placeholder is the tid',
  ISSUER,
  { issuer: 'https://login.example/{tenantid}/v2.0' },
  { iss, tid },
  ok(),
)
await vector(
  'the issuer of another tenant is another',
  ISSUER,
  tenants,
  { iss, tid: '99999999-2222-4333-8444-555555555555' },
  err('claim_mismatch', 'iss', {
    expected: 'https://login.example/99999999-2222-4333-8444-555555555555/v2.0',
    actual: iss,
  }),
)
await vector('without its claim the issuer is not known', ISSUER, tenants, { iss }, err('claim_missing', 'tid'))
await vector(
  'a placeholder is no text of an issuer',
  ISSUER,
  tenants,
  { iss: 'https://login.example/{tid}/v2.0', tid: '{tid}' },
  err('claim_malformed', 'tid'),
)
await vector(
  'another host is another issuer',
  ISSUER,
  tenants,
  { iss: `https://login.example.evil.example/${tid}/v2.0`, tid },
  err('claim_mismatch', 'iss'),
)
await vector(
  'an issuer with a slash more is another',
  ISSUER,
  tenants,
  { iss: `${iss}/`, tid },
  err('claim_mismatch', 'iss'),
)
await vector(
  'the issuer in another case is another',
  ISSUER,
  tenants,
  { iss: iss.toUpperCase(), tid },
  err('claim_mismatch', 'iss'),
)
await vector('an issuer of claims must be there', ISSUER, tenants, { tid }, err('claim_missing', 'iss'))
for (const value of [
  '',
  '.',
  '..',
  'a/b',
  'a%2fb',
  'a?b',
  'a#b',
  'a\\b',
  'a b',
  'ä',
  5,
  null,
  ['a'],
  { a: 'b' },
  true,
]) {
  await vector(
    `a tid of ${JSON.stringify(value)} completes no issuer`,
    ISSUER,
    tenants,
    { iss: `https://login.example/${value}/v2.0`, tid: value },
    err('claim_malformed', 'tid'),
  )
}
await vector(
  'an issuer of claims may be one of several',
  ISSUER,
  { issuer: ['https://a.example', 'https://login.example/{tid}/v2.0'] },
  { iss, tid },
  ok(),
)
await vector(
  'one of several issuers needs no claim',
  ISSUER,
  { issuer: ['https://login.example/{tid}/v2.0', 'https://a.example'] },
  { iss: 'https://a.example' },
  ok(),
)
await vector(
  'two claims complete an issuer',
  ISSUER,
  { issuer: 'https://a.example/{org}/{tid}' },
  { iss: 'https://a.example/x/y', org: 'x', tid: 'y' },
  ok(),
)
await vector(
  'two claims complete it in their order',
  ISSUER,
  { issuer: 'https://a.example/{org}/{tid}' },
  { iss: 'https://a.example/y/x', org: 'x', tid: 'y' },
  err('claim_mismatch', 'iss'),
)
for (const issuer of [
  '{tid}',
  'https://{tid}/v2.0',
  'https://{tid}.example/',
  'https://a.example/{}',
  'https://a.example/{iss}',
  'https://a.example/x{tid}',
  'https://a.example/{tid',
  'https://a.example/tid}',
  'https://a.example/{tid}?x',
  'https://a.example/{{tid}}',
  '{dest}admin',
  '{dest}{tid}',
  '{iss}/admin',
]) {
  await mistake(`the issuer ${issuer} is a mistake`, { issuer }, 'issuer')
}
const shops = { issuer: '{dest}/admin' }
await vector(
  'a claim may be all of an issuer before its path',
  ISSUER,
  shops,
  { iss: 'https://shop.example/admin', dest: 'https://shop.example' },
  ok(),
)
await vector(
  'an issuer of another origin than the claim is refused',
  ISSUER,
  shops,
  { iss: 'https://shop.example/admin', dest: 'https://other.example' },
  err('claim_mismatch', 'iss', { expected: 'https://other.example/admin' }),
)
await vector(
  'an issuer with an origin in a claim needs the claim',
  ISSUER,
  shops,
  { iss: 'https://shop.example/admin' },
  err('claim_missing', 'dest'),
)
for (const dest of [
  'https://shop.example/',
  'https://shop.example/x',
  'http://shop.example',
  'shop.example',
  'https://',
  'https://a@shop.example',
  'https://shop.example?x',
  'https://shop.example#x',
  'https:\\\\shop.example',
  'https://{tid}',
  7,
  null,
]) {
  await vector(
    `${JSON.stringify(dest)} is no origin`,
    ISSUER,
    shops,
    { iss: `${dest}/admin`, dest },
    err('claim_malformed', 'dest'),
  )
}

// Numeric subjects
const SUB = 'RFC 7519 section 4.1.2'
const numeric = { numericSubject: 'allow' }
await vector('a number is no subject', SUB, {}, { sub: 42 }, err('claim_malformed', 'sub'))
await vector(
  'numericSubject refuse is the default',
  SUB,
  { numericSubject: 'refuse' },
  { sub: 42 },
  err('claim_malformed', 'sub'),
)
await vector(
  'a number may be a subject if the policy allows it',
  SUB,
  numeric,
  { sub: 42 },
  ok({ claims: { sub: 42 } }),
)
await vector('a text is a subject still', SUB, numeric, { sub: '42' }, ok())
await vector('a number is the subject of its digits', SUB, { ...numeric, subject: '42' }, { sub: 42 }, ok())
await vector(
  'a number is no other subject',
  SUB,
  { ...numeric, subject: '43' },
  { sub: 42 },
  err('claim_mismatch', 'sub'),
)
await vector('a negative integer may be a subject', SUB, numeric, { sub: -1 }, ok())
for (const text of ['4.5', '4.0', '4e1', '9007199254740992', '-0', 'true', 'null', '[42]', '{}']) {
  const token = forge(key, '{"alg":"EdDSA"}', `{"exp":${exp},"sub":${text}}`)
  await vector(`a subject of ${text} is malformed`, SUB, numeric, {}, err('claim_malformed', 'sub'), { token })
}
await vector('the largest safe integer may be a subject', SUB, numeric, { sub: Number.MAX_SAFE_INTEGER }, ok())
await vector('a numeric jti is malformed in any case', SUB, numeric, { jti: 42 }, err('claim_malformed', 'jti'))
for (const value of [true, 'Allow', '', null, 1])
  await mistake(`numericSubject of ${JSON.stringify(value)} is a mistake`, { numericSubject: value }, 'numericSubject')

// The use of keys
const USE = 'RFC 7517 section 4.2'
const svid = publicJwk(key, { kid: 'a', use: 'jwt-svid' })
const sig = publicJwk(key, { kid: 'a', use: 'sig' })
const bare = publicJwk(key, { kid: 'a' })
/** @param {string} name @param {unknown} given @param {object} answer */
const used = async (name, given, answer) =>
  vector(name, USE, {}, {}, answer, { keys: given, token: await mint(key, { exp }, { kid: 'a' }) })
await used('a set of SPIFFE keys is used by its tag', { jwks: { keys: [svid] }, use: 'jwt-svid' }, ok())
await used('a SPIFFE key is used by its tag', { jwk: svid, use: 'jwt-svid' }, ok())
await used('without the tag no SPIFFE key is used', { jwks: { keys: [svid] } }, typeError('use'))
await used('another tag uses no SPIFFE key', { jwks: { keys: [svid] }, use: 'x509-svid' }, typeError('use'))
await used('the tag uses no key of another use', { jwks: { keys: [sig] }, use: 'jwt-svid' }, typeError('use'))
await used('the tag uses no key without a use', { jwks: { keys: [bare] }, use: 'jwt-svid' }, typeError('use'))
await used('the tag sig asks for the use', { jwk: bare, use: 'sig' }, typeError('use'))
await used('the tag sig uses a key of that use', { jwk: sig, use: 'sig' }, ok())
await used('a key for encryption is used by no tag', { jwk: { ...bare, use: 'enc' }, use: 'enc' }, typeError('use'))
await used('a secret has no use', { ...secret(keys.hs256), use: 'sig' }, typeError('use'))
await used('an empty use is a mistake', { jwk: svid, use: '' }, typeError('use'))
await used(
  'of a mixed bundle the keys of the tag are used',
  { jwks: { keys: [publicJwk(keys.es256, { use: 'x509-svid' }), svid] }, use: 'jwt-svid' },
  ok(),
)

write('rules.json', vectors)
