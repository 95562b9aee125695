// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inChromium, loadSample, open, text, verdict } from './lib.js'

inChromium()

/** Each "what if", on a token that holds without it. */
const WHAT_IFS = [
  ['juspay', 'otherBinding', 'binding_mismatch (order_id)', 'HTTP/1.1 403'],
  ['cashfree', 'otherBinding', 'binding_mismatch (vkyc_request_id)', 'vkyc_request_id_value_invalid'],
  ['accessToken', 'otherScope', 'scope_insufficient (scope)', 'insufficient_scope'],
  ['accessToken', 'tampered', 'signature_invalid', 'invalid_token'],
  ['accessToken', 'algNone', 'alg_not_supported (alg)', 'invalid_token'],
  ['juspay', 'tampered', 'signature_invalid', 'access_denied'],
  ['publiq', 'algNone', 'alg_not_supported (alg)', 'probs/auth/unauthorized'],
  ['vtex', 'tampered', 'signature_invalid', 'InvalidToken'],
]

for (const [sample, id, code, answer] of WHAT_IFS) {
  test(`what if, on ${sample}: ${id} is ${code}, and undone it holds again`, async () => {
    const page = await open()
    await loadSample(page, String(sample))
    await page.check(`#what-if-${id}`)
    assert.deepEqual(await verdict(page), { word: 'Refused', code })
    assert.match(await text(page, 'answer'), new RegExp(String(answer)))
    await page.uncheck(`#what-if-${id}`)
    assert.equal((await verdict(page)).word, 'Accepted')
    await page.context().close()
  })
}

test('the verdict follows the handle on the timeline, and comes back to the present', async () => {
  const page = await open()
  await loadSample(page, 'accessToken')
  const slider = page.locator('#now')
  const box = await slider.boundingBox()
  assert.ok(box)
  await page.mouse.move(box.x + box.width * 0.25, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width - 4, box.y + box.height / 2, { steps: 4 })
  await page.mouse.up()
  assert.deepEqual(await verdict(page), { word: 'Refused', code: 'token_expired (exp)' })
  assert.match(await text(page, 'now-label'), /as if it were/)
  await page.click('#live')
  assert.equal((await verdict(page)).word, 'Accepted')
  await page.context().close()
})

test('the timeline is a slider for the keyboard, and says the moment', async () => {
  const page = await open()
  await loadSample(page, 'accessToken')
  await page.locator('#now').focus()
  await page.keyboard.press('End')
  assert.equal((await verdict(page)).code, 'token_expired (exp)')
  assert.match((await page.locator('#now').getAttribute('aria-valuetext')) ?? '', /after it expired/)
  await page.keyboard.press('Home')
  assert.equal((await verdict(page)).word, 'Accepted')
  await page.context().close()
})

test('a leeway, a maximal age and a scope are held, and nonsense is called so', async () => {
  const page = await open()
  await loadSample(page, 'expired')
  await page.fill('#policy-leewaySeconds', '300')
  assert.equal((await verdict(page)).word, 'Accepted')
  await page.fill('#policy-maxAgeSeconds', '60')
  assert.equal((await verdict(page)).code, 'token_too_old (iat)')
  await page.fill('#policy-maxAgeSeconds', 'soon')
  assert.equal((await verdict(page)).word, 'No verdict')
  assert.match(await text(page, 'policy-mistake'), /maxAgeSeconds/)
  await page.context().close()
})

test('a policy of one’s own: issuer, audience, binding', async () => {
  const page = await open()
  await loadSample(page, 'accessToken')
  await page.check('[name=system][value=custom]', { force: true })
  assert.equal((await verdict(page)).word, 'Accepted')
  await page.fill('#policy-issuer', 'https://issuer.example')
  assert.equal((await verdict(page)).code, 'claim_mismatch (iss)')
  await page.fill('#policy-issuer', 'https://issuer.example/')
  await page.fill('#policy-audience', 'https://api.example/')
  await page.fill('#policy-bind', 'client_id=web-shop')
  assert.equal((await verdict(page)).word, 'Accepted')
  await page.fill('#policy-bind', 'client_id=other')
  assert.equal((await verdict(page)).code, 'binding_mismatch (client_id)')
  await page.context().close()
})

test('without a key nothing is accepted, and what fails whatever the key is refused', async () => {
  const page = await open()
  await loadSample(page, 'accessToken')
  await page.fill('#key', '')
  assert.equal((await verdict(page)).word, 'Unverified')
  assert.equal(await page.locator('[data-check=signature].not_checked').count(), 1)
  await page.locator('#now').press('End')
  assert.deepEqual(await verdict(page), { word: 'Refused', code: 'token_expired (exp)' })
  await page.context().close()
})

