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
