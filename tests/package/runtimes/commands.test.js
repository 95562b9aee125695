// @ts-check
/** The runtimes that are commands: Node in four versions, Deno, Bun. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'countersign'
import { assertAllHeld, HERE, output, runtime, vectors } from './lib.js'

const input = JSON.stringify(vectors)
const TOKENS = ['a.b.c', 'tkn_1', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJaacOrIiwiZXhwIjoxNzAwMDAwMDYwfQ.AA', 'x y']
const program = `${HERE}/program.js`

/** @type {[string, string, string[]][]} */
const commands = [
  [`Node ${process.versions.node}`, process.execPath, []],
  ['Node 22', runtime('node22/bin/node'), []],
  ['Node 24', runtime('node24/bin/node'), []],
  ['Node 26', runtime('node26/bin/node'), []],
  // No permission is granted: importing and verifying asks for none.
  ['Deno', runtime('.bin/deno'), ['run', '--no-prompt', '--no-config', '--node-modules-dir=manual']],
  ['Bun', runtime('.bin/bun'), ['run']],
]

/** A refusal of 'x', however it arrives. */
const REFUSAL = {
  ...{ isError: true, prototype: true, code: 'token_malformed', status: 401, name: 'TokenError' },
  ...{ message: 'token_malformed', hasExpected: true, text: 'TokenError: token_malformed' },
  ...{ json: '{"code":"token_malformed","status":401}', spread: { ok: false, code: 'token_malformed', status: 401 } },
  ...{ ofMessage: { enumerable: false, isText: true }, hasOwnClaim: false },
  ...{ stack: 'TokenError: token_malformed', isShort: true },
}

for (const [name, command, args] of commands) {
  test(`${name} makes a refusal an error without a stack trace, and any other TokenError one with it`, async () => {
    const found = JSON.parse(await output(command, [...args, `${HERE}/refusal-program.js`]))
    assert.deepEqual(found, {
      ...{ returned: REFUSAL, thrown: REFUSAL, rejected: REFUSAL, isLimitKept: true },
      own: [true, 1, '[object Error]', true],
    })
  })

  test(`${name} gives every vector its answer`, async () => {
    assertAllHeld(JSON.parse(await output(command, [...args, program], { input })))
  })

  test(`${name} finds the same in a token by countersign/inspect`, async () => {
    const found = JSON.parse(
      await output(command, [...args, `${HERE}/inspect-program.js`], { input: TOKENS.join('\n') }),
    )
    assert.deepEqual(found, JSON.parse(JSON.stringify(TOKENS.map((token) => inspect(token, { now: 1_700_000_000 })))))
  })
}
