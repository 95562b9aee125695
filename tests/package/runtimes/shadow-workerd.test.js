// @ts-check
/** A shadow in workerd: the response does not wait for it, and its report is made after the response. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { startSandbox } from 'countersign/sandbox'
import { build } from 'esbuild'
import { listen } from '../http/servers.js'
import { HERE, PROJECT, runtime } from './lib.js'

const WORKER = `import { Verifier } from 'countersign'
import { guard } from 'countersign/fetch'
const verifier = new Verifier({ issuer: ISSUER, audience: 'another', keys: { issuer: ISSUER } })
const protect = guard(verifier, {
  shadow: () => 'theirs',
  onDifference: (difference) => fetch(REPORTS, { method: 'POST', body: JSON.stringify(difference) }),
})
export default { fetch: async (request) => new Response(await protect(request)) }`

test('the response comes at once; the report of a slow verification comes later', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-worker-'))
  const sandbox = await startSandbox()
  const issuer = sandbox.issuer()
  /** @type {string[]} */
  const events = []
  let reported = () => {}
  const report = new Promise((resolve) => {
    reported = () => resolve(undefined)
  })
  const reports = await listen(async (request, response) => {
    events.push(await text(request))
    response.end()
    reported()
  })
  const outfile = join(folder, 'worker.mjs')
  const define = { ISSUER: JSON.stringify(issuer.issuer), REPORTS: JSON.stringify(reports.origin) }
  const stdin = { contents: WORKER, resolveDir: HERE }
  await build({ stdin, bundle: true, outfile, format: 'esm', conditions: ['worker', 'browser'], define })
  const args = [join(HERE, '..', 'http', 'worker.js'), outfile]
  const workerd = spawn(runtime('node24/bin/node'), args, { cwd: PROJECT, stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const [first] = await once(workerd.stdout.setEncoding('utf8'), 'data')
    issuer.slow(500)
    const headers = { authorization: `Bearer ${issuer.mint()}` }
    const response = await fetch(first.trim(), { headers })
    assert.equal(await response.text(), 'theirs')
    events.push('the response')
    await report
    const difference = {
      ours: { outcome: 'refused', status: 401, code: 'claim_mismatch', claim: 'aud' },
      theirs: { outcome: 'accepted' },
    }
    assert.deepEqual(events, ['the response', JSON.stringify(difference)])
  } finally {
    workerd.stdin.end()
    await once(workerd, 'exit')
    await Promise.all([sandbox.close(), reports.close()])
    rmSync(folder, { recursive: true, force: true })
  }
})
