// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inChromium, loadSample, open, text, verdict } from './lib.js'

inChromium()

/** Every sample, the verdict it is there to show, and what a server would answer. */
const SAMPLES = [
  ['juspay', 'Accepted', '', undefined],
  ['cashfree', 'Accepted', '', undefined],
  ['vtex', 'Accepted', '', undefined],
  ['publiq', 'Accepted', '', undefined],
  ['accessToken', 'Accepted', '', undefined],
  ['jwt-io', 'Refused', 'claim_missing (exp)', 401],
  ['expired', 'Refused', 'token_expired (exp)', 401],
  ['alg-none', 'Refused', 'alg_not_supported (alg)', 401],
  ['confusion', 'Refused', 'alg_not_allowed (alg)', 401],
  ['scope-prefix', 'Refused', 'scope_insufficient (scope)', 403],
  ['shopper', 'Refused', 'claim_mismatch (audience)', 403],
  ['ist', 'Refused', 'token_expired (exp)', 401],
  ['other-receipt', 'Refused', 'receipt_mismatch', 401],
]

test('every sample on the page is in the list of this test', async () => {
  const page = await open()
  const ids = await page
    .locator('[data-sample]')
    .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('data-sample')))
  assert.deepEqual(
    ids,
    SAMPLES.map(([id]) => id),
  )
  await page.context().close()
})

for (const [id, word, code, status] of SAMPLES) {
  test(`the sample ${id} is ${String(word).toLowerCase()}${code === '' ? '' : `: ${code}`}`, async () => {
    const page = await open()
    await loadSample(page, String(id))
    assert.deepEqual(await verdict(page), { word, code })
    assert.notEqual(await text(page, 'look'), '')
    const answer = await text(page, 'answer')
    if (status === undefined) assert.equal(answer, '')
    else assert.match(answer, new RegExp(`HTTP/1.1 ${status} `))
    assert.deepEqual(page.witness, { requests: [], console: [], violations: [], errors: [] })
    await page.context().close()
  })
}

test('a sample is made again each time', async () => {
  const page = await open()
  const seen = new Set()
  for (let round = 0; round < 3; round += 1) {
    await loadSample(page, 'juspay')
    seen.add(await page.inputValue('#token'))
  }
  assert.equal(seen.size, 3)
  await page.context().close()
})

test('a client access token pasted into a page is warned of', async () => {
  const page = await open()
  await loadSample(page, 'publiq')
  assert.match(await page.locator('[data-warning=client_access_token]').innerText(), /belongs in a backend/)
  await page.context().close()
})

test('the sample of jwt.io: what is wrong with it is said, its secret too', async () => {
  const page = await open()
  await loadSample(page, 'jwt-io')
  for (const code of ['sample_token', 'known_secret', 'no_expiry', 'no_audience']) {
    assert.equal(await page.locator(`[data-warning=${code}]`).count(), 1, code)
  }
  assert.match(await text(page, 'key-mistake'), /documentation/)
  await page.context().close()
})
