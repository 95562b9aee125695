// @ts-check
/**
 * Processor time that a guard adds to a request, in the server's own process, beside the guards in use today.
 *
 *     node tests/bench/guards.js [--rounds 11] [--requests 1000] [--warm-up 8] [--only express,fastify,hono] [--json]
 *
 * Every server is a process of its own. Express and Fastify are called over keep-alive connections on loopback, Hono by
 * `app.fetch` in its process. Each server has a turn in every round, in another order each time, after the rounds that warm
 * up: a guard is compiled for its last time after thousands of requests. A figure is the median of the rounds' differences to
 * the same framework without a guard, with their quartiles. "once": each token is sent once. "reused": 16 tokens.
 *
 * "verification alone" is middleware that calls `tryVerify` and nothing else: what is beyond it is the guard's own.
 *
 * @module
 */

import { fork } from 'node:child_process'
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, request as send } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Verifier } from 'countersign'
import { guard as fastifyGuard } from 'countersign/fastify'
import { guard as honoGuard } from 'countersign/hono'
import { guard as nodeGuard } from 'countersign/node'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { figure } from './stats.js'

// They bring no types, or types of another module system.
const untyped = createRequire(import.meta.url)

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://api.example'

/** The name of the middleware that only verifies. */
const ALONE = 'verification alone'

/** @typedef {'HS256' | 'ES256'} Alg */
/** @typedef {{ alg: Alg, secret: string, jwk: import('countersign').Jwk, pem: string, jwksUri: string }} Key */

/** @param {Key} key */
function verifierFor({ alg, secret, jwk }) {
  return new Verifier({ issuer: ISSUER, audience: AUDIENCE, keys: alg === 'HS256' ? { secret, alg } : { jwk } })
}

/** jose, as its documentation shows it. @param {Key} key */
function byHand({ alg, secret, jwksUri }) {
  const key = alg === 'HS256' ? new TextEncoder().encode(secret) : createRemoteJWKSet(new URL(jwksUri))
  return async (/** @type {string | undefined} */ authorization) => {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? ''
    const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: [alg] }
    const { payload } =
      typeof key === 'function' ? await jwtVerify(token, key, options) : await jwtVerify(token, key, options)
    return payload
  }
}

/** What a token of a request says, by `tryVerify` alone. @param {Key} key */
function verification(key) {
  const verifier = verifierFor(key)
  return (/** @type {string | undefined} */ authorization) => {
    const verdict = verifier.tryVerify(authorization?.slice('Bearer '.length))
    if (!verdict.ok) throw verdict
    return verdict
  }
}

/** The guards of each framework: middleware of Express, a registration with Fastify or middleware of Hono. */
const GUARDS = {
  /** @type {Record<string, (key: Key) => any>} */
  express: {
    none: () => (/** @type {any} */ _req, /** @type {any} */ _res, /** @type {() => void} */ next) => next(),
    [ALONE]: (key) => {
      const verify = verification(key)
      return (/** @type {any} */ req, /** @type {any} */ _res, /** @type {() => void} */ next) => {
        req.verified = verify(req.headers.authorization)
        next()
      }
    },
    countersign: (key) => nodeGuard(verifierFor(key)),
    'express-jwt': ({ alg, secret, pem }) =>
      untyped('express-jwt').expressjwt({
        secret: alg === 'HS256' ? secret : pem,
        algorithms: [alg],
        issuer: ISSUER,
        audience: AUDIENCE,
      }),
    'express-oauth2-jwt-bearer': ({ alg, secret, jwksUri }) =>
      untyped('express-oauth2-jwt-bearer').auth({
        issuer: ISSUER,
        audience: AUDIENCE,
        tokenSigningAlg: alg,
        ...(alg === 'HS256' ? { secret } : { jwksUri }),
      }),
    'jose by hand': (key) => {
      const verify = byHand(key)
      return (/** @type {any} */ req, /** @type {any} */ _res, /** @type {(error?: unknown) => void} */ next) => {
        verify(req.headers.authorization).then((claims) => {
          req.claims = claims
          next()
        }, next)
      }
    },
  },
  /** @type {Record<string, (key: Key) => (app: any) => Promise<void>>} */
  fastify: {
    none: () => async () => {},
    [ALONE]: (key) => async (app) => {
      const verify = verification(key)
      app.decorateRequest('verified', null)
      app.addHook(
        'onRequest',
        (/** @type {any} */ request, /** @type {any} */ _reply, /** @type {() => void} */ done) => {
          request.verified = verify(request.headers.authorization)
          done()
        },
      )
    },
    countersign: (key) => async (app) => app.register(fastifyGuard(verifierFor(key))),
    '@fastify/jwt': (key) => fastifyJwt(key, false),
    '@fastify/jwt, cached': (key) => fastifyJwt(key, true),
  },
  /** @type {Record<string, (key: Key) => any>} */
  hono: {
    none: () => (/** @type {any} */ _c, /** @type {() => Promise<void>} */ next) => next(),
    [ALONE]: (key) => {
      const verify = verification(key)
      return async (/** @type {any} */ c, /** @type {() => Promise<void>} */ next) => {
        c.set('verified', verify(c.req.header('Authorization')))
        await next()
      }
    },
    countersign: (key) => honoGuard(verifierFor(key)),
    'hono/jwt': ({ alg, secret, jwk }) =>
      untyped('hono/jwt').jwt({
        secret: alg === 'HS256' ? secret : jwk,
        alg,
        verification: { iss: ISSUER, aud: AUDIENCE },
      }),
  },
}

