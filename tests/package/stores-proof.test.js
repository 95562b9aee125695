// @ts-check
/** One DPoP proof, sent at once to several processes that share a store, is accepted once. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { REDIS, startRedis, unless } from './stores/servers.js'

const PROVER = fileURLToPath(new URL('stores/prover.js', import.meta.url))
const URL_OF_REQUEST = 'https://api.example/orders/7'

test('50 sends of one proof over 3 processes and Redis', {
  ...unless(REDIS, 'apt-get install redis-server'),
}, async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  const token = await new SignJWT({ cnf: { jkt: await calculateJwkThumbprint(jwk) } })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('10m')
    .sign(new TextEncoder().encode('a secret of thirty-two octets!!!'))
  const ath = createHash('sha256').update(token).digest('base64url')
  const proof = await new SignJWT({ jti: randomUUID(), htm: 'GET', htu: URL_OF_REQUEST, ath })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .setIssuedAt()
    .sign(privateKey)
  const server = await startRedis(undefined)
  const children = [17, 17, 16].map((times) =>
    spawn(process.execPath, [PROVER, String(server.port), token, proof, URL_OF_REQUEST, String(times)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  )
  try {
    const lines = children.map((child) => createInterface(child.stdout)[Symbol.asyncIterator]())
    await Promise.all(lines.map((line) => line.next()))
    for (const child of children) child.stdin.write('go\n')
    const found = await Promise.all(lines.map(async (line) => JSON.parse(String((await line.next()).value))))
    assert.equal(
      found.reduce((total, { accepted }) => total + accepted, 0),
      1,
    )
    assert.deepEqual([...new Set(found.flatMap(({ codes }) => codes))], ['proof_replayed'])
  } finally {
    for (const child of children) child.kill()
    await server.stop()
  }
})
