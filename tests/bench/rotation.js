// @ts-check
/**
 * Requests to an issuer's key endpoint: countersign beside peers, when there is no set yet, when tokens name unknown
 * keys and when the endpoint is down. And what a remote set costs `verify()`, beside the same set given.
 *
 * `npm run bench -- rotation`, or `node tests/bench/rotation.js`: prints tables, and the same as JSON with `--json`.
 *
 * @module
 */

import { JwtVerifier } from 'aws-jwt-verify'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'
import { remoteKeys, Verifier } from 'countersign'
import { startSandbox } from 'countersign/sandbox'
import { createVerifier } from 'fast-jwt'
import buildGetJwks from 'get-jwks'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import jwksRsa from 'jwks-rsa'

/**
 * @typedef {import('countersign/sandbox').IssuerSandbox} Issuer
 * @typedef {(token: string) => Promise<unknown>} Verify
 */

const AUDIENCE = 'https://api.example'

/** In the outages, so that a set grows old while the benchmark waits. */
const MAX_AGE_MS = 1000
const COOLDOWN_MS = 1000

/**
 * Verifies with the PEM text that `find` brings for a `kid`. @param {Issuer} issuer @param {(kid: string) =>
 * Promise<string>} find @returns {Verify}
 */
function withPem(issuer, find) {
  const verify = createVerifier({
    key: async (/** @type {any} */ { header }) => find(header.kid),
    allowedIss: issuer.issuer,
    allowedAud: AUDIENCE,
    cache: false,
  })
  return async (token) => verify(token)
}

/**
 * Each with its defaults; with `isAging`, the two durations above where it has such an option.
 *
 * @type {Record<string, (issuer: Issuer, isAging: boolean) => Verify>}
 */
const PEERS = {
  countersign(issuer, isAging) {
    const keys = remoteKeys(
      issuer.jwksUri,
      isAging ? { maxAgeSeconds: MAX_AGE_MS / 1000, cooldownSeconds: COOLDOWN_MS / 1000 } : {},
    )
    const verifier = new Verifier({ issuer: issuer.issuer, audience: AUDIENCE, keys })
    return (token) => verifier.verifyAsync(token)
  },
  jose(issuer, isAging) {
    const set = createRemoteJWKSet(
      new URL(issuer.jwksUri),
      isAging ? { cacheMaxAge: MAX_AGE_MS, cooldownDuration: COOLDOWN_MS } : {},
    )
    return (token) => jwtVerify(token, set, { issuer: issuer.issuer, audience: AUDIENCE })
  },
  'jwks-rsa and fast-jwt'(issuer, isAging) {
    const client = jwksRsa({ jwksUri: issuer.jwksUri, ...(isAging && { cacheMaxAge: MAX_AGE_MS }) })
    return withPem(issuer, async (kid) => (await client.getSigningKey(kid)).getPublicKey())
  },
  'jwks-rsa with cacheMaxAgeFallback'(issuer, isAging) {
    const options = {
      jwksUri: issuer.jwksUri,
      cacheMaxAgeFallback: 86_400_000,
      ...(isAging && { cacheMaxAge: MAX_AGE_MS }),
    }
    const client = jwksRsa(options)
    return withPem(issuer, async (kid) => (await client.getSigningKey(kid)).getPublicKey())
  },
  'get-jwks and fast-jwt'(issuer, isAging) {
    const getJwks = buildGetJwks({ jwksPath: new URL(issuer.jwksUri).pathname, ...(isAging && { ttl: MAX_AGE_MS }) })
    const domain = new URL(issuer.jwksUri).origin
    return withPem(issuer, (kid) => getJwks.getPublicKey({ kid, alg: 'RS256', domain }))
  },
  'aws-jwt-verify'(issuer) {
    // Its own fetcher speaks https alone.
    const fetcher = {
      fetch: async (/** @type {string} */ uri) => {
        const response = await fetch(uri)
        if (response.status !== 200) throw new Error(`status ${response.status}`)
        return await response.arrayBuffer()
      },
    }
    const jwksCache = new SimpleJwksCache({ fetcher })
    const verifier = JwtVerifier.create(
      { issuer: issuer.issuer, audience: AUDIENCE, jwksUri: issuer.jwksUri },
      { jwksCache },
    )
    return (token) => verifier.verify(token)
  },
}

/** @param {readonly Promise<unknown>[]} verdicts */
async function verified(verdicts) {
  const settled = await Promise.allSettled(verdicts)
  return settled.filter(({ status }) => status === 'fulfilled').length
}

/** One after the other. @param {Verify} verify @param {readonly string[]} tokens */
async function inTurn(verify, tokens) {
  let count = 0
  for (const token of tokens) count += await verified([verify(token)])
  return count
}

/** @param {number} number @param {(index: number) => string} make */
const tokens = (number, make) => Array.from({ length: number }, (_, index) => make(index))

/**
 * What happens: how many tokens are verified. Of one that needs a set in hand first, the requests for it do not count.
 *
 * @type {Record<string, (make: (isAging: boolean) => Verify, issuer: Issuer, counts: () => void) => Promise<number>>}
 */