/** @param {Key} key @param {boolean} cached */
function fastifyJwt({ alg, secret, pem }, cached) {
  return async (/** @type {any} */ app) => {
    await app.register(untyped('@fastify/jwt'), {
      secret: alg === 'HS256' ? secret : { public: pem },
      verify: { algorithms: [alg], allowedIss: ISSUER, allowedAud: AUDIENCE, ...(cached ? { cache: true } : {}) },
    })
    app.addHook('onRequest', (/** @type {any} */ request) => request.jwtVerify())
  }
}

/** @typedef {keyof typeof GUARDS} Framework */

/** Serves until its parent ends it. @param {Framework} framework @param {string} name @param {Key} key */
async function serve(framework, name, key) {
  const make = /** @type {(key: Key) => any} */ (GUARDS[framework][name])
  let port = 0
  /** @type {((tokens: readonly string[]) => Promise<void>) | undefined} */
  let run
  if (framework === 'express') {
    const app = untyped('express')()
    app.get('/', make(key), (/** @type {any} */ _req, /** @type {any} */ res) => res.json({ hello: 'world' }))
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = server.address().port
  } else if (framework === 'fastify') {
    const app = untyped('fastify').fastify()
    await make(key)(app)
    app.get('/', async () => ({ hello: 'world' }))
    await app.listen({ port: 0, host: '127.0.0.1' })
    port = app.server.address().port
  } else {
    const { Hono } = untyped('hono')
    const app = new Hono().get('/', make(key), (/** @type {any} */ c) => c.json({ hello: 'world' }))
    run = async (tokens) => {
      for (const token of tokens) {
        const answer = await app.fetch(
          new Request('http://localhost/', { headers: { authorization: `Bearer ${token}` } }),
        )
        if (answer.status !== 200) throw new Error(`${name} answered ${answer.status}`)
        await answer.text()
      }
    }
  }
  process.on('message', async (/** @type {{ tokens?: string[] }} */ { tokens }) => {
    if (tokens !== undefined) await run?.(tokens)
    const { user, system } = process.cpuUsage()
    process.send?.({ cpu: user + system })
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ port })
}

/** The same in a random order. @template T @param {readonly T[]} all @returns {T[]} */
function shuffled(all) {
  const order = all.map((one) => ({ one, at: Math.random() }))
  return order.sort((a, b) => a.at - b.at).map(({ one }) => one)
}

