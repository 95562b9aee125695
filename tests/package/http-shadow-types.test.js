// @ts-check
/** The types of shadows: each takes the middleware of its framework and is used in its place. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from './compiler.js'

const DECLARED = `
import { Verifier } from 'countersign'
declare const verifier: Verifier
declare const text: (value: string | undefined) => void
`

const EXPRESS = [
  ...['express', 'express-serve-static-core', 'body-parser', 'serve-static', 'qs', 'range-parser', 'send', 'connect'],
  ...['http-errors', 'node'],
].map((name) => `@types/${name}`)

test('Express: a request handler, and the verdicts', async () => {
  const program = `${DECLARED}
import express from 'express'
import { guard, protectedResourceMetadata } from 'countersign/node'
declare const existing: express.RequestHandler
const app = express()
app.use(guard(verifier, { shadow: existing, onDifference: ({ ours, theirs }, req) => text(ours.code + theirs.outcome + req.path) }))
app.get('/:id', guard(verifier, {
  shadow: async (req: express.Request, res: express.Response, next: express.NextFunction) => next(),
  onDifference: () => {},
  expected: (req) => ({ bind: { order_id: req.params.id } }),
}))
const options = { shadow: existing, onDifference: () => {} }
app.use(guard(verifier, options))
// @ts-expect-error a shadow reports
guard(verifier, { shadow: existing })
// @ts-expect-error nothing to compare with
guard(verifier, { onDifference: () => {} })
const resourceMetadata = protectedResourceMetadata({ resource: 'https://api.example', issuer: 'https://a.example' })
app.use(resourceMetadata)
app.use(guard(verifier, { resourceMetadata, scope: ['a'] }))
text(resourceMetadata.url)
// @ts-expect-error an authorization server is required
protectedResourceMetadata({ resource: 'https://api.example' })
`
  assert.equal(await compile(program, { skipLibCheck: true }, EXPRESS), '')
})

test('Request and Response: the result is that of the existing function', async () => {
  const program = `${DECLARED}
import { guard, protectedResourceMetadata } from 'countersign/fetch'
const protect = guard(verifier, {
  shadow: async (request: Request, env: { name: string }) => ({ user: request.url + env.name }),
  onDifference: ({ theirs }, request) => text(theirs.outcome + request.url),
})
export async function handle(request: Request): Promise<void> {
  const { user } = await protect(request, { name: 'x' })
  text(user)
  // @ts-expect-error the environment is missing
  await protect(request)
  const document: Response | undefined = protectedResourceMetadata({ resource: 'a', issuer: 'b' })(request)
  text(document?.url)
}
`
  assert.equal(await compile(program, {}, []), '')
})

test('Hono and Fastify: middleware and hooks', async () => {
  const program = `${DECLARED}
import { fastify } from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Hono } from 'hono'
import { jwt } from 'hono/jwt'
import type { JwtVariables } from 'hono/jwt'
import * as viaFastify from 'countersign/fastify'
import * as viaHono from 'countersign/hono'
const onDifference = () => {}
new Hono<{ Variables: JwtVariables }>()
  .use(viaHono.protectedResourceMetadata({ resource: 'a', issuer: 'b' }))
  .use(viaHono.guard(verifier, { shadow: jwt({ secret: 'a', alg: 'HS256' }), onDifference }))
  .get('/', (c) => c.text(c.get('jwtPayload').sub))
const app = fastify()
app.register(viaFastify.protectedResourceMetadata({ resource: 'a', issuer: 'b' }))
const byPromise = async (request: FastifyRequest, reply: FastifyReply) => {}
const byCallback = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => done()
app.get('/a', { onRequest: viaFastify.guard(verifier, { shadow: byPromise, onDifference }) }, async () => '')
app.get('/b', { preHandler: [viaFastify.guard(verifier, { shadow: byCallback, onDifference })] }, async () => '')
app.register(viaFastify.guard(verifier, { shadow: byPromise, onDifference }))
`
  assert.equal(await compile(program, { skipLibCheck: true }, ['hono', 'fastify', '@types/node']), '')
})

test('the SDK of MCP: what the adapter takes and returns', async () => {
  const program = `
import * as errors from '@modelcontextprotocol/sdk/server/auth/errors.js'
import type { OAuthTokenVerifier } from '@modelcontextprotocol/sdk/server/auth/provider.js'
import { profiles, Verifier } from 'countersign'
import { toMcpVerifier } from 'countersign/mcp'
const verifier = new Verifier(profiles.mcp({ resource: 'https://a.example', issuer: 'https://b.example', scope: ['a'] }))
export const forSdk: OAuthTokenVerifier = toMcpVerifier(verifier, errors)
// @ts-expect-error the classes are missing
toMcpVerifier(verifier, {})
// @ts-expect-error no such option
profiles.mcp({ resource: 'a', issuer: 'b', audience: 'c' })
`
  assert.equal(await compile(program, { skipLibCheck: true }, ['@modelcontextprotocol', '@types/node']), '')
})
