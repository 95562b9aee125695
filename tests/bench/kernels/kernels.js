// @ts-check
/**
 * Builds the kernels for Wasm and times them against OpenSSL in the same process, or, with
 * `--test`, runs their tests there. `--scalar` builds without SIMD; `--only=NAME` leaves out what is not so called, and
 * `KERNEL_CASES=few` in the environment compares a tenth of the usual random cases, `KERNEL_CASES=million` a million: minutes
 * each, but half an hour for the sums of P-521 (`test_p521_g`), and hours for signing with P-384 and P-521 (`_a`).
 *
 * Times are medians of interleaved rounds, in microseconds; only the ratios mean much on a machine
 * that does other things as well. "First": the first verification with a key that was never used, without its import and with
 * it. The import is from coordinates that are decoded here, and from a JWK in OpenSSL; both check that the point is on the
 * curve.
 */

import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const isTest = process.argv.includes('--test')
const isScalar = process.argv.includes('--scalar')
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice(7)
const ROUNDS = 15
/** The new keys of a round, on either side. */
const NEW_KEYS = 40

/** @type {any} The exports of the test build, whatever they are. */
const core = new WebAssembly.Instance(new WebAssembly.Module(build()), {}).exports
if (isTest) test()
else bench()

/** @returns The module's bytes, optimised if `binaryen` is installed. */
function build() {
  const target = process.env['CARGO_TARGET_DIR'] ?? join(here, 'target')
  // Each test file takes the whole tree of kernels, and uses one of them.
  const flags = `${isTest ? '-A dead_code' : ''} ${isScalar ? '' : '-C target-feature=+simd128'}`
  const features = isTest ? ['--features', 'oracles'] : []
  execFileSync('cargo', ['build', '-q', '--release', '--target', 'wasm32-unknown-unknown', ...features], {
    cwd: here,
    stdio: 'inherit',
    env: { ...process.env, RUSTFLAGS: flags, CARGO_TARGET_DIR: target },
  })
  const built = join(target, 'wasm32-unknown-unknown/release/countersign_kernels.wasm')
  const optimiser = process.env['WASM_OPT'] ?? resolve('binaryen/bin/wasm-opt')
  if (optimiser === undefined || !existsSync(optimiser)) return readFileSync(built)
  const optimised = join(mkdtempSync(join(tmpdir(), 'kernels-')), 'kernels.wasm')
  const simd = isScalar ? [] : ['--enable-simd']
  const options = ['-O3', '--enable-bulk-memory', '--enable-sign-ext', '--enable-mutable-globals']
  execFileSync(process.execPath, [
    optimiser,
    built,
    '-o',
    optimised,
    ...options,
    '--enable-nontrapping-float-to-int',
    ...simd,
  ])
  return readFileSync(optimised)
}

/** @param {string} name */
function resolve(name) {
  try {
    return createRequire(import.meta.url).resolve(name)
  } catch {
    return undefined
  }
}