/** @param {Framework} framework @param {string} name @param {Key} key */
async function start(framework, name, key) {
  const child = fork(fileURLToPath(import.meta.url), ['--serve', JSON.stringify([framework, name, key])])
  const [{ port }] = /** @type {[{ port: number }]} */ (await once(child, 'message'))
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const ask = async (/** @type {object} */ message) => {
    child.send(message)
    return /** @type {{ cpu: number }} */ ((await once(child, 'message'))[0]).cpu
  }
  return {
    name,
    /** Processor time of one request, in microseconds. @param {readonly string[]} tokens */
    async measure(tokens) {
      const before = await ask({})
      if (framework === 'hono') return ((await ask({ tokens })) - before) / tokens.length
      let next = 0
      const worker = async () => {
        for (let token = tokens[next++]; token !== undefined; token = tokens[next++]) {
          const status = await get(port, agent, token)
          if (status !== 200) throw new Error(`${framework}, ${name} answered ${status}`)
        }
      }
      await Promise.all(Array.from({ length: 8 }, worker))
      return ((await ask({})) - before) / tokens.length
    },
    async stop() {
      agent.destroy()
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** @param {number} port @param {Agent} agent @param {string} token @returns {Promise<number | undefined>} */
function get(port, agent, token) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    send({ host: '127.0.0.1', port, agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
      .on('error', reject)
      .end()
  })
}

/** Signs tokens that differ in `jti`. */
function signer(
  /** @type {Alg} */ alg,
  /** @type {string} */ secret,
  /** @type {import('node:crypto').KeyObject} */ key,
) {
  const encode = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const header = encode({ alg, typ: 'JWT', kid: 'k' })
  const times = { iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 7200 }
  const common = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', scope: 'orders.read orders.write', ...times }
  return () => {
    const input = `${header}.${encode({ ...common, jti: randomUUID() })}`
    const signature =
      alg === 'HS256'
        ? createHmac('sha256', secret).update(input).digest()
        : sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }
}

/**
 * @typedef {{ framework: string, alg: Alg, tokens: 'once' | 'reused', name: string, added: import('./stats.js').Figure }} Row
 *
 * @param {{ rounds: number, requests: number, warmUp: number, frameworks: readonly Framework[] }} options
 * @returns {Promise<Row[]>}
 */
export async function benchGuards({ rounds, requests, warmUp, frameworks }) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const secret = 'a secret of the benchmark, and of nothing else'
  const jwk = { .../** @type {object} */ (publicKey.export({ format: 'jwk' })), kid: 'k', alg: 'ES256', use: 'sig' }
  const jwks = createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ keys: [jwk] }))
  }).listen(0, '127.0.0.1')
  await once(jwks, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (jwks.address())
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const results = []
  try {
    for (const framework of frameworks) {
      for (const alg of /** @type {const} */ (['HS256', 'ES256'])) {
        const key = { alg, secret, jwk, pem, jwksUri: `http://127.0.0.1:${port}/` }
        const mint = signer(alg, secret, privateKey)
        const servers = []
        for (const name of Object.keys(GUARDS[framework])) servers.push(await start(framework, name, key))
        const few = Array.from({ length: 16 }, mint)
        const sets = {
          once: () => Array.from({ length: requests }, mint),
          reused: () => Array.from({ length: requests }, (_, index) => few[index % few.length] ?? ''),
        }
        for (const [tokens, make] of /** @type {const} */ ([
          ['once', sets.once],
          ['reused', sets.reused],
        ])) {
          const times = new Map(servers.map(({ name }) => [name, /** @type {number[]} */ ([])]))
          for (let round = -warmUp; round < rounds; round += 1) {
            for (const server of shuffled(servers)) {
              const time = await server.measure(make())
              if (round >= 0) times.get(server.name)?.push(time)
            }
          }
          const bare = times.get('none') ?? []
          for (const [name, all] of times) {
            const added = figure(all.map((time, round) => time - Number(bare[round])))
            if (name !== 'none') results.push({ framework, alg, tokens, name, added })
          }
        }
        await Promise.all(servers.map((server) => server.stop()))
      }
    }
  } finally {
    jwks.closeAllConnections()
    jwks.close()
  }
  return results
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      serve: { type: 'string' },
      rounds: { type: 'string', default: '11' },
      requests: { type: 'string', default: '1000' },
      'warm-up': { type: 'string', default: '8' },
      only: { type: 'string', default: 'express,fastify,hono' },
      json: { type: 'boolean', default: false },
    },
  })
  if (values.serve !== undefined) {
    const [framework, name, key] = JSON.parse(values.serve)
    await serve(framework, name, key)
  } else {
    const frameworks = /** @type {Framework[]} */ (values.only.split(','))
    const [rounds = 0, requests = 0, warmUp = 0] = [values.rounds, values.requests, values['warm-up']].map(Number)
    const results = await benchGuards({ rounds, requests, warmUp, frameworks })
    if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`)
    else {
      process.stdout.write('µs of processor time that a guard adds to a request, and the quartiles of the rounds\n\n')
      for (const { framework, alg, tokens, name, added } of results) {
        const label = `${framework}, ${alg}, ${tokens}`.padEnd(24)
        const spread = `${added.low.toFixed(1)} to ${added.high.toFixed(1)}`
        process.stdout.write(
          `${label} ${name.padEnd(28)} ${added.median.toFixed(1).padStart(7)}  ${spread.padStart(16)}\n`,
        )
      }
    }
  }
}
