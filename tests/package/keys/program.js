// @ts-check
/**
 * Keys from an issuer on loopback, in whatever runtime runs this: discovery, rotation, an outage. Prints what it found.
 *
 * On the command line: the issuer, a token, a token of a key that is not published yet, one of a key that never is,
 * and where to ask for the next step.
 *
 * @module
 */

import { discoverKeys, Verifier } from 'countersign'

const { Deno, process } = /** @type {any} */ (globalThis)
const [issuer, token, early, strange, control] = Deno === undefined ? process.argv.slice(2) : Deno.args
/** @param {string} step */
const next = (step) => fetch(`${control}/${step}`).then((response) => response.text())
/** @param {string} presented */
const ask = (presented) =>
  verifier.verifyAsync(presented).then(
    () => 'ok',
    (error) => error.code ?? String(error),
  )

const keys = discoverKeys(issuer, { cooldownSeconds: 0.05, timeoutSeconds: 2 })
const verifier = new Verifier({ issuer, audience: null, keys })
const found = []
found.push(...(await Promise.all(Array.from({ length: 20 }, () => ask(token)))))
found.push(await ask(early))
await next('publish')
await new Promise((resolve) => setTimeout(resolve, 80))
found.push(await ask(early))
await next('redirect')
await new Promise((resolve) => setTimeout(resolve, 80))
found.push(await ask(early), await ask(strange), await ask(early))
console.log(JSON.stringify({ found, state: keys.stats.state, looks: keys.stats.looks }))