test('a key that cannot be used is called so, and accepts nothing', async () => {
  const page = await open()
  await loadSample(page, 'juspay')
  for (const [key, why] of [
    ['short', /32 octets/],
    ['{ "kty": "EC"', /not complete JSON/],
    ['-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', /key/],
  ]) {
    await page.fill('#key', String(key))
    assert.equal((await verdict(page)).word, 'Unverified')
    assert.match(await text(page, 'key-mistake'), /** @type {RegExp} */ (why))
  }
  await page.context().close()
})

test('a key file can be dropped on the key, or opened', async () => {
  const page = await open()
  await loadSample(page, 'accessToken')
  const jwk = await page.inputValue('#key')
  for (const [name, content] of [
    ['key.jwk', jwk],
    ['keys.json', JSON.stringify({ keys: [JSON.parse(jwk)] })],
  ]) {
    await page.fill('#key', '')
    await page.locator('#key-drop').evaluate(
      (target, [name = '', content = '']) => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File([content], name))
        for (const type of ['dragover', 'drop'])
          target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
      },
      [String(name), String(content)],
    )
    await page.waitForFunction(() => document.getElementById('word')?.textContent === 'Accepted')
  }
  assert.equal(await text(page, 'key-form'), 'Read as a JWK Set.')
  await page.fill('#key', '')
  await page.setInputFiles('#key-file', {
    name: 'key.json',
    mimeType: 'application/json',
    buffer: Buffer.from(jwk),
  })
  await page.waitForFunction(() => document.getElementById('word')?.textContent === 'Accepted')
  await page.context().close()
})

test('a secret can be given in base64url', async () => {
  const page = await open()
  await loadSample(page, 'juspay')
  const secret = await page.inputValue('#key')
  await page.fill('#key', Buffer.from(secret).toString('base64url'))
  assert.equal((await verdict(page)).code, 'signature_invalid')
  await page.check('#octets')
  assert.equal((await verdict(page)).word, 'Accepted')
  await page.context().close()
})

test('every check is listed with its code, in the order of the core', async () => {
  const page = await open()
  await loadSample(page, 'shopper')
  const names = await page
    .locator('#checks ol [data-check]')
    .evaluateAll((lines) => lines.map((line) => line.getAttribute('data-check')))
  const order = [
    'structure',
    'header',
    'alg',
    'key',
    'signature',
    'claims',
    'issuer',
    'audience',
    'claim',
    'expiry',
    'lifetime',
  ]
  assert.deepEqual(
    names.filter((name) => order.includes(name ?? '')),
    order,
  )
  assert.match(
    await page.locator('[data-check=audience]').innerText(),
    /claim_mismatch[\s\S]*expected[\s\S]*admin[\s\S]*actual[\s\S]*webstore/,
  )
  await page.context().close()
})

test('the trouble is marked at its place in the token and at its claim', async () => {
  const page = await open()
  await loadSample(page, 'shopper')
  const marked = (await page.locator('#ink mark.problem').allInnerTexts()).join('')
  const token = await page.inputValue('#token')
  const payload = token.split('.')[1] ?? ''
  const at = payload.indexOf(marked)
  assert.ok(marked !== '' && at >= 0)
  const from = Math.floor(at / 4) * 4
  assert.match(Buffer.from(payload.slice(from, at + marked.length), 'base64url').toString(), /"audience":"webstore"/)
  assert.match(await page.locator('.row[data-name=audience].problem .why').innerText(), /admin/)
  await page.context().close()
})

test('an opaque token is countersigned and verified', async () => {
  const page = await open()
  await page.fill('#receipt-token', 'mH5tVmtwod4J9GhCXwTuygd2zRZn4pj5')
  await page.fill('#receipt-id', '4711')
  await page.click('#verify-receipt')
  assert.equal((await verdict(page)).word, 'Accepted')
  assert.match(await page.inputValue('#token'), /~mH5tVmtwod4J9GhCXwTuygd2zRZn4pj5$/)
  await page.fill('#policy-id', '4712')
  assert.equal((await verdict(page)).code, 'binding_mismatch (order_id)')
  for (const system of ['cashfree', 'custom']) {
    await page.selectOption('#receipt-system', system)
    await page.click('#verify-receipt')
    assert.equal((await verdict(page)).word, 'Accepted', system)
  }
  await page.fill('#receipt-expires', '2030-01-01 12:00:00')
  assert.match(await text(page, 'receipt-result'), /expires/)
  assert.equal(await page.locator('#verify-receipt').count(), 0)
  await page.context().close()
})
