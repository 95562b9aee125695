// @ts-check
/** Headline, verdict, sentence, checks and warnings of the page agree: for every form of token, key and policy. */

import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { countersign, TokenError } from 'countersign'
import { KEY_FORMS, keyFormOf, keyMistake, keyOf, placeholderKeys } from '../../www/js/keys.js'
import { refused } from '../../www/js/sentences.js'
import { systemOf } from '../../www/js/systems.js'
import { HEADLINES, warningsFor } from '../../www/js/token-form.js'
import { judge } from '../../www/js/verdict.js'

const NOW = 1_800_000_000
const SECRET = 'a secret of this test, which is long enough'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const JWK = JSON.stringify(publicKey.export({ format: 'jwk' }))
const PEM = String(publicKey.export({ format: 'pem', type: 'spki' }))
const DER = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')

/** @param {unknown} value */
const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const CLAIMS = {
  iss: 'https://issuer.example/',
  aud: 'https://api.example/',
  sub: 'mary',
  client_id: 'shop',
  iat: NOW - 60,
  exp: NOW + 3600,
  jti: '1',
}

/** @param {object} [claims] @param {object} [header] */
function es256(claims = {}, header = {}) {
  const input = `${part({ alg: 'ES256', typ: 'at+jwt', ...header })}.${part({ ...CLAIMS, ...claims })}`
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** @param {object} [claims] */
function hs256(claims = {}) {
  const input = `${part({ alg: 'HS256', typ: 'at+jwt' })}.${part({ ...CLAIMS, ...claims })}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

const OPAQUE = 'tkn_24543c6a278f45d680d09edb32e78061'
const RECEIPT = countersign(
  OPAQUE,
  { issuer: 'https://issuer.example/', expires: NOW + 900, bind: { id: '1' }, uses: 1, now: NOW },
  { secret: SECRET },
)
const SIGNED = es256()
const [HEADER = '', PAYLOAD = '', SIGNATURE = ''] = SIGNED.split('.')

/** Tokens, with the form that each has. @type {readonly [string, import('../../www/js/token-form.js').TokenForm, string][]} */
const TOKENS = [
  ['no text', 'empty', ''],
  ['ES256', 'signed', SIGNED],
  ['HS256', 'signed', hs256()],
  ['ES256K', 'signed', `${part({ alg: 'ES256K' })}.${PAYLOAD}.${SIGNATURE}`],
  ['an unknown algorithm', 'signed', `${part({ alg: 'XS256' })}.${PAYLOAD}.${SIGNATURE}`],
  ['an expired token', 'signed', es256({ exp: NOW - 1 })],
  ['a token without exp', 'signed', es256({ exp: undefined })],
  ['a token without iss and aud', 'signed', es256({ iss: undefined, aud: undefined })],
  ['exp in milliseconds', 'signed', es256({ exp: (NOW + 3600) * 1000 })],
  ['nbf in milliseconds', 'signed', es256({ nbf: NOW * 1000 })],
  ['exp as text', 'signed', es256({ exp: String(NOW + 3600) })],
  ['exp below zero', 'signed', es256({ exp: -5 })],
  ['an issuer that looks like a rule', 'signed', es256({ iss: { contains: 'x' } })],
  ['a token with crit', 'signed', es256({}, { crit: ['x'], x: 1 })],
  ['a token bound to a key', 'signed', es256({ cnf: { jkt: 'x' } })],
  ['claims that are an array', 'signed', `${HEADER}.${part([])}.${SIGNATURE}`],
  ['alg none, no signature', 'unsigned', `${part({ alg: 'none' })}.${PAYLOAD}.`],
  ['alg None, a signature', 'unsigned', `${part({ alg: 'None' })}.${PAYLOAD}.${SIGNATURE}`],
  ['an empty signature', 'unsigned', `${HEADER}.${PAYLOAD}.`],
  ['a header that is not JSON', 'unreadable', `${part('x')}.${PAYLOAD}.${SIGNATURE}`],
  ['two dots', 'unreadable', '..'],
  ['three words', 'unreadable', 'abc.def.ghi'],
  ['a JWE', 'encrypted', `${part({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`],
  ['five parts of nothing', 'encrypted', 'a.b.c.d.e'],
  ['one part', 'incomplete', HEADER],
  ['half a header', 'incomplete', `${HEADER.slice(0, 24)}`],
  ['two parts', 'incomplete', `${HEADER}.${PAYLOAD}`],
  ['four parts', 'incomplete', `${SIGNED}.a`],
  ['six parts', 'incomplete', `${SIGNED}.a.b.c`],
  ['an SD-JWT', 'suffixed', `${SIGNED}~${part(['salt', 'a', 'b'])}~`],
  ['a JWT before an opaque token', 'suffixed', `${SIGNED}~${OPAQUE}`],
  ['a padded JWT', 'padded', `${HEADER}=.${PAYLOAD}==.${SIGNATURE}`],
  ['an opaque token', 'opaque', OPAQUE],
  ['opaque JSON in base64url', 'opaque', part({ session: 'x' })],
  ['an opaque token with a dot', 'opaque', 'v1.abcdef'],
  ['an opaque token with a tilde', 'opaque', 'a~b'],
  ['a receipt and its token', 'countersigned', RECEIPT],
  ['a receipt and another token', 'countersigned', RECEIPT.replace(OPAQUE, 'tkn_other')],
  ['an unsigned receipt', 'unsigned-receipt', RECEIPT.replace(/^[^.]+/, part({ alg: 'none', typ: 'receipt+jwt' }))],
  ['words', 'malformed', 'hello world'],
  ['an address', 'malformed', 'https://issuer.example/.well-known/jwks.json'],
  ['more than any token', 'opaque', 'x'.repeat(20_000)],
]

/** Texts of the key field. */
const KEYS = [
  '',
  JWK,
  PEM,
  JSON.stringify({ keys: [JSON.parse(JWK)] }),
  SECRET,
  'short',
  'https://issuer.example/jwks.json',
]

/** Policies, by system and the values of its fields. @type {readonly [string, Record<string, string>][]} */
const POLICIES = [
  ['custom', {}],
  ['custom', { issuer: 'https://issuer.example/' }],
  ['custom', { audience: 'https://api.example/' }],
  ['custom', { issuer: 'https://issuer.example/', audience: 'https://api.example/' }],
  ['custom', { algorithms: 'ES256', typ: 'at+jwt', scope: 'a' }],
  ['custom', { leewaySeconds: '300' }],
  ['accessToken', { issuer: 'https://issuer.example/', audience: 'https://api.example/' }],
  ['receipt', {}],
  ['receipt', { issuer: 'https://issuer.example/', bind: 'id=1' }],
  ['juspay', { merchantId: 'acme', environment: 'sandbox', kind: 'order', id: '1' }],
]

const placeholders = await placeholderKeys()

/** @param {string} token @param {string} key @param {string} system @param {Record<string, string>} values */
function verdictOn(token, key, system, values) {
  const { plan, expected } = systemOf(system)
  return judge({
    token,
    plan: plan(values),
    expected: expected(values),
    key: () => (key === '' ? undefined : keyOf(key, false)),
    placeholders,
    now: NOW,
  })
}

/** @param {import('../../www/js/verdict.js').Verdict} verdict @param {string} key */
function assertConsistent(verdict, key) {
  const { tone, word, sentence, form, checks, inspection, error, keyMistake: mistake } = verdict
  const headline = HEADLINES[form]
  const outcome = (/** @type {string} */ name) => checks.find((check) => check.name === name)?.outcome
  const failed = checks.filter((check) => check.outcome === 'fail')
  const warnings = warningsFor(form, inspection.warnings).map(({ code }) => code)

  assert.match(sentence, /\.$/)
  assert.doesNotMatch(sentence, /undefined|NaN|null|\[object|keys\[|not a a |\.\./)
  assert.equal(tone === 'idle', form === 'empty')
  assert.equal(
    word,
    { accepted: 'Accepted', refused: 'Refused', unverified: 'Unverified', idle: 'Waiting', mistake: '' }[tone],
  )

  // Only a usable key, and a complete signed token, is accepted.
  if (tone === 'accepted') {
    assert.ok(['signed', 'countersigned'].includes(form))
    assert.ok(key !== '' && mistake === undefined)
    assert.equal(outcome('signature'), 'pass')
    assert.deepEqual(failed, [])
  }
  if (tone === 'unverified') {
    assert.match(sentence, /signature was not checked/)
    assert.equal(outcome('signature'), 'not_checked')
    assert.equal(/No key was given/.test(sentence), key === '')
    assert.ok(['signed', 'countersigned'].includes(form))
  }
  if (tone === 'refused') assert.ok(error !== undefined && failed.length > 0)
  assert.equal(/with any key/.test(sentence), tone === 'refused' && (key === '' || mistake !== undefined))
  if (/check of the policy passed/.test(sentence)) assert.deepEqual(failed, [])

  // What the policy leaves unchecked is stated, and nothing else.
  if (tone === 'accepted' || tone === 'unverified') {
    const open = ['issuer', 'audience'].filter((name) => outcome(name) === 'not_checked')
    const stated = /neither the issuer nor the audience/.test(sentence)
      ? ['issuer', 'audience']
      : ['issuer', 'audience'].filter((name) => sentence.includes(`does not check the ${name}`))
    assert.deepEqual(stated, open)
  }

  // The headline, the sentence and the warnings agree about the signature.
  const unsigned = /^unsigned/.test(form)
  assert.equal(/unsigned/i.test(headline), unsigned)
  assert.ok(!/not signed/.test(sentence) || unsigned)
  assert.ok(!warnings.includes('unsigned') || unsigned)
  if (unsigned && ['alg_not_supported', 'signature_invalid'].includes(error?.code ?? ''))
    assert.match(sentence, /not signed/)
  // Only an opaque token is called so, or offered a receipt.
  if (form !== 'opaque' && form !== 'countersigned') assert.doesNotMatch(sentence, /opaque|[Cc]ountersign it/)
  assert.ok(!warnings.includes('receipt_missing') || form === 'opaque')
  // An encrypted or incomplete token is called that.
  if (form === 'encrypted') assert.match(sentence, /encrypted/)
  if (/not a token/i.test(sentence)) assert.match(headline, /Not a token/)
  if (form === 'incomplete') assert.match(sentence, /parts/)
}

for (const [name, form, token] of TOKENS) {
  test(`headline, verdict, sentence and warnings agree: ${name}`, () => {
    for (const [system, values] of POLICIES) {
      for (const key of KEYS) {
        const verdict = verdictOn(token, key, system, values)
        assert.equal(verdict.form, form)
        try {
          assertConsistent(verdict, key)
        } catch (error) {
          const { word, sentence } = verdict
          const given = { system, values, key: key.slice(0, 40), word, sentence }
          throw new Error(`${JSON.stringify(given)}: ${/** @type {Error} */ (error).message}`, { cause: error })
        }
      }
    }
  })
}

/** @type {readonly [string, string, string, Record<string, string>, RegExp][]} */
const SENTENCES = [
  ['ES256', JWK, 'custom', {}, /^The ES256 signature is valid.*neither the issuer nor the audience\.$/],
  ['ES256', JWK, 'custom', { issuer: CLAIMS.iss, audience: CLAIMS.aud }, /passed\. It expires in 1 hour\.$/],
  ['ES256', '', 'custom', {}, /^No key was given, so the signature was not checked\./],
  ['ES256', 'short', 'custom', {}, /^The key cannot be used, so/],
  ['ES256', SECRET, 'custom', {}, /^Its algorithm is “ES256”\. The policy and the keys allow HS256/],
  ['exp in milliseconds', JWK, 'custom', {}, /milliseconds\. It must be in seconds: 1800003600\./],
  ['exp as text', JWK, 'custom', {}, /Expected: number\./],
  ['exp below zero', JWK, 'custom', {}, /seconds since 1970/],
  ['an issuer that looks like a rule', JWK, 'custom', {}, /\{"contains":"x"\}/],
  ['two parts', JWK, 'custom', {}, /^It has two parts\. .* the signature is missing\.$/],
  ['two parts', JWK, 'receipt', {}, /^It has two parts\./],
  ['a JWE', JWK, 'custom', {}, /^It is an encrypted token/],
  ['an empty signature', '', 'custom', {}, /^Refused with any key\. Its signature is empty/],
  ['alg none, no signature', JWK, 'custom', {}, /^Its “alg” is “none”: it is not signed/],
  ['an opaque token', '', 'receipt', {}, /opaque token without a receipt\. Countersign it/],
  ['an opaque token', '', 'custom', {}, /It is opaque, and this policy requires a signed token/],
  ['ES256', '', 'receipt', {}, /It has no receipt, and this policy requires one/],
  ['a receipt and its token', SECRET, 'custom', {}, /requires a signed token/],
  ['a receipt and its token', SECRET, 'receipt', { bind: 'id=1' }, /made for this token\. .*redeemed once\./],
  ['an address', JWK, 'custom', {}, /It is an address, not a token/],
]

for (const [name, key, system, values, sentence] of SENTENCES) {
  test(`the sentence for ${name}, with ${key === '' ? 'no key' : `the key ${key.slice(0, 10)}`} and the policy ${system}`, () => {
    const token = TOKENS.find(([one]) => one === name)?.[2] ?? ''
    assert.match(verdictOn(token, key, system, values).sentence, sentence)
  })
}

test('a token that expired within the leeway is called that', () => {
  const verdict = verdictOn(es256({ exp: NOW - 240 }), JWK, 'custom', { leewaySeconds: '300' })
  assert.equal(verdict.tone, 'accepted')
  assert.match(verdict.sentence, /expired 4 minutes ago, within the leeway/)
})

/** @type {readonly [string, string, keyof typeof KEY_FORMS, RegExp | undefined][]} */
const KEY_TEXTS = [
  ['a secret', SECRET, 'secret', undefined],
  ['PEM', PEM, 'pem', undefined],
  ['a JWK', JWK, 'jwk', undefined],
  ['a JWK Set', `{"keys":[${JWK}]}`, 'jwks', undefined],
  ['a list of JWKs', `[${JWK}]`, 'list', undefined],
  ['JSON that is cut off', JWK.slice(0, -4), 'broken', /not complete JSON/],
  ['the address of a key set', 'https://issuer.example/.well-known/jwks.json', 'address', /makes no requests/],
  ['the metadata of an issuer', '{"issuer":"x","jwks_uri":"https://issuer.example/jwks.json"}', 'metadata', /jwks_uri/],
  ['a token', SIGNED, 'token', /not a key/],
  ['a countersigned token', RECEIPT, 'token', /not a key/],
  ['an OpenSSH key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI a@b', 'ssh', /ssh-keygen/],
  ['DER in base64', DER, 'der', /BEGIN PUBLIC KEY/],
  ['DER in base64, in lines', DER.replace(/.{40}/g, '$&\n'), 'der', /BEGIN PUBLIC KEY/],
  ['base64 that begins like DER', `MFkw${'A'.repeat(60)}`, 'secret', undefined],
]

for (const [name, key, form, mistake] of KEY_TEXTS) {
  test(`the key field recognizes ${name}`, () => {
    assert.equal(keyFormOf(key, false), form)
    const verdict = verdictOn(SIGNED, key, 'custom', {})
    if (mistake === undefined) assert.equal(verdict.keyMistake, undefined)
    else {
      assert.match(keyMistake(verdict.keyMistake ?? ''), mistake)
      assert.equal(verdict.tone, 'unverified')
    }
  })
}

test('a message about the key does not contain the place of the key among the options', () => {
  for (const key of [
    'short',
    '{"kty":"EC"}',
    '{"keys":1}',
    '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
  ]) {
    const { keyMistake: message = '' } = verdictOn(SIGNED, key, 'custom', {})
    assert.match(message, /^keys/)
    assert.match(keyMistake(message), /^The key cannot be used: (?!keys[:[])[a-z]/)
  }
})

test('every code of a refusal has a sentence, with and without its details', () => {
  const readme = readFileSync(new URL('../../pkg/README.md', import.meta.url), 'utf8')
  const codes = [...readme.matchAll(/^\| `([a-z_]+)` \| .* \| (?:400|401|403) \|$/gm)].map(([, code = '']) => code)
  assert.ok(codes.length > 30)
  for (const code of codes) {
    for (const details of [{}, { claim: 'x', expected: 'a', actual: 'b' }]) {
      const error = new TokenError({ code: /** @type {import('countersign').ErrorCode} */ (code), ...details })
      assert.match(refused(error, NOW), /^[A-Z].*\.$/)
      assert.doesNotMatch(refused(error, NOW), /with the code/, code)
    }
  }
})
