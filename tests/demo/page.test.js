// @ts-check
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { address, inChromium, loadSample, open, text, verdict } from './lib.js'

inChromium()

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const NOTHING = { requests: [], console: [], violations: [], errors: [] }
const FILE = fileURLToPath(new URL('../../www/dist/countersign.html', import.meta.url))

/**
 * Does everything that a visitor can.
 *
 * @param {import('./lib.js').WatchedPage} page
 */
async function exercise(page) {
  for (const id of ['juspay', 'cashfree', 'vtex', 'publiq', 'accessToken', 'confusion', 'other-receipt'])
    await loadSample(page, id)
  await loadSample(page, 'juspay')
  for (const box of await page.locator('#what-ifs label:not([hidden]) input').all()) await box.check()
  await page.locator('#now').press('End')
  await page.click('#live')
  for (const system of await page.locator('[name=system]').all()) await system.check({ force: true })
  await page.click('#verify-receipt')
  for (const tab of await page.locator('[role=tab]').all()) await tab.click()
  await page.locator('#checks summary').click()
  assert.equal((await verdict(page)).word, 'Accepted')
}

for (const [name, options] of /** @type {[string, () => Parameters<typeof open>[0]][]} */ ([
  ['served', () => ({})],
  ['as one file', () => ({ url: pathToFileURL(FILE).href })],
])) {
  test(`the page, ${name}, sends nothing after it has loaded, and its policy forbids nothing that it does`, async () => {
    const page = await open(options())
    await exercise(page)
    assert.deepEqual(page.witness, NOTHING)
    await page.context().close()
  })

  test(`the page, ${name}, works with the network cut`, async () => {
    const page = await open(options())
    await page.context().setOffline(true)
    await exercise(page)
    assert.deepEqual(page.witness, NOTHING)
    await page.context().close()
  })

  test(`the page, ${name}, may reach nothing: not by fetch, image, form, script or HTML`, async () => {
    const page = await open(options())
    const reached = await page.evaluate(async () => {
      const done = []
      await fetch('http://127.0.0.1:1/').then(
        () => done.push('fetch'),
        () => undefined,
      )
      if (navigator.sendBeacon('http://127.0.0.1:1/')) done.push('beacon queued')
      // In a task of its own: what the driver itself evaluates is exempt.
      await new Promise((resolve) =>
        setTimeout(() => {
          try {
            document.body.innerHTML += '<p>'
            done.push('HTML')
          } catch {}
          try {
            new Function('return 1')()
            done.push('eval')
          } catch {}
          resolve(undefined)
        }),
      )
      const image = new Image()
      image.src = 'http://127.0.0.1:1/x.png'
      await new Promise((resolve) => setTimeout(resolve, 100))
      return done
    })
    assert.deepEqual(
      reached.filter((what) => what !== 'beacon queued'),
      [],
    )
    assert.ok(page.witness.violations.length >= 2, page.witness.violations.join('\n'))
    assert.deepEqual(
      page.witness.requests.filter((url) => !url.startsWith('data:')).length,
      page.witness.requests.length,
    )
    await page.context().close()
  })
}

test('a token is never in storage, address, title, console or a cookie, and one button clears the page', async () => {
  const page = await open()
  await loadSample(page, 'juspay')
  const token = await page.inputValue('#token')
  const key = await page.inputValue('#key')
  const kept = () =>
    page.evaluate(async () =>
      JSON.stringify([
        { ...localStorage },
        { ...sessionStorage },
        location.href,
        document.title,
        document.cookie,
        history.state,
        await indexedDB.databases(),
        window.name,
      ]),
    )
  const pieces = [...token.split(/[.~]/), key]
  for (const piece of pieces) assert.ok(!(await kept()).includes(piece))
  await page.click('#clear')
  // The header is the same in every receipt; the page makes another one to countersign with.
  pieces.shift()
  const left = await page.evaluate(() =>
    [
      document.body.innerText,
      ...[...document.querySelectorAll('input, textarea')].map(
        (field) => /** @type {HTMLInputElement} */ (field).value,
      ),
    ].join('\n'),
  )
  for (const piece of pieces) assert.ok(!left.includes(piece))
  assert.equal(await text(page, 'word'), 'Waiting')
  assert.deepEqual(page.witness, NOTHING)
  await page.context().close()
})

