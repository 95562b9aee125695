// @ts-check
/** An MCP server in workerd: the SDK's server behind the guard, the SDK's client, and oidc-provider between them. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { build } from 'esbuild'
import { REGISTERED, startAuthorizationServer } from '../mcp/authorization-server.js'
import { connected, remembering } from '../mcp/client.js'
import { HERE, PROJECT, runtime } from './lib.js'

/** Two servers in one worker: the resource is where a request went. */
const WORKER = `import { fetchApp } from './fetch-app.js'
const apps = new Map()
export default {
  async fetch(request) {
    const { origin, pathname } = new URL(request.url)
    const [, name] = /\\/(one|two)$/.exec(pathname) ?? []
    const resource = origin + '/' + name
    if (!apps.has(name)) apps.set(name, fetchApp({ resource, issuer: ISSUER, scope: 'orders:read' }))
    return await apps.get(name)(request)
  },
}`

const folder = mkdtempSync(join(tmpdir(), 'countersign-worker-'))
/** @type {import('../mcp/authorization-server.js').AuthorizationServer} */
let server
/** @type {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, null>} */
let workerd
let origin = ''

before(async () => {
  server = await startAuthorizationServer()
  const outfile = join(folder, 'worker.mjs')
  await build({
    stdin: { contents: WORKER, resolveDir: join(HERE, '..', 'mcp') },
    bundle: true,
    outfile,
    format: 'esm',
    conditions: ['worker', 'browser'],
    define: { ISSUER: JSON.stringify(server.issuer) },
  })
  const args = [join(HERE, '..', 'http', 'worker.js'), outfile]
  workerd = spawn(runtime('node24/bin/node'), args, { cwd: PROJECT, stdio: ['pipe', 'pipe', 'inherit'] })
  const [first] = await once(workerd.stdout.setEncoding('utf8'), 'data')
  origin = first.trim().replace(/\/$/, '')
})

after(async () => {
  workerd.stdin.end()
  if (workerd.exitCode === null) await once(workerd, 'exit')
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the client discovers, authorizes, calls a tool, and asks for more scope', async () => {
  const provider = remembering(REGISTERED)
  const client = await connected(`${origin}/one`, provider)
  assert.equal(await client.call('read'), 'read by ada')
  assert.equal(await client.call('cancel'), 'cancelled by ada')
  assert.deepEqual(
    provider.opened.map(({ searchParams }) => [searchParams.get('resource'), searchParams.get('scope')]),
    [
      [`${origin}/one`, 'orders:read'],
      [`${origin}/one`, 'orders:read orders:write'],
    ],
  )
  await client.close()
})

test('a token for another MCP server is refused', async () => {
  const provider = remembering(REGISTERED)
  await (await connected(`${origin}/two`, provider)).close()
  const authorization = `Bearer ${(await provider.tokens())?.access_token}`
  const ask = async (/** @type {string} */ name) =>
    (await fetch(`${origin}/${name}`, { method: 'POST', headers: { authorization }, body: '{}' })).status
  assert.equal(await ask('one'), 401)
  assert.notEqual(await ask('two'), 401)
})
