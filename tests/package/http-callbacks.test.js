// @ts-check
/**
 * What a caller's own functions throw or reject with: the same 500 either way, and never an unhandled rejection (which
 * fails a test of node:test, and ends a process).
 */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import * as viaFastify from 'countersign/fastify'
import * as viaFetch from 'countersign/fetch'
import * as viaHono from 'countersign/hono'
import * as viaNode from 'countersign/node'
import express from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { mint } from './http/cases.js'
import { orders } from './http/policy.js'

const FAULT = new Error('the log is down')

/** The ways in which a function fails. @type {Record<string, () => any>} */
const FAILURES = {
  throws: () => {
    throw FAULT
  },
  rejects: async () => {
    await Promise.resolve()
    throw FAULT
  },
  'returns a thenable that rejects': () => ({
    then: (/** @type {unknown} */ _, /** @type {(error: Error) => void} */ reject) => reject(FAULT),
  }),
  'returns a thenable that throws': () => ({
    then: () => {
      throw FAULT
    },
  }),
}

/** @typedef {(options: any) => (headers: Record<string, string>) => Promise<string>} Server */

/**
 * A server of each kind, which answers with the message of the error that its error handler got. @type
 * {Record<string, Server>}
 */
const SERVERS = {
  fetch: (options) => {
    const protect = viaFetch.guard(orders(), options)
    return async (headers) => {
      try {
        const found = await protect(new Request('https://api.example/', { headers }))
        return found === null || found.ok ? 'verified' : String(found.response.status)
      } catch (error) {
        return /** @type {Error} */ (error).message
      }
    }
  },
  express: (options) => {
    const app = express()
    app.use(viaNode.guard(orders(), options), (_request, response) => void response.end('verified'))
    app.use(
      (
        /** @type {Error} */ error,
        /** @type {unknown} */ _request,
        /** @type {import('express').Response} */ response,
        /** @type {unknown} */ _next,
      ) => void response.end(error.message),
    )
    return (headers) => served(createServer(app), headers)
  },
  hono: (options) => {
    const app = new Hono().use(viaHono.guard(orders(), options)).get('/', (c) => c.text('verified'))
    app.onError((error, c) => c.text(error.message))
    return async (headers) => {
      const response = await app.request('/', { headers })
      return response.status === 200 ? await response.text() : String(response.status)
    }
  },
  fastify: (options) => {
    const app = fastify()
    app.setErrorHandler((error, _request, reply) => reply.code(200).send(/** @type {Error} */ (error).message))
    app.register(viaFastify.guard(orders(), options))
    app.get('/', async () => 'verified')
    return async (headers) => {
      const response = await app.inject({ url: '/', headers })
      return response.statusCode === 200 ? response.body : String(response.statusCode)
    }
  },
  'a hook of fastify': (options) => {
    const app = fastify()
    app.setErrorHandler((error, _request, reply) => reply.code(200).send(/** @type {Error} */ (error).message))
    app.get('/', { onRequest: viaFastify.guard(orders(), options) }, async () => 'verified')
    return async (headers) => {
      const response = await app.inject({ url: '/', headers })
      return response.statusCode === 200 ? response.body : String(response.statusCode)
    }
  },
}

/**
 * @param {import('node:http').Server} server
 * @param {Record<string, string>} headers
 */
async function served(server, headers) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers })
    return response.status === 200 ? await response.text() : String(response.status)
  } finally {
    server.close()
  }
}

const good = { authorization: `Bearer ${await mint()}` }
const bad = { authorization: 'Bearer garbage' }

for (const [name, serve] of Object.entries(SERVERS)) {
  for (const [how, fail] of Object.entries(FAILURES)) {
    test(`${name}: a function of the caller's that ${how} is a fault of the server`, async () => {
      assert.equal(await serve({ onRefused: fail })(bad), FAULT.message)
      assert.equal(await serve({ onRefused: fail })({}), FAULT.message)
      assert.equal(await serve({ onRefused: fail })(good), 'verified')
      assert.equal(await serve({ refusal: fail })(bad), FAULT.message)
      assert.equal(await serve({ refusal: fail })(good), 'verified')
      assert.equal(await serve({ expected: fail })(good), FAULT.message)
      assert.equal(await serve({ expected: fail })({}), '401')
    })
  }

  test(`${name}: a refusal is sent after the promise of onRefused`, async () => {
    let isLogged = false
    const onRefused = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      isLogged = true
    }
    assert.equal(await serve({ onRefused })(bad), '401')
    assert.equal(isLogged, true)
  })

  test(`${name}: refusal words a refusal, or passes it on to the error handler`, async () => {
    const refusal = async (/** @type {Error} */ error) => ({ status: 418, body: { code: error.message } })
    assert.equal(await serve({ refusal })(bad), '418')
    const pass = (/** @type {Error} */ error) => {
      throw error
    }
    assert.equal(await serve({ refusal: pass })(bad), 'token_malformed')
  })
}

