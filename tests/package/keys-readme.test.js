// @ts-check
/** The README's first example, run as it is, but for its issuer and port. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startSandbox } from 'countersign/sandbox'

const HERE = dirname(fileURLToPath(import.meta.url))
const README = join(dirname(createRequire(import.meta.url).resolve('countersign/package.json')), 'README.md')

test('the first thing that the README shows protects an API', async () => {
  const [, example = ''] = /^## Protect an API[^]*?^```js\n([^]*?)^```$/m.exec(readFileSync(README, 'utf8')) ?? []
  const sandbox = await startSandbox()
  const issuer = sandbox.issuer()
  const said = "'https://example.eu.auth0.com/'"
  assert.ok(example.includes(said) && example.includes('app.listen(3000)'))
  const source = example
    .replace(said, `'${issuer.issuer}'`)
    .replace('app.listen(3000)', "const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))")
  const folder = mkdtempSync(join(HERE, 'example-'))
  writeFileSync(join(folder, 'api.js'), source)
  const child = spawn(process.execPath, [join(folder, 'api.js')], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [port] = await once(child.stdout.setEncoding('utf8'), 'data')
    const ask = async (/** @type {string | undefined} */ token) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const response = await fetch(`http://127.0.0.1:${port.trim()}/`, { headers })
      return [response.status, response.status === 200 ? await response.json() : undefined]
    }
    assert.deepEqual(await ask(issuer.mint()), [200, { sub: 'user' }])
    assert.deepEqual(await ask(undefined), [401, undefined])
    assert.deepEqual(await ask(issuer.mint({ claims: { aud: 'other' } })), [401, undefined])
    issuer.fail()
    assert.deepEqual(await ask(issuer.mint()), [200, { sub: 'user' }])
  } finally {
    child.kill()
    await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
    await sandbox.close()
  }
})
