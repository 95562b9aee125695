// @ts-check
/**
 * The statistic behind `timing.js` tells a leak from noise. The times themselves are measured by hand, on a machine that is
 * left alone: `node tests/attacks/timing.js`.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from './random.js'
import { cropped, leaky, SIGNIFICANT, welch } from './timing.js'

const random = seeded('the statistic')
const COUNT = 100_000

/** Times as a machine gives them: about 2 µs, a long tail, now and then an interrupt. @param {number} leak Nanoseconds more. */
function times(leak) {
  return Float64Array.from({ length: COUNT }, () => {
    const chance = random.octets(4)
    const noise = chance.readUInt8(0) + chance.readUInt8(1) + chance.readUInt8(2)
    return 1_800 + noise + leak + (chance.readUInt8(3) === 0 ? 40_000 : 0)
  })
}

const t = (/** @type {Float64Array} */ a, /** @type {Float64Array} */ b) => welch(...cropped(a, b))

test('a leak of five nanoseconds is caught, whichever side it is on', () => {
  assert.ok(t(times(0), times(5)) < -SIGNIFICANT)
  assert.ok(t(times(5), times(0)) > SIGNIFICANT)
})

test('noise alone is no leak', () => {
  for (let round = 0; round < 5; round += 1) assert.ok(Math.abs(t(times(0), times(0))) < SIGNIFICANT)
})

test('Welch’s t is what the formula says', () => {
  const [a, b] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(2, 4, 6, 8)]
  assert.equal(welch(a, b).toFixed(6), ((2.5 - 5) / Math.sqrt(5 / 3 / 4 + 20 / 3 / 4)).toFixed(6))
})

test('the comparison that leaks on purpose compares', () => {
  const tag = random.octets(32)
  assert.ok(leaky(tag, Buffer.from(tag)))
  for (const at of [0, 15, 31]) {
    const other = Buffer.from(tag)
    other.writeUInt8(other.readUInt8(at) ^ 1, at)
    assert.ok(!leaky(tag, other))
  }
})
