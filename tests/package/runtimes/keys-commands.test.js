// @ts-check
/** Discovery, rotation and an outage in Node, Deno and Bun, over real HTTP. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startSandbox } from 'countersign/sandbox'
import { origin } from '../keys/origin.js'
import { HERE, output, runtime } from './lib.js'

/** @type {[string, string, string[]][]} */
const COMMANDS = [
  [`Node ${process.versions.node}`, process.execPath, []],
  ['Node 26', runtime('node26/bin/node'), []],
  [
    'Deno',
    runtime('.bin/deno'),
    ['run', '--no-prompt', '--no-config', '--node-modules-dir=manual', '--allow-net=127.0.0.1'],
  ],
  ['Bun', runtime('.bin/bun'), ['run']],
]

for (const [name, command, args] of COMMANDS) {
  test(`${name} finds an issuer’s keys, follows their rotation and goes on while it is down`, async () => {
    const sandbox = await startSandbox()
    const issuer = sandbox.issuer({ algorithms: ['RS256'] })
    const token = issuer.mint()
    issuer.rotate({ publish: false })
    const control = await origin((request, response) => {
      if (request.url === '/publish') issuer.publish()
      else issuer.fail(307, { location: issuer.jwksUri })
      response.end()
    })
    try {
      const program = join(HERE, '..', 'keys', 'program.js')
      const tokens = [token, issuer.mint(), issuer.mint({ header: { kid: 'strange' } })]
      const printed = await output(command, [...args, program, issuer.issuer, ...tokens, control.url])
      const { found, state, looks } = JSON.parse(printed)
      assert.deepEqual(found, [
        ...Array.from({ length: 20 }, () => 'ok'),
        'key_not_found',
        'ok',
        'ok',
        'keys_unavailable',
        'ok',
      ])
      assert.equal(state, 'fresh')
      assert.ok(looks <= 4, `${looks} looks`)
    } finally {
      await control.close()
      await sandbox.close()
    }
  })
}