function test() {
  for (const [name, run] of Object.entries(core)) {
    if (!name.startsWith('test_') || (only !== undefined && !name.includes(only))) continue
    const start = performance.now()
    run()
    console.log(`ok ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  }
}

/** @param {Uint8Array[]} parts */
function write(...parts) {
  const bytes = Buffer.concat(parts)
  const at = core.input(bytes.length)
  new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes)
}

/**
 * @param {string} name
 * @param {number} kind
 * @param {string} curve
 * @param {string} hash
 */
function ecdsa(name, kind, curve, hash) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: curve })
  const { x, y } = publicKey.export({ format: 'jwk' })
  const message = Buffer.alloc(32, 7)
  const signature = crypto.sign(hash, message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const prehash = crypto.createHash(hash).update(message).digest()
  const point = [Buffer.from(String(x), 'base64url'), Buffer.from(String(y), 'base64url')]
  const length = point[0]?.length ?? 0
  write(...point)
  const key = core.key(kind, length)
  const verify = (/** @type {crypto.KeyObject} */ publicKey) =>
    crypto.verify(hash, message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
  return {
    name,
    start: () => write(prehash, signature),
    ours: (/** @type {number} */ times) => core.verify(key, prehash.length, times),
    limit: () => verify(publicKey),
    first: {
      ready: () => write(...point),
      import: () => core.key(kind, length),
      verify: (/** @type {number} */ number) => core.verify(number, prehash.length, 1),
      theirs: { jwk: publicKey.export({ format: 'jwk' }), verify },
    },
  }
}

/** @param {number} bits */
function rsa(bits) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: bits })
  const { n, e } = publicKey.export({ format: 'jwk' })
  const message = Buffer.alloc(32, 7)
  const signature = crypto.sign('sha256', message, privateKey)
  const hash = crypto.createHash('sha256').update(message).digest()
  const modulus = Buffer.from(String(n), 'base64url')
  write(modulus, Buffer.from(String(e), 'base64url'))
  const key = core.key(4, modulus.length)
  return {
    name: `RSA-${bits}`,
    start: () => write(hash, signature),
    ours: (/** @type {number} */ times) => core.verify(key, hash.length, times),
    limit: () => crypto.verify('sha256', message, publicKey, signature),
    first: undefined,
  }
}

function ed25519() {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519')
  const x = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url')
  const message = Buffer.alloc(300, 7)
  const signature = crypto.sign(null, message, privateKey)
  write(x)
  const key = core.key(5, x.length)
  const verify = (/** @type {crypto.KeyObject} */ publicKey) => crypto.verify(null, message, publicKey, signature)
  return {
    name: 'Ed25519',
    start: () => write(message, signature),
    ours: (/** @type {number} */ times) => core.verify(key, message.length, times),
    limit: () => verify(publicKey),
    first: {
      ready: () => write(x),
      import: () => core.key(5, x.length),
      verify: (/** @type {number} */ number) => core.verify(number, message.length, 1),
      theirs: { jwk: publicKey.export({ format: 'jwk' }), verify },
    },
  }
}

/** @param {number[]} numbers */
function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
}

/** @param {number[]} numbers */
function spread(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return `${sorted[numbers.length >> 2]?.toFixed(2)}–${sorted[(numbers.length * 3) >> 2]?.toFixed(2)}`
}

/**
 * @param {() => unknown} run
 * @returns The processor's time, which other processes do not add to.
 */
function microseconds(run) {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  return user + system
}

function bench() {
  const kernels = [
    ecdsa('P-256', 0, 'P-256', 'sha256'),
    ecdsa('P-384', 1, 'P-384', 'sha384'),
    ecdsa('P-521', 2, 'P-521', 'sha512'),
    ecdsa('secp256k1', 3, 'secp256k1', 'sha256'),
    ed25519(),
    rsa(2048),
    rsa(3072),
    rsa(4096),
  ]
  for (const { name, start, ours, limit, first } of kernels) {
    if (only !== undefined && !name.includes(only)) continue
    start()
    if (!ours(300)) throw new Error(`${name} refused a good signature`)
    const times = { ours: [0], limit: [0] }
    /** @type {ReturnType<typeof firstUse>[]} */
    const firsts = []
    const count = Math.ceil((20_000 / microseconds(() => ours(100))) * 100)
    for (let round = 0; round < ROUNDS; round += 1) {
      times.ours[round] = microseconds(() => ours(count)) / count
      const repeats = Math.ceil(count / 3)
      times.limit[round] =
        microseconds(() => {
          for (let i = 0; i < repeats; i += 1) limit()
        }) / repeats
      if (first !== undefined) firsts.push(firstUse(first, start))
    }
    const ratios = times.ours.map((time, round) => (times.limit[round] ?? 0) / time)
    console.log(
      name.padEnd(10),
      `ours ${median(times.ours).toFixed(1)}`.padEnd(12),
      `OpenSSL ${median(times.limit).toFixed(1)}`.padEnd(15),
      `ratio ${median(ratios).toFixed(2)} (${spread(ratios)})`.padEnd(24),
      firsts.length === 0 ? '' : firstWords(firsts),
    )
  }
}

/** @param {ReturnType<typeof firstUse>[]} rounds */
function firstWords(rounds) {
  const of = (/** @type {(round: ReturnType<typeof firstUse>) => number} */ read) => median(rounds.map(read))
  const alone = of(({ ours, theirs }) => theirs.first / ours.first)
  const both = of(({ ours, theirs }) => (theirs.import + theirs.first) / (ours.import + ours.first))
  const [our, their] = [of(({ ours }) => ours.first), of(({ theirs }) => theirs.first)]
  const [ourImport, theirImport] = [of(({ ours }) => ours.import), of(({ theirs }) => theirs.import)]
  return `first ${alone.toFixed(2)}, with import ${both.toFixed(2)} (ours ${our.toFixed(1)} + ${ourImport.toFixed(1)}, OpenSSL ${their.toFixed(1)} + ${theirImport.toFixed(1)})`
}

/**
 * The import and the first use of new keys, per key.
 *
 * @param {{ ready: () => void, import: () => number, verify: (number: number) => unknown, theirs: { jwk: crypto.JsonWebKey, verify: (key: crypto.KeyObject) => boolean } }} sides
 * @param {() => void} start Lays out the signature.
 */
function firstUse({ ready, theirs, ...ours }, start) {
  /** @type {number[]} */
  const numbers = []
  /** @type {crypto.KeyObject[]} */
  const keys = []
  const each = (/** @type {() => void} */ run) => microseconds(run) / NEW_KEYS
  const all = (/** @type {unknown[]} */ outcomes) => {
    if (!outcomes.every(Boolean)) throw new Error('A good signature was refused.')
  }
  ready()
  const imported = each(() => {
    for (let i = 0; i < NEW_KEYS; i += 1) numbers.push(ours.import())
  })
  start()
  const first = each(() => all(numbers.map((number) => ours.verify(number))))
  const theirImport = each(() => {
    for (let i = 0; i < NEW_KEYS; i += 1) keys.push(crypto.createPublicKey({ key: theirs.jwk, format: 'jwk' }))
  })
  const theirFirst = each(() => all(keys.map((key) => theirs.verify(key))))
  return { ours: { import: imported, first }, theirs: { import: theirImport, first: theirFirst } }
}
