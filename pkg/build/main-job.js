// @ts-check
/**
 * The main job: obtains a token from each system, verifies it with the built package, and has the
 * same token refused for every reason that it can be refused for; then the same over HTTP, by a guarded
 * API of each system's; then one token redeemed as often as it may be, by two processes that share a counter.
 *
 * `--once` ends with the table, exit code 1 if any verdict is not the expected one. Otherwise the
 * sandbox goes on serving, and the demo page with it. `--port N` is the port preferred; a busy one
 * is not an error.
 *
 * @module
 */

import { once } from 'node:events'
import { parseArgs } from 'node:util'

import { startSandbox } from 'countersign/sandbox'

import { serveDemo } from './demo.js'
import { guardedApis } from './guarded-apis.js'
import { answers } from './main-job/answers.js'
import { cashfreeJobs } from './main-job/cashfree.js'
import { dayOfCalls } from './main-job/day.js'
import { settle } from './main-job/job.js'
import { juspayJobs } from './main-job/juspay.js'
import { publiqJobs } from './main-job/publiq.js'
import { table } from './main-job/table.js'
import { redeemed, usesText } from './main-job/uses.js'
import { vtexJobs } from './main-job/vtex.js'

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    port: { type: 'string', default: '4600' },
  },
})

const sandbox = await startSandbox({
  port: Number(values.port),
  // The way of writing an expiry that no date parser reads.
  cashfree: { expiryField: 'expires_at' },
})

const jobs = [
  ...(await publiqJobs(sandbox)),
  ...(await vtexJobs(sandbox)),
  ...(await juspayJobs(sandbox)),
  ...(await cashfreeJobs(sandbox)),
]
// Before anything is measured: measuring holds up this process, and connections kept alive end meanwhile.
const answered = await guardedApis(sandbox)
const day = await dayOfCalls(sandbox)
const uses = await redeemed(sandbox)
const outcomes = jobs.map(settle)

const { stdout } = process
const screen = stdout.isTTY
  ? { columns: stdout.columns, colour: stdout.hasColors() }
  : { columns: Infinity, colour: false }
const verdicts = [
  ...outcomes.flatMap(({ good, refusals }) => [good, ...refusals.map((refusal) => refusal.good)]),
  ...answered.map(({ good }) => good),
  day.good,
  uses.good,
]
const wrong = verdicts.filter((good) => !good).length
stdout.write(`
${outcomes.length} tokens, obtained from their issuers' APIs and verified in this process:

${table(outcomes, screen)}

A guarded API of each system's, called over HTTP:

${answers(answered, screen)}

The tokens came through countersign/client. ${day.text}
One Juspay token, valid for 30 uses:

${usesText(uses)}

${
  wrong === 0
    ? `All ${verdicts.length} verdicts are the expected ones.`
    : `${wrong} of ${verdicts.length} verdicts are not the expected ones.`
}
`)
process.exitCode = wrong === 0 ? 0 : 1

if (!values.once) {
  const { origin, publiq, vtex, juspay, cashfree } = sandbox
  const page = await serveDemo(4610)
  stdout.write(`
The demo page: paste a token, see why:

  ${page.url}

The issuers go on serving (Ctrl+C ends them):

  publiq    ${publiq.url}
  VTEX      ${vtex.url}
  Juspay    ${juspay.url}
  Cashfree  ${cashfree.url}

\`npx countersign sandbox\` serves them alone and prints example requests. This one is at ${origin}.
`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await page.close()
}
await sandbox.close()