test('a link shares the policy, never the token, the key or the request', async () => {
  const page = await open()
  await loadSample(page, 'juspay')
  await page.fill('#policy-merchantId', 'smith & co')
  await page.fill('#policy-leewaySeconds', '30')
  const link = await page.inputValue('#link')
  for (const secret of [
    ...(await page.inputValue('#token')).split(/[.~]/),
    await page.inputValue('#key'),
    '14183944763',
  ]) {
    assert.ok(!link.includes(secret))
  }
  await page.context().close()
  const other = await open({ fragment: new URL(link).hash })
  assert.equal(await other.inputValue('#policy-merchantId'), 'smith & co')
  assert.equal(await other.inputValue('#policy-leewaySeconds'), '30')
  assert.equal(await other.inputValue('#token'), '')
  await other.context().close()
})

test('a fragment that is no policy is left alone', async () => {
  for (const fragment of [
    '#system=constructor',
    '#system=__proto__&x=1',
    '#%',
    `#system=vtex&account=${'x'.repeat(9000)}`,
  ]) {
    const page = await open({ fragment })
    assert.equal(await page.locator('[name=system]:checked').getAttribute('value'), 'custom')
    assert.deepEqual(page.witness.errors, [])
    await page.context().close()
  }
})

test('a token that is still being typed is read as far as it goes, and nothing goes wrong', async () => {
  const page = await open()
  await loadSample(page, 'vtex')
  const token = await page.inputValue('#token')
  for (let length = 1; length < token.length; length += 7) {
    await page.fill('#token', token.slice(0, length))
    assert.notEqual(await text(page, 'word'), 'Accepted')
  }
  await page.fill('#token', token.slice(0, token.indexOf('.') + 60))
  assert.equal(await page.locator('.row[data-name=sub]').count(), 1)
  assert.match(await text(page, 'says'), /the part that can be read/)
  assert.deepEqual(page.witness, NOTHING)
  await page.context().close()
})

test('a token pasted alone is held to what needs no policy and no key, and the policy of its system is offered', async () => {
  const page = await open()
  await loadSample(page, 'vtex')
  const token = await page.inputValue('#token')
  await page.context().close()
  const fresh = await open()
  await fresh.fill('#token', token)
  assert.equal((await verdict(fresh)).word, 'Unverified')
  await fresh.click('#offer')
  assert.equal(await fresh.locator('[name=system]:checked').getAttribute('value'), 'vtex')
  assert.equal((await verdict(fresh)).word, 'Unverified')
  assert.equal(await fresh.locator('#offer').count(), 0)
  await fresh.fill('#policy-account', 'another')
  assert.deepEqual(await verdict(fresh), { word: 'Refused', code: 'claim_mismatch (account)' })
  await fresh.context().close()
})

test('an opaque token pasted alone is refused for want of a receipt', async () => {
  const page = await open()
  await page.fill('#token', 'tkn_24543c6a278f45d680d09edb32e78061')
  assert.match(await text(page, 'sentence'), /receipt/)
  await page.click('#offer')
  assert.deepEqual(await verdict(page), { word: 'Refused', code: 'receipt_missing' })
  await page.context().close()
})

test('text around a token is left out, and the page says so', async () => {
  const page = await open()
  await loadSample(page, 'accessToken')
  const token = await page.inputValue('#token')
  await page.fill('#token', `{ "scope": "x"\n "access_token": "${token}" "expires_in": 3600 }`)
  assert.equal((await verdict(page)).word, 'Accepted')
  assert.match(await text(page, 'found'), /access_token/)
  assert.ok((await page.locator('#ink .out').count()) > 0)
  await page.context().close()
})

