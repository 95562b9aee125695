// @ts-check
/** The types of keys: what others call a JWK is one here, and a JWK can be written down. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from './compiler.js'

test('a JWK is written down as it is, alone, in a set and with a private part', async () => {
  const program = `
import { countersign, Verifier } from 'countersign'
import type { Jwk } from 'countersign'
const any = { issuer: null, audience: null }
new Verifier({ ...any, keys: { kty: 'OKP', crv: 'Ed25519', x: 'AA' } })
new Verifier({ ...any, keys: { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: '1', use: 'sig', alg: 'ES256' } } })
new Verifier({ ...any, keys: { jwks: { keys: [{ kty: 'RSA', n: 'AA', e: 'AQAB', key_ops: ['verify'], x5c: ['AA'] }] } } })
countersign('opaque', { expires: 2_000_000_000, bind: { order_id: '1' } }, { privateKey: { kty: 'OKP', crv: 'Ed25519', d: 'AA', x: 'AA' } })
export const key: Jwk = {
  kty: 'EC',
  // @ts-expect-error a curve has a name
  crv: 256,
}
`
  assert.equal(await compile(program, {}, []), '')
})

test('a JWK of Web Crypto, of Node and of jose is one here', async () => {
  const program = `
import type { JsonWebKey as NodeJwk } from 'node:crypto'
import { Verifier } from 'countersign'
import type { JSONWebKeySet, JWK } from 'jose'
declare const webCrypto: JsonWebKey
declare const node: NodeJwk
declare const jose: JWK
declare const set: JSONWebKeySet
export const verifier = new Verifier({ issuer: null, audience: null, keys: [{ jwk: webCrypto }, { jwk: node }, jose, { jwks: set }] })
`
  assert.equal(
    await compile(program, { types: ['node'], skipLibCheck: true }, ['@types/node', 'undici-types', 'jose']),
    '',
  )
})

test('claims have the types that the policy requires', async () => {
  const program = `
import { anyOf, profiles, Verifier } from 'countersign'
import type { Verdict, VerifierOptions } from 'countersign'
declare const text: (value: string) => void
const given = { issuer: 'a', audience: 'b', keys: { secret: 'x' } }

const { claims } = new Verifier({
  ...given,
  requiredClaims: ['email', 'sub', '/address/country'],
  bind: ['order_id'],
  claims: { role: ['admin', 'user'], tenant: 7, act: { absent: true }, note: { absentOr: 'x' }, may: { scope: 'a' } },
}).verify('')
text(claims.sub)
text(claims.may)
export const role: 'admin' | 'user' = claims.role
export const tenant: 7 = claims.tenant
export const note: 'x' | undefined = claims.note
export const act: undefined = claims.act
export const order: string | number = claims.order_id
export const email: {} = claims.email
// @ts-expect-error not required by the policy
text(claims.jti)
// @ts-expect-error an id may be a number
text(claims.order_id)
// @ts-expect-error present, but of any type
text(claims.email)

const renamed = new Verifier({ ...given, bind: { order_id: 'oid' } }).verify('')
export const oid: string | number = renamed.claims.oid

const receipt = new Verifier({ ...given, evidence: 'receipt', bind: ['order_id'] }).verify('')
// @ts-expect-error a receipt is bound by its bind, not by its claims
export const bound: string | number = receipt.claims.order_id
const profile = profiles.juspay({ merchantId: 'm', environment: 'sandbox', kind: 'order' })
const narrowed = new Verifier({ profile, keys: { secret: 'x' }, bind: ['x'], requiredClaims: ['sub'] }).verify('')
text(narrowed.claims.sub)
// @ts-expect-error the profile's tokens are receipts
export const x: string | number = narrowed.claims.x

interface Order { sub: string; order_id: string }
const stated = new Verifier<Order>(given)
text(stated.verify('').claims.order_id)
new Verifier<Order>({ profile, keys: { secret: 'x' } }).verify('')
new Verifier<Order>({ ...given, evidence: 'receipt', requiredClaims: ['sub'], claims: { a: 'b' }, bind: ['c'] }).verify('')
const declared: Verifier<Order> = new Verifier(given)
export const verdict: Verdict<Order> = declared.tryVerify('')
if (!verdict.ok) text(verdict.message + verdict.code)
declare const options: VerifierOptions
const plain: Verifier = new Verifier(options)
text(plain.verify('').claims.sub ?? '')
const either = anyOf([stated, plain]).verify('')
text(either.claims.sub ?? '')
export class Counting extends Verifier {}
export class CountingOrders extends Verifier<Order> {}
`
  assert.equal(await compile(program, {}, []), '')
})

/** What does not compile, and what the compiler's message must contain. @type {[given: string, message: RegExp][]} */
const WRONG = [
  [`{ issuer: 'a', keys }`, /Property 'audience' is missing/],
  [`{ audience: 'b', keys }`, /Property 'issuer' is missing/],
  [`{ issuer: 'a', audience: 'b' }`, /Property 'keys' is missing/],
  [`{ profile }`, /Property 'keys' is missing/],
  [
    `{ issuer: maybe, audience: 'b', keys }`,
    /program\.ts\(\d+,16\).*Type 'string \| undefined' is not assignable to type 'string \| readonly string\[\] \| null'/,
  ],
  [`{ profile, keys, audience: undefined }`, /Types of property 'audience' are incompatible/],
  [`{ isuer: 'a', audience: 'b', keys }`, /'isuer' does not exist .* Did you mean to write 'issuer'\?/],
  [`{ ...any, scop: 'read', keys }`, /'scop' does not exist .* Did you mean to write 'scope'\?/],
  [`{ ...any, keys: { secret: 'x', pem: 'y' } }`, /Type '\{ secret: string; pem: string; \}' is not assignable/],
  [`{ ...any, keys: { jwk: { kty: 'EC' }, jwks: { keys: [] } } }`, /is not assignable to type 'Keys'/],
  [`{ ...any, keys, requiredClaims: 'sub' }`, /Type 'string' is not assignable to type 'readonly string\[\]'/],
  [`{ ...any, keys, claims: { role: { equals: 'admin' } } }`, /'equals' does not exist/],
  [`{ ...any, keys, algorithms: ['none'] }`, /"none".* is not assignable to type '.*Algorithm/],
]

test('what cannot be meant does not compile, and the message names the member', async () => {
  const head = `
import { profiles, Verifier } from 'countersign'
declare const maybe: string | undefined
const any = { issuer: 'a', audience: 'b' }
const keys = { secret: 'x' }
const profile = profiles.vtex({ account: 'store', audience: 'admin' })
export const all = [any, keys, profile, maybe]
`
  const lines = WRONG.map(([given]) => `new Verifier(${given})`)
  const output = await compile(`${head}${lines.join('\n')}\n`, {}, [])
  const first = head.split('\n').length
  for (const [index, [given, message]] of WRONG.entries()) {
    const ofLine = output
      .split(/^(?=\S*program\.ts\()/m)
      .filter((part) => part.includes(`program.ts(${first + index},`))
    assert.equal(ofLine.length, 1, `${given}\n${output}`)
    assert.match(String(ofLine[0]).replace(/\s+/g, ' '), message, given)
  }
})

test('a key is tagged with its algorithm, whatever its form', async () => {
  const program = `
import { Verifier } from 'countersign'
const any = { issuer: 'a', audience: 'b' }
new Verifier({ ...any, keys: { jwk: { kty: 'EC' }, alg: 'ES256' } })
new Verifier({ ...any, keys: [{ secret: 'x', alg: 'HS256' }, { pem: 'x', alg: 'RS256', kid: '1', issuer: 'a' }] })
`
  assert.equal(await compile(program, {}, []), '')
})

test('a profile is all that a verifier needs where its keys follow from its options', async () => {
  const program = `
import { profiles, Verifier } from 'countersign'
const profile = profiles.auth0({ domain: 'acme.eu.auth0.com', audience: 'api' })
const { claims } = new Verifier(profile).verify('')
const sub: string | undefined = claims.sub
const other: unknown = claims['anything']
export const all = [sub, other, new Verifier({ profile, scope: 'read' })]
new Verifier(profiles.spiffe({ trustDomain: 'acme.example', audience: 'api', bundle: 'https://acme.example/bundle' }))
// @ts-expect-error
new Verifier(profiles.spiffe({ trustDomain: 'acme.example', audience: 'api' }))
// @ts-expect-error
new Verifier({ profile: profiles.shopify({ apiKey: 'key' }) })
// @ts-expect-error
new Verifier(profiles.shopify({ apiKey: 'key' }))
`
  assert.equal(await compile(program, {}, []), '')
})

/** Entries that name no type of Node or of a framework. */
const ENTRIES = ['', '/fetch', '/client', '/slim', '/stores/redis', '/stores/sqlite']

test('the declarations compile under lib es2022, without @types/node', async () => {
  const program = ENTRIES.map((path, index) => `export * as entry${index} from 'countersign${path}'`).join('\n')
  assert.equal(await compile(program, { lib: ['es2022', 'dom'] }, []), '')
})

test('a verifier and a client can be used with `using`, where the lib has Symbol.dispose', async () => {
  const program = `
import { Verifier } from 'countersign'
import type { TokenClient } from 'countersign/client'
declare const client: TokenClient
export async function once(): Promise<string> {
  using verifier = new Verifier({ issuer: null, audience: null, keys: { kty: 'oct', k: 'AA' } })
  using kept = client
  return verifier.tryVerify(await kept.token()).ok ? 'yes' : 'no'
}
// @ts-expect-error it takes nothing
new Verifier({ issuer: null, audience: null, keys: { secret: 'a' } })[Symbol.dispose](1)
`
  assert.equal(await compile(program, {}, []), '')
})