const SCENARIOS = {
  'cold, 100 tokens at once': (make, issuer) => {
    const verify = make(false)
    return verified(tokens(100, () => issuer.mint()).map(verify))
  },
  '100 unknown kids': async (make, issuer, counts) => {
    const verify = make(false)
    await verify(issuer.mint())
    counts()
    return await inTurn(
      verify,
      tokens(100, (index) => issuer.mint({ header: { kid: `strange-${index}` } })),
    )
  },
  'down while empty, 50 tokens': (make, issuer) => {
    issuer.fail()
    return inTurn(
      make(false),
      tokens(50, () => issuer.mint()),
    )
  },
  'down while stale, 50 tokens': async (make, issuer, counts) => {
    const verify = make(true)
    await verify(issuer.mint())
    counts()
    issuer.fail()
    await new Promise((resolve) => setTimeout(resolve, MAX_AGE_MS + 200))
    return await inTurn(
      verify,
      tokens(50, () => issuer.mint()),
    )
  },
}

/** Every scenario for every peer, each with an issuer of its own. */
export async function requests() {
  const sandbox = await startSandbox()
  /** @type {Record<string, Record<string, { verified: number, requests: number }>>} */
  const found = {}
  try {
    for (const [peer, make] of Object.entries(PEERS)) {
      const row = (found[peer] = /** @type {Record<string, { verified: number, requests: number }>} */ ({}))
      for (const [name, run] of Object.entries(SCENARIOS)) {
        const issuer = sandbox.issuer()
        let before = 0
        const verified = await run(
          (isAging) => make(issuer, isAging),
          issuer,
          () => (before = issuer.requests),
        )
        // Requests in the background have left, but may not have arrived.
        await new Promise((resolve) => setTimeout(resolve, 300))
        row[name] = { verified, requests: issuer.requests - before }
      }
    }
  } finally {
    await sandbox.close()
  }
  return found
}

/** @param {readonly number[]} values */
const median = (values) => Number([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)])

/**
 * What `verify()` costs with a remote set in hand, and `verifyAsync()`, beside `verify()` with the same set given: in
 * turn, in many short rounds, with nothing remembered.
 *
 * @param {number} rounds
 */
export async function costs(rounds) {
  const sandbox = await startSandbox()
  try {
    const issuer = sandbox.issuer({ algorithms: ['ES256'] })
    const source = remoteKeys(issuer.jwksUri)
    await source.ready()
    const policy = { issuer: issuer.issuer, audience: AUDIENCE, cache: /** @type {const} */ (false) }
    const [fixed, remote] = [issuer.jwks, source].map((keys) => new Verifier({ ...policy, keys }))
    if (fixed === undefined || remote === undefined) throw new Error('two verifiers')
    const all = tokens(64, () => issuer.mint())
    const ways = {
      fixed: () => {
        for (const token of all) fixed.verify(token)
      },
      remote: () => {
        for (const token of all) remote.verify(token)
      },
      fixedAsync: async () => {
        for (const token of all) await fixed.verifyAsync(token)
      },
      remoteAsync: async () => {
        for (const token of all) await remote.verifyAsync(token)
      },
    }
    /** @type {Record<keyof typeof ways, number[]>} */
    const times = { fixed: [], remote: [], fixedAsync: [], remoteAsync: [] }
    const names = /** @type {(keyof typeof ways)[]} */ (Object.keys(ways))
    for (let round = -3; round < rounds; round += 1) {
      const order = round % 2 === 0 ? names : [...names].reverse()
      for (const name of order) {
        const start = performance.now()
        await ways[name]()
        if (round >= 0) times[name].push(((performance.now() - start) * 1000) / all.length)
      }
    }
    const microseconds = Object.fromEntries(names.map((name) => [name, median(times[name])]))
    const ratio = median(times.remote.map((time, round) => time / Number(times.fixed[round])))
    const extra = median(times.remoteAsync.map((time, round) => time - Number(times.remote[round])))
    return { microseconds, ratio, extra }
  } finally {
    await sandbox.close()
  }
}

/** @param {Awaited<ReturnType<typeof requests>>} found @returns A table in Markdown. */
export function table(found) {
  const names = Object.keys(SCENARIOS)
  const rows = Object.entries(found).map(([peer, row]) => {
    const cells = names.map((name) => `${row[name]?.verified} / ${row[name]?.requests}`)
    return `| ${[peer, ...cells].join(' | ')} |`
  })
  return [
    `| tokens verified / requests | ${names.join(' | ')} |`,
    `|${' --- |'.repeat(names.length + 1)}`,
    ...rows,
  ].join('\n')
}

if (
  process.argv[1] !== undefined &&
  import.meta.url.endsWith('/rotation.js') &&
  process.argv[1].endsWith('rotation.js')
) {
  const found = { requests: await requests(), costs: await costs(200) }
  if (process.argv.includes('--json')) console.log(JSON.stringify(found, undefined, 1))
  else {
    const { microseconds, ratio, extra } = found.costs
    console.log(table(found.requests))
    console.log(`\nverify(), ES256, nothing remembered: ${microseconds.fixed?.toFixed(1)} µs with a set given,`)
    console.log(`${microseconds.remote?.toFixed(1)} µs with the remote set in hand: ${ratio.toFixed(3)} times.`)
    console.log(`verifyAsync() takes ${extra.toFixed(2)} µs more.`)
  }
}
