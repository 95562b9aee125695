// @ts-check
/**
 * How long a process waits for its first verdict: `node start.js PEER`, a deck on standard input. Milliseconds, as JSON;
 * `processor` is what all its threads computed.
 *
 * @module
 */

import process from 'node:process'
import { text } from 'node:stream/consumers'
import { PEERS } from './peers.js'

globalThis.process ??= process
/** @type {import('./tokens.js').Deck} */
const deck = JSON.parse(await text(process.stdin))
const peer = PEERS.find(({ name }) => name === process.argv[2])
if (peer === undefined) throw new Error('no such peer')
const before = process.cpuUsage()
const started = performance.now()
const verify = await peer.load(deck)
const { sub } = await verify(String(deck.tokens.good[0]))
const wall = performance.now() - started
const { user, system } = process.cpuUsage(before)
if (sub !== deck.subjects[0]) throw new Error('another subject')
process.stdout.write(JSON.stringify({ wall, processor: (user + system) / 1000 }))