test('claims are shown as text, even if they contain HTML', async () => {
  const page = await open()
  const claims = {
    name: '<img src=x onerror=alert(1)>',
    iss: 'javascript:alert(1)',
    '<b>x</b>': '</script><script>alert(1)</script>',
  }
  const encode = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  await page.fill('#token', `${encode({ alg: 'ES256' })}.${encode(claims)}.AAAA`)
  assert.match(await text(page, 'says'), /<img src=x onerror/)
  assert.equal(await page.locator('main img, main b:has-text("x"), #says script').count(), 0)
  assert.deepEqual(page.witness, NOTHING)
  await page.context().close()
})

test('text of every kind is shown without an error', async () => {
  const page = await open()
  const samples = [
    '.',
    '..',
    '...',
    '~',
    'a~',
    '~a',
    'e30.e30.',
    'eyJ.eyJ.eyJ',
    'eyJhbGciOiJIUzI1NiJ9.W10.',
    '\u0000',
    '💥',
    'x'.repeat(20_000),
    'a.b.c.d.e',
    'eyJhbGciOjF9.eyJleHAiOiJ4In0.x',
    '{"access_token":',
    'Bearer ',
  ]
  for (const garbage of samples) {
    await page.fill('#token', garbage)
    assert.notEqual(await text(page, 'word'), 'Accepted')
  }
  assert.deepEqual(page.witness, NOTHING)
  await page.context().close()
})

for (const [colorScheme, width] of /** @type {['light' | 'dark', number][]} */ ([
  ['light', 1440],
  ['dark', 1440],
  ['light', 360],
  ['dark', 360],
])) {
  test(`axe-core finds nothing: ${colorScheme}, ${width} px`, async () => {
    const page = await open({
      colorScheme,
      viewport: { width, height: 900 },
      script: AXE,
      reducedMotion: 'reduce',
    })
    for (const sample of [undefined, 'juspay', 'jwt-io', 'publiq']) {
      if (sample !== undefined) await loadSample(page, sample)
      const found = await page.evaluate(async () => {
        const { axe } = /** @type {any} */ (globalThis)
        const { violations } = await axe.run(document, {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        })
        return violations.map(
          (/** @type {any} */ { id, nodes }) =>
            `${id}: ${nodes.map((/** @type {any} */ node) => `${node.html.slice(0, 120)} ${node.failureSummary}`).join(' | ')}`,
        )
      })
      assert.deepEqual(found, [], sample ?? 'empty')
    }
    await page.context().close()
  })

  test(`nothing is wider than the screen: ${colorScheme}, ${width} px`, async () => {
    const page = await open({ colorScheme, viewport: { width, height: 900 } })
    for (const sample of ['publiq', 'juspay', 'confusion']) {
      await loadSample(page, sample)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), sample)
    }
    await page.context().close()
  })
}

/** Widths of phones, tablets and screens, in CSS pixels. */
const WIDTHS = [360, 390, 640, 768, 1024, 1180, 1280, 1440, 1920, 2560]

test('the word of the verdict is on one line at every width, and clear of the rosette where that is beside it', async () => {
  const page = await open()
  await loadSample(page, 'accessToken')
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    for (const word of ['Waiting', 'Accepted', 'Refused', 'Unverified', 'No verdict']) {
      const { lines, wide, overlap } = await page.evaluate((shown) => {
        const element = document.getElementById('word')
        const rosette = document.getElementById('rosette')
        if (element === null || rosette === null) throw new Error('there is no verdict')
        element.textContent = shown
        const range = document.createRange()
        range.selectNodeContents(element)
        const text = range.getBoundingClientRect()
        const beside = getComputedStyle(rosette).position === 'static'
        return {
          lines: new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size,
          wide: text.right > (element.parentElement?.getBoundingClientRect().right ?? 0),
          overlap: beside && text.right > rosette.getBoundingClientRect().left,
        }
      }, word)
      assert.deepEqual({ lines, wide, overlap }, { lines: 1, wide: false, overlap: false }, `${word} at ${width} px`)
    }
  }
  await page.context().close()
})

