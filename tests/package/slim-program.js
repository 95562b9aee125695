// @ts-check
/**
 * A process of its own for `countersign/slim`: `node slim-program.js MODULE` makes the core ready from that module of
 * the package, verifies by every algorithm and obeys the vectors on its standard input. It prints what it found, as JSON.
 *
 * @module
 */

import { constants, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import * as countersign from 'countersign/slim'
import { verdicts } from './runtimes/verdicts.js'

/** As many uses of a key as build its table, and some with it. */
const USES = 40

const { resolve } = createRequire(import.meta.url)
const bytes = (/** @type {string} */ name) => readFileSync(resolve(`countersign/${name}`))
countersign.initSync(bytes(String(process.argv[2])))

/**
 * The verdicts on what a key signs, and on the same with one bit of the signature changed.
 *
 * @param {import('countersign').Algorithm} alg
 * @param {any} keys
 * @param {(input: Buffer) => Buffer} signed
 */
function tried(alg, keys, signed) {
  const options = { issuer: null, audience: null, algorithms: [alg], keys }
  const verifier = new countersign.Verifier({ ...options, cache: false, arithmetic: 'wasm' })
  const counts = { accepted: 0, refused: 0 }
  for (let use = 0; use < USES; use += 1) {
    const [header, payload] = [{ alg }, { jti: String(use), exp: 2_000_000_000 }].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    const signature = signed(Buffer.from(`${header}.${payload}`))
    const good = `${header}.${payload}.${signature.toString('base64url')}`
    const place = use % signature.length
    signature.writeUInt8(signature.readUInt8(place) ^ (1 << (use % 8)), place)
    const bad = `${header}.${payload}.${signature.toString('base64url')}`
    if (verifier.tryVerify(good, { now: 1_700_000_000 }).ok) counts.accepted += 1
    const verdict = verifier.tryVerify(bad, { now: 1_700_000_000 })
    if (!verdict.ok && verdict.code === 'signature_invalid') counts.refused += 1
  }
  return [alg, counts]
}

function hmac() {
  const secret = randomBytes(64)
  return ['256', '384', '512'].map((bits) =>
    tried(/** @type {any} */ (`HS${bits}`), { secret: new Uint8Array(secret) }, (input) =>
      createHmac(`sha${bits}`, secret).update(input).digest(),
    ),
  )
}

function rsa() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = publicKey.export({ format: 'jwk' })
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  return ['256', '384', '512'].flatMap((bits) => [
    tried(/** @type {any} */ (`RS${bits}`), jwk, (input) => sign(`sha${bits}`, input, privateKey)),
    tried(/** @type {any} */ (`PS${bits}`), jwk, (input) => sign(`sha${bits}`, input, { key: privateKey, ...pss })),
  ])
}

/** @param {string} alg @param {string} namedCurve @param {string} hash */
function ecdsa(alg, namedCurve, hash) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve })
  return tried(/** @type {any} */ (alg), publicKey.export({ format: 'jwk' }), (input) =>
    sign(hash, input, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  )
}

/** @param {import('countersign').Algorithm} alg */
function ed25519(alg) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return tried(alg, publicKey.export({ format: 'jwk' }), (input) => sign(null, input, privateKey))
}

const algorithms = [
  ...hmac(),
  ...rsa(),
  ecdsa('ES256', 'P-256', 'sha256'),
  ecdsa('ES384', 'P-384', 'sha384'),
  ecdsa('ES512', 'P-521', 'sha512'),
  ecdsa('ES256K', 'secp256k1', 'sha256'),
  ed25519('EdDSA'),
  ed25519('Ed25519'),
]
const compilesSimd = WebAssembly.validate(bytes('countersign.wasm'))
const vectors = JSON.parse(await text(process.stdin))
const found = { compilesSimd, algorithms, uses: USES, ...verdicts(countersign, vectors) }
process.stdout.write(JSON.stringify(found))