for (const [how, fail] of Object.entries(FAILURES)) {
  test(`a plain node:http server answers 500 and goes on if a function ${how}`, async () => {
    const seen = once(process, 'warning')
    const protect = viaNode.guard(orders(), { onRefused: fail })
    const server = createServer((request, response) => protect(request, response, () => response.end('verified')))
    assert.equal(await served(server, bad), '500')
    assert.equal((await seen)[0], FAULT)
  })

  test(`a plain node:http server answers 500 and goes on if its handler ${how}`, async () => {
    const seen = once(process, 'warning')
    const protect = viaNode.guard(orders())
    const server = createServer((request, response) => protect(request, response, () => fail()))
    assert.equal(await served(server, good), '500')
    assert.equal((await seen)[0], FAULT)
  })
}

test('a function that throws or rejects with no error opens nothing', async () => {
  for (const value of [undefined, null, false, 0, '', 'route', 'router', Symbol('a')]) {
    const fail = () => {
      throw value
    }
    for (const name of ['express', 'fastify', 'a hook of fastify', 'hono']) {
      for (const how of [fail, () => Promise.reject(value)]) {
        const serve = SERVERS[name] ?? assert.fail()
        const found = await serve({ onRefused: how })(bad).catch(() => 'rejected')
        assert.notEqual(found, 'verified', `${name}: ${String(value)}`)
        assert.notEqual(
          await serve({ expected: how })(good).catch(() => 'rejected'),
          'verified',
          `${name}: ${String(value)}`,
        )
      }
    }
  }
})

test('the answer of refusal has the headers of every refusal, unless it replaces them', async () => {
  /** @param {any} answer @param {Record<string, string>} [headers] */
  const refused = async (answer, headers = bad) => {
    const found = await viaFetch.guard(orders(), { refusal: () => answer })(
      new Request('https://api.example/', { headers }),
    )
    assert.ok(!found.ok)
    const { response } = found
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
  }
  const challenge = 'Bearer error="invalid_token"'
  assert.deepEqual(await refused({ status: 401, body: { error: 'no' } }), {
    status: 401,
    headers: { 'cache-control': 'no-store', 'content-type': 'application/json', 'www-authenticate': challenge },
    body: '{"error":"no"}',
  })
  assert.deepEqual(await refused({ status: 303, headers: { Location: '/login', 'cache-control': 'private' } }), {
    status: 303,
    headers: { 'cache-control': 'private', location: '/login' },
    body: '',
  })
  assert.deepEqual(await refused({ status: 503, body: 'later' }), {
    status: 503,
    headers: { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8', 'retry-after': '30' },
    body: 'later',
  })
})

test('an answer of refusal that cannot be sent, or that is no refusal, is a fault of the server', async () => {
  for (const answer of /** @type {any[]} */ ([
    undefined,
    null,
    'no',
    new Response(),
    {},
    { status: '401' },
    { status: 200 },
    { status: 204 },
    { status: 304 },
    { status: 600 },
    { status: 401.5 },
    { status: 401, text: 'no' },
    { status: 401, body: () => 'no' },
    { status: 401, headers: { 'X-A': 1 } },
    { status: 401, headers: { 'X-A': 'a\r\nSet-Cookie: b=c' } },
    { status: 401, headers: { 'X A': 'a' } },
    { status: 401, headers: new Headers() },
  ])) {
    const protect = viaFetch.guard(orders(), { refusal: () => answer })
    await assert.rejects(
      protect(new Request('https://api.example/', { headers: bad })),
      TypeError,
      JSON.stringify(answer),
    )
  }
})

test('Fastify reads no body of a request without one well-formed token, also with expected', async () => {
  let read = 0
  const app = fastify()
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => {
    read += 1
    done(null, body)
  })
  app.register(viaFastify.guard(orders(), { expected: () => ({}) }))
  app.post('/', async (request) => request.verified?.claims.sub)
  const post = async (/** @type {Record<string, string>} */ headers) =>
    (
      await app.inject({
        method: 'POST',
        url: '/',
        payload: 'x',
        headers: { 'content-type': 'text/plain', ...headers },
      })
    ).statusCode
  assert.equal(await post({}), 401)
  assert.equal(await post({ authorization: 'Bearer' }), 400)
  assert.equal(read, 0)
  assert.equal(await post(good), 200)
  assert.equal(read, 1)
})
