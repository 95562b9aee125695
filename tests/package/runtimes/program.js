// @ts-check
/**
 * The program that each command-line runtime runs: vectors in, verdicts out. It needs no file, no network, no clock.
 *
 * @module
 */

import process from 'node:process'
import { text } from 'node:stream/consumers'
import * as countersign from 'countersign'
import { verdicts } from './verdicts.js'

const vectors = JSON.parse(await text(process.stdin))
process.stdout.write(JSON.stringify(verdicts(countersign, vectors)))
