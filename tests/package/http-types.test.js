// @ts-check
/** The guards' types: the verified token reaches the handler typed, and no framework has to be installed. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const { resolve } = createRequire(import.meta.url)
const tsc = join(
  dirname(resolve('typescript/package.json')),
  JSON.parse(readFileSync(resolve('typescript/package.json'), 'utf8')).bin.tsc,
)

const COMPILER = {
  strict: true,
  exactOptionalPropertyTypes: true,
  target: 'es2022',
  lib: ['es2022', 'dom', 'esnext.disposable'],
  module: 'nodenext',
  noEmit: true,
  types: [],
}

/**
 * What tsc says of a program in a project of its own, with nothing but these packages installed.
 *
 * @param {string} program
 * @param {object} options
 * @param {readonly string[]} packages Besides countersign.
 * @returns {Promise<string>} '' if nothing.
 */
async function compile(program, options, packages) {
  const project = mkdtempSync(join(tmpdir(), 'countersign-types-'))
  try {
    const modules = join(project, 'node_modules')
    mkdirSync(join(modules, '@types'), { recursive: true })
    const installed = dirname(resolve('countersign/package.json'))
    cpSync(realpathSync(installed), join(modules, 'countersign'), {
      recursive: true,
      filter: (path) => !/[\\/](?:build|src|node_modules)$/.test(path),
    })
    for (const name of packages) symlinkSync(realpathSync(folderOf(name)), join(modules, name))
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(project, 'program.ts'), program)
    const compilerOptions = { ...COMPILER, ...options }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
    return await new Promise((done) => {
      execFile(process.execPath, [tsc, '-p', project], (_error, stdout, stderr) => done(stdout + stderr))
    })
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

/** The folder of a package, which may export no file of its own name. @param {string} name */
function folderOf(name) {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? []
  for (const path of paths) {
    try {
      return realpathSync(join(path, name))
    } catch {}
  }
  throw new Error(`${name} is not installed`)
}

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
  guard(verifier, { redeem: true })
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
declare const verifier: Verifier
const app = fastify()
app.register(guard(verifier, { expected: (request) => ({ bind: { order_id: request.url } }) }))
app.get('/', async (request) => {
  // @ts-expect-error there may be no guard
  request.verified.claims
  return request.verified?.claims.sub?.toUpperCase()
})
`
  assert.equal(await compile(program, { skipLibCheck: true }, ['fastify', '@types/node']), '')
})

test('the handler of Express and of node:http knows what is verified', async () => {
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
`
  const options = { skipLibCheck: true, types: ['node'] }
  assert.equal(await compile(program, options, ['@types/node', 'undici-types']), '')
})
