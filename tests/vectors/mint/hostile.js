// @ts-check
/**
 * Writes `hostile.json`: the receipt that stands, and the first hostile ones of seed 1.
 *
 * @module
 */

import { good, hostileVectors, verifier } from './hostile-receipts.js'
import { ok, write } from './lib.js'

// What is longer than a screen is left to the generator's own test.
const short = hostileVectors(1, 300).filter(({ token }) => token.length < 1200)

write('hostile.json', [
  {
    name: 'the receipt that stands',
    ref: 'src/README.md Receipts',
    ...verifier,
    token: good,
    answer: ok(),
  },
  ...short,
])
