// @ts-check
/**
 * The guarded server of these tests, in each framework, over real HTTP.
 *
 * @module
 */

import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { guard as fastifyGuard } from 'countersign/fastify'
import { guard as honoGuard } from 'countersign/hono'
import { guard as nodeGuard } from 'countersign/node'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { app } from './fetch-app.js'
import { broken, COMMON, orders } from './policy.js'

// These three bring no types.
const untyped = createRequire(import.meta.url)
const connect = untyped('connect')
const express = untyped('express')
const express4 = untyped('express4')

/** @typedef {{ origin: string, close: () => Promise<void> }} Server */

/**
 * @param {import('node:http').RequestListener} listener
 * @returns {Promise<Server>}
 */
export async function listen(listener) {
  const server = createServer(listener)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const close = () =>
    new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return { origin: `http://127.0.0.1:${port}`, close }
}

/**
 * What a server of Request and Response is in Node: header lines that repeat are appended.
 *
 * @param {(request: Request) => Response | Promise<Response>} handler
 * @returns {import('node:http').RequestListener}
 */
export function bridge(handler) {
  return async (incoming, outgoing) => {
    const headers = new Headers()
    for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
      headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '')
    }
    const { method = 'GET' } = incoming
    const body = method === 'POST' ? { body: Readable.toWeb(incoming), duplex: 'half' } : {}
    const init = /** @type {RequestInit} */ ({ method, headers, ...body })
    const response = await handler(new Request(`http://${incoming.headers.host}${incoming.url}`, init))
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    if (response.body === null) outgoing.end()
    else await pipeline(Readable.fromWeb(/** @type {never} */ (response.body)), outgoing)
  }
}

/** The two Expresses differ in what a query string is parsed into, and in how a route is written. @param {any} make */
function withExpress(make) {
  const server = make()
  server.set('env', 'test')
  const verifier = orders()
  const expected = (/** @type {any} */ request) => ({ bind: { order_id: request.params.id } })
  const byQuery = (/** @type {any} */ request) => ({ bind: { order_id: request.query.order_id } })
  const sub = (/** @type {any} */ request, /** @type {any} */ response) =>
    response.json({ sub: request.verified?.claims.sub ?? null })
  server.all('/orders/:id', nodeGuard(verifier, { ...COMMON, expected }))
  server.post('/orders/:id', (/** @type {any} */ request, /** @type {any} */ response) => request.pipe(response))
  server.get('/orders/:id', sub)
  server.get('/by-query', nodeGuard(verifier, { ...COMMON, expected: byQuery }), sub)
  server.get('/maybe', nodeGuard(verifier, { ...COMMON, credentials: 'optional' }), sub)
  server.get('/mistaken', nodeGuard(verifier, { ...COMMON, expected: broken }), sub)
  server.use(internalError)
  return listen(server)
}

/** @param {any} request */
function idOf(request) {
  const url = new URL(request.originalUrl ?? request.url, 'http://localhost')
  if (url.pathname !== '/by-query') return url.pathname.split('/')[2]
  const ids = url.searchParams.getAll('order_id')
  return ids.length === 1 ? ids[0] : null
}

function guards() {
  const verifier = orders()
  const expected = (/** @type {any} */ request) => ({ bind: { order_id: idOf(request) } })
  return {
    bound: nodeGuard(verifier, { ...COMMON, expected }),
    maybe: nodeGuard(verifier, { ...COMMON, credentials: 'optional' }),
    mistaken: nodeGuard(verifier, { ...COMMON, expected: broken }),
  }
}

/** @type {(request: any, response: import('node:http').ServerResponse) => void} */
function answerSub(request, response) {
  if (request.method === 'POST') return request.pipe(response)
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ sub: request.verified?.claims.sub ?? null }))
}

/** @type {(error: unknown, request: unknown, response: import('node:http').ServerResponse, next: unknown) => void} */
function internalError(_error, _request, response, _next) {
  response.statusCode = 500
  response.end()
}

/** @type {Record<string, () => Promise<Server>>} */
export const SERVERS = {
  'Express 5': () => withExpress(express),
  'Express 4': () => withExpress(express4),
  Connect: () => {
    const { bound, maybe, mistaken } = guards()
    const server = connect()
    server.use('/maybe', maybe)
    server.use('/mistaken', mistaken)
    server.use('/by-query', bound)
    server.use('/orders', bound)
    server.use(answerSub)
    server.use(internalError)
    return listen(server)
  },
  'node:http': () => {
    const { bound, maybe, mistaken } = guards()
    return listen((request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://localhost')
      const guard = pathname === '/maybe' ? maybe : pathname === '/mistaken' ? mistaken : bound
      guard(request, response, () => answerSub(request, response))
    })
  },
  Hono: () => {
    const server = /** @type {Hono<{ Variables: { verified: import('countersign').Verified } }>} */ (new Hono())
    const verifier = orders()
    server.use(
      '/orders/:id',
      honoGuard(verifier, {
        ...COMMON,
        expected: (request) => ({ bind: { order_id: request.param('id') } }),
      }),
    )
    server.post('/orders/:id', (c) => new Response(c.req.raw.body))
    server.get('/orders/:id', (c) => c.json({ sub: c.var.verified.claims.sub }))
    const byQuery = honoGuard(verifier, {
      ...COMMON,
      expected: (request) => ({
        bind: { order_id: request.queries('order_id')?.length === 1 ? request.query('order_id') : null },
      }),
    })
    server.get('/by-query', byQuery, (c) => c.json({ sub: c.var.verified.claims.sub }))
    server.get('/maybe', honoGuard(verifier, { ...COMMON, credentials: 'optional' }), (c) =>
      c.json({ sub: c.var.verified?.claims.sub ?? null }),
    )
    server.get('/mistaken', honoGuard(verifier, { ...COMMON, expected: broken }), (c) => c.json({}))
    server.onError((_error, c) => c.body(null, 500))
    return listen(bridge((request) => server.fetch(request)))
  },
  Fastify: async () => {
    const server = fastify()
    const verifier = orders()
    server.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    const scope = (
      /** @type {any} */ options,
      /** @type {(scope: import('fastify').FastifyInstance) => void} */ routes,
    ) =>
      server.register(async (instance) => {
        instance.register(fastifyGuard(verifier, { ...COMMON, ...options }))
        routes(instance)
      })
    const sub = async (/** @type {import('fastify').FastifyRequest} */ request) => ({
      sub: request.verified?.claims.sub ?? null,
    })
    const echo = async (/** @type {import('fastify').FastifyRequest} */ request) => {
      let text = ''
      for await (const chunk of /** @type {AsyncIterable<Buffer>} */ (request.body)) text += chunk
      return text
    }
    scope({ expected: (/** @type {any} */ request) => ({ bind: { order_id: request.params.id } }) }, (instance) => {
      instance.get('/orders/:id', sub)
      instance.post('/orders/:id', echo)
      instance.options('/orders/:id', sub)
    })
    scope(
      { expected: (/** @type {any} */ request) => ({ bind: { order_id: request.query.order_id } }) },
      (instance) => {
        instance.get('/by-query', sub)
      },
    )
    scope({ credentials: 'optional' }, (instance) => void instance.get('/maybe', sub))
    scope({ expected: broken }, (instance) => void instance.get('/mistaken', sub))
    const origin = await server.listen({ port: 0, host: '127.0.0.1' })
    return { origin, close: async () => void (await server.close()) }
  },
  'Request and Response': () => listen(bridge(app)),
}
