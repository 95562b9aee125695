// @ts-check
/** The guards' types: the verified token reaches the handler typed, and no framework has to be installed. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from './compiler.js'

test('the guards’ types ask for no framework and no types of Node', async () => {
  const program = `
import * as fastify from 'countersign/fastify'
import * as fetch from 'countersign/fetch'
import * as hono from 'countersign/hono'
import * as node from 'countersign/node'
export const guards = [fastify.guard, fetch.guard, hono.guard, node.guard]
`
  assert.equal(await compile(program, { skipLibCheck: false }, []), '')
})

const DECLARED = `
import { Verifier } from 'countersign'
type Orders = { sub: string; order_id: string } & Record<string, unknown>
declare const verifier: Verifier<Orders>
declare const text: (value: string) => void
`

test('the handler of a fetch guard knows the claims, and that there may be none', async () => {
  const program = `${DECLARED}
import { guard } from 'countersign/fetch'
class Next extends Request { readonly nextUrl = { pathname: '/' } }
const protect = guard(verifier)
const maybe = guard(verifier, { credentials: 'optional' })
const next = guard(verifier, { expected: (request: Next) => ({ bind: { order_id: request.nextUrl.pathname } }) })
export async function handle(request: Request): Promise<Response> {
  const verified = await protect(request)
  if (!verified.ok) return verified.response
  text(verified.claims.order_id)
  const found = await maybe(request)
  // @ts-expect-error there may be no token
  text(found.ok)
  if (found === null) return new Response(null)
  if (!found.ok) return found.response
  text(found.claims.order_id)
  // @ts-expect-error another request
  await next(request)
  // @ts-expect-error no such option
  guard(verifier, { redeem: 'true' })
  return new Response(null)
}
`
  assert.equal(await compile(program, {}, []), '')
})

test('the handler of Hono knows the claims from the guard before it', async () => {
  const program = `${DECLARED}
import { guard } from 'countersign/hono'
import { Hono } from 'hono'
new Hono()
  .get('/orders/:id', guard(verifier, { expected: (request) => ({ bind: { order_id: request.param('id') } }) }), (c) => {
    text(c.var.verified.claims.order_id)
    // @ts-expect-error no string
    text(c.var.verified.expiresAt)
    return c.json({})
  })
  .get('/maybe', guard(verifier, { credentials: 'optional' }), (c) => {
    // @ts-expect-error there may be no token
    text(c.var.verified.claims.order_id)
    return c.json({ of: c.var.verified?.claims.order_id })
  })
new Hono().use(guard(verifier)).get('/', (c) => c.text(c.var.verified.claims.sub))
`
  assert.equal(await compile(program, { skipLibCheck: true }, ['hono']), '')
})

test('the handler of Fastify knows what is verified', async () => {
  const program = `
import { Verifier } from 'countersign'
import { guard } from 'countersign/fastify'
import { fastify } from 'fastify'
import type { FastifyRequest } from 'fastify'
declare const verifier: Verifier
interface Claims { order_id: string }
declare const orders: Verifier<Claims>
declare const text: (value: string) => void
const app = fastify()
const protect = guard(orders)
app.get('/typed', { onRequest: protect }, async (request) => text(protect.verified(request).claims.order_id))
const maybe = guard(orders, { credentials: 'optional' })
app.get('/maybe', { onRequest: maybe }, async (request) => {
  // @ts-expect-error there may be no token
  text(maybe.verified(request).claims.order_id)
  return maybe.verified(request)?.claims.order_id
})
app.register(guard(verifier, { expected: (request) => ({ bind: { order_id: request.params.id } }) }))
app.register(guard(verifier, { expected: (request: FastifyRequest) => ({ bind: { order_id: request.url } }) }))
type Order = { Params: { id: string }; Body: { order_id: string } }
app.register(
  guard(verifier, { expected: ({ body }: FastifyRequest<Order>) => ({ bind: { order_id: body.order_id } }) }),
)
app.get('/hook', { onRequest: guard(verifier) }, async (request) => request.verified?.claims.sub)
app.post<Order>('/hooks', { preHandler: [guard(verifier)] }, async (request) => request.verified?.claims.sub)
app.addHook('preValidation', guard(verifier, { onRefused: (error, request) => request.log.info(error) }))
app.get('/', async (request) => {
  // @ts-expect-error there may be no guard
  request.verified.claims
  return request.verified?.claims.sub?.toUpperCase()
})
`
  assert.equal(await compile(program, { skipLibCheck: true }, ['fastify', '@types/node']), '')
})

const EXPRESS = [
  ...['express', 'express-serve-static-core', 'body-parser', 'serve-static', 'qs', 'range-parser', 'send', 'connect'],
  ...['http-errors', 'node'],
].map((name) => `@types/${name}`)

test('expected gets the request of Express, and the handler knows what is verified', async () => {
  const program = `${DECLARED}
import express from 'express'
import { guard } from 'countersign/node'
const app = express()
const order = guard(verifier, { expected: (req) => ({ bind: { order_id: req.params.id } }) })
app.get('/orders/:id', order, (req, res) => { res.json(req.verified?.claims.bind) })
app.get('/orders/:id', guard(verifier, { expected: (req) => ({ bind: { order_id: req.params.id } }) }), (req, res) => {
  text(req.params.id)
  res.json(req.verified?.claims.sub)
})
app.get('/orders/:id', order, (req, res) => {
  text(order.verified(req).claims.order_id)
  // @ts-expect-error no such claim
  text(order.verified(req).claims.nonsense)
  res.end()
})
const maybe = guard(verifier, { credentials: 'optional' })
app.get('/maybe', maybe, (req, res) => {
  // @ts-expect-error there may be no token
  text(maybe.verified(req).claims.order_id)
  res.json(maybe.verified(req)?.claims.order_id)
})
app.use(guard(verifier, { expected: (req: express.Request) => ({ bind: { order_id: req.params.id } }) }))
app.use(guard(verifier, { onRefused: (error, req) => console.log(error.code, req.url, req.path) }))
app.use(guard(verifier, { onRefused: async (error) => { await Promise.reject(error) } }))
app.use(guard(verifier, { refusal: (error, req) => ({ status: error.status, body: { path: req.path } }) }))
app.use(guard(verifier, { refusal: (error) => { throw error } }))
interface Member extends express.Request { member: string }
guard(verifier, { expected: (req: Member) => ({ bind: { member: req.member } }) })
// @ts-expect-error no such style
app.use(guard(verifier, { refusal: 'html' }))
// @ts-expect-error no such member
guard(verifier, { expected: (req) => ({ bind: { order_id: req.nonsense } }) })
`
  const options = { skipLibCheck: true, esModuleInterop: true, types: ['node'] }
  assert.equal(await compile(program, options, [...EXPRESS, 'undici-types']), '')
})

test('the handler of node:http knows what is verified', async () => {
  const program = `${DECLARED}
import { createServer } from 'node:http'
import { guard } from 'countersign/node'
import type { Guarded } from 'countersign/node'
import type { IncomingMessage } from 'node:http'
const protect = guard(verifier)
createServer((request: Guarded<IncomingMessage, { order_id: string }>, response) =>
  protect(request, response, () => {
    text(request.verified?.claims.order_id ?? '')
    response.end()
  }),
)
declare const request: Express.Request
text(request.verified?.claims.sub ?? '')
guard(verifier, { expected: (request: IncomingMessage) => ({ bind: { order_id: request.url } }) })
const order = guard(verifier, { expected: (request) => ({ bind: { order_id: request.url?.split('/')[2] } }) })
createServer((request, response) => order(request, response, () => response.end()))
`
  const options = { skipLibCheck: true, types: ['node'] }
  assert.equal(await compile(program, options, ['@types/node', 'undici-types']), '')
})