test('headline, contents and warnings of an unsigned, an incomplete and an encrypted token agree with the sentence', async () => {
  const page = await open()
  const encode = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = encode({ sub: 'mary', exp: 4_102_444_800 })
  for (const [token, headline, sentence, contents] of /** @type {[string, RegExp, RegExp, RegExp][]} */ ([
    [`${encode({ alg: 'none' })}.${claims}.`, /^An unsigned token/, /not signed/, /Signature[\s\S]*not signed/],
    [`${encode({ alg: 'none' })}.${claims}.AAAA`, /^An unsigned token/, /not signed/, /Signature[\s\S]*not signed/],
    [`${encode({ alg: 'ES256' })}.${claims}.`, /^An unsigned token/, /signature is empty/, /signature is empty/],
    [`${encode({ alg: 'ES256' })}.${claims}`, /^Not a complete token/, /signature is missing/, /mary/],
    [`${encode({ alg: 'dir', enc: 'A128GCM' })}..a.b.c`, /^An encrypted token/, /encrypted token/, /A128GCM/],
    ['https://issuer.example/jwks.json', /^Not a token/, /an address/, /nothing to read/],
  ])) {
    await page.fill('#token', token)
    assert.match(await text(page, 'legend'), headline)
    assert.match(await text(page, 'sentence'), sentence)
    assert.match(await text(page, 'says'), contents)
    assert.doesNotMatch(
      await page.locator('.token, .verdict, .says').allInnerTexts().then(String),
      /[Cc]ountersign it|opaque/,
    )
  }
  await page.context().close()
})

test('a key that is an address is named, and the page makes no request for it', async () => {
  const page = await open()
  await loadSample(page, 'accessToken')
  await page.fill('#key', 'https://issuer.example/.well-known/jwks.json')
  assert.equal(await text(page, 'key-form'), 'Read as an address.')
  assert.match(await text(page, 'key-mistake'), /makes no requests/)
  assert.match(await text(page, 'sentence'), /key cannot be used, so the signature was not checked/)
  assert.deepEqual(page.witness, NOTHING)
  await page.context().close()
})

test('a mistake in the policy is named by its label, and there is no program for it', async () => {
  const page = await open()
  await loadSample(page, 'accessToken')
  await page.fill('#policy-leewaySeconds', '9999')
  assert.match(await text(page, 'policy-mistake'), /^Leeway, seconds \(leewaySeconds\) must be/)
  assert.match(await text(page, 'listing'), /Correct it first/)
  await page.fill('#policy-leewaySeconds', '')
  assert.match(await text(page, 'listing'), /new Verifier/)
  await page.context().close()
})

test('a token with more members than any policy allows is refused, and not taken apart', async () => {
  const page = await open()
  const members = Array.from({ length: 60_000 }, (_, index) => `"claim${index}":${index}`)
  const claims = Buffer.from(`{${members.join()}}`).toString('base64url')
  const header = Buffer.from('{"alg":"ES256"}').toString('base64url')
  await page.fill('#token', `${header}.${claims}.AAAA`)
  assert.deepEqual(await verdict(page), { word: 'Refused', code: 'token_too_large' })
  assert.equal(await text(page, 'says'), 'It is too long to be shown here.')
  assert.equal(await page.locator('#says .row').count(), 0)
  await page.fill('#token', 'a b '.repeat(300_000))
  assert.equal((await verdict(page)).word, 'Refused')
  assert.deepEqual(page.witness, NOTHING)
  await page.context().close()
})

test('the sample with Indian time shows that time', async () => {
  const page = await open()
  await loadSample(page, 'ist')
  assert.match(await text(page, 'look'), /“\d{4}-\d\d-\d\d \d\d:\d\d:\d\d IST”.*UTC/)
  await page.context().close()
})

test('every control can be used with the keyboard: a sample, a “what if”, the tabs, clearing', async () => {
  const page = await open()
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute('data-sample') ?? document.activeElement?.id ?? '')
  const tabTo = async (/** @type {string} */ id) => {
    for (let presses = 0; presses < 120; presses += 1) {
      await page.keyboard.press('Tab')
      if ((await focused()) === id) return
    }
    assert.fail(`Tab does not reach ${id}`)
  }
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the verdict')
  await tabTo('juspay')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.getElementById('word')?.textContent === 'Accepted')
  await tabTo('what-if-tampered')
  await page.keyboard.press('Space')
  assert.equal((await verdict(page)).code, 'signature_invalid')
  await tabTo('tab-worker')
  await page.keyboard.press('ArrowRight')
  assert.equal(await focused(), 'tab-node')
  assert.match(await text(page, 'listing'), /node:http/)
  await page.locator('#clear').focus()
  await page.keyboard.press('Enter')
  assert.equal(await focused(), 'token')
  assert.equal(await text(page, 'word'), 'Waiting')
  await page.context().close()
})

test('a screen reader is given a change of verdict once', async () => {
  const page = await open()
  await loadSample(page, 'accessToken')
  await page.waitForFunction(() => document.getElementById('spoken')?.textContent?.startsWith('Accepted'))
  const before = await text(page, 'spoken')
  await page.waitForTimeout(2200)
  assert.equal(await text(page, 'spoken'), before)
  await page.context().close()
})

test('the code of every tab is the policy on screen, and holds no key and no token', async () => {
  const page = await open()
  await loadSample(page, 'juspay')
  await page.fill('#policy-leewaySeconds', '30')
  const secrets = [await page.inputValue('#key'), ...(await page.inputValue('#token')).split(/[.~]/)]
  for (const id of ['worker', 'node', 'express', 'fastify', 'hono', 'deno', 'bun']) {
    await page.click(`#tab-${id}`)
    const code = await text(page, 'listing')
    assert.match(code, /profiles\.juspay\(\{ merchantId: 'acme', environment: 'sandbox', kind: 'order' \}\)/)
    assert.match(code, /leewaySeconds: 30/)
    assert.match(code, /bind: \{\s+order_id:/)
    for (const secret of secrets) assert.ok(!code.includes(secret))
  }
  await page.context().close()
})

test('the verdict is on the page when the handler of a keystroke returns', async (t) => {
  const page = await open()
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
  await loadSample(page, 'accessToken')
  const { verdicts, times } = await page.evaluate(() => {
    const input = /** @type {HTMLTextAreaElement} */ (document.getElementById('token'))
    const good = input.value
    /** @type {number[]} */
    const times = []
    const verdicts = [good.slice(0, -1), good, `${good}A`, good].map((value) => {
      input.value = value
      const start = performance.now()
      input.dispatchEvent(new Event('input', { bubbles: true }))
      times.push(performance.now() - start)
      return document.getElementById('word')?.textContent
    })
    return { verdicts, times }
  })
  assert.deepEqual(verdicts, ['Refused', 'Accepted', 'Refused', 'Accepted'])
  // Reported, not asserted, because other load on the machine changes it.
  t.diagnostic(
    `first paint ${Math.round(paint ?? NaN)} ms, keystrokes ${times.map((time) => time.toFixed(1)).join(', ')} ms`,
  )
  await page.context().close()
})

test('the served page has its Content Security Policy in a header', async () => {
  const response = await fetch(address())
  const policy = response.headers.get('content-security-policy') ?? ''
  assert.match(policy, /connect-src 'none'/)
  assert.match(policy, /require-trusted-types-for 'script'/)
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'/)
  for (const path of ['../package.json', 'nothing', '%2e%2e/package.json']) {
    assert.equal((await fetch(new URL(`/${path}`, address()))).status, 404)
  }
})
