// @ts-check
/** Messages for options that cannot be used: what was given, what is expected, what was meant; and never a secret. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countersign, profiles, receipts, Verifier } from 'countersign'
import { guard } from 'countersign/fetch'

const SECRET = 'a secret of at least thirty-two octets'
const keys = { secret: SECRET }
const ANY = { issuer: null, audience: null, keys }

/** What the call says that threw a TypeError. @param {() => unknown} call */
function said(call) {
  try {
    call()
  } catch (error) {
    assert.ok(error instanceof TypeError && error.constructor === TypeError, String(error))
    assert.ok(!error.message.includes(SECRET), error.message)
    return error.message
  }
  return assert.fail('nothing was thrown')
}

/** @param {object | null | undefined} options */
const building = (options) => said(() => new Verifier(/** @type {any} */ (options)))

test('the message for an unknown option names the one that was meant', () => {
  for (const [given, meant] of Object.entries({
    ...{ iss: 'issuer', isuer: 'issuer', issuers: 'issuer', aud: 'audience', audiance: 'audience', sub: 'subject' },
    ...{
      algorithm: 'algorithms',
      alg: 'algorithms',
      scopes: 'scope',
      required: 'requiredClaims',
      maxAge: 'maxAgeSeconds',
    },
    ...{ clockTolerance: 'leewaySeconds', clock_tolerance: 'leewaySeconds', leeway: 'leewaySeconds', Issuer: 'issuer' },
    ...{ jwksUri: 'keys', jwks_uri: 'keys', secretOrKey: 'keys', clockTimestamp: 'clock', ignoreExpiration: 'expiry' },
  })) {
    assert.equal(building({ ...ANY, [given]: 'x' }), `unknown option \`${given}\`: did you mean \`${meant}\`?`)
  }
  assert.equal(building({ ...ANY, somethingElse: 1 }), 'unknown option `somethingElse`')
  assert.equal(building({ ...ANY, ['x'.repeat(5000)]: 1 }), `unknown option \`${'x'.repeat(100)}…\``)
})

test('a misspelled option comes before the one that is missing for it', () => {
  assert.equal(building({ audience: null, keys, iss: 'x' }), 'unknown option `iss`: did you mean `issuer`?')
  assert.equal(building({ issuer: 'a', audience: 'b', jwksUri: 'x' }), 'unknown option `jwksUri`: did you mean `keys`?')
  assert.match(building({ audience: null, keys }), /^issuer is missing: it must be a string/)
  assert.match(building({ issuer: null, keys }), /^audience is missing: it must be a string .* or null not to check$/)
  assert.match(building({ issuer: null, audience: null }), /^keys is missing: it must be a key/)
})

test('the message for an unknown name below the options does the same', () => {
  assert.equal(building({ ...ANY, cache: { entires: 5 } }), 'unknown option `cache.entires`: did you mean `entries`?')
  assert.equal(building({ ...ANY, denyList: {} }), 'unknown option `denyList`: did you mean `revocation`?')
  assert.equal(building({ ...ANY, oneTime: true }), 'unknown option `oneTime`: did you mean `singleUse`?')
  assert.equal(building({ ...ANY, replays: {} }), 'unknown option `replays`: did you mean `replay`?')
  assert.equal(building({ ...ANY, maxUse: 1 }), 'unknown option `maxUse`: did you mean `maxUses`?')
  assert.equal(building({ ...ANY, keys: { ...keys, kidd: 'x' } }), 'keys: unknown option `kidd`: did you mean `kid`?')
  assert.equal(building({ ...ANY, keys: { jwksUri: 'x' } }), 'unknown option `keys.jwksUri`: did you mean `KeySource`?')
  assert.equal(
    building({ ...ANY, keys: [{ publicKey: 'x' }] }),
    'unknown option `keys[0].publicKey`: did you mean `pem`?',
  )
  assert.equal(building({ ...ANY, scope: { alll: ['a'] } }), 'unknown option `scope.alll`: did you mean `all`?')
  const verifier = new Verifier(ANY)
  const asking = (/** @type {any} */ expected) => said(() => verifier.tryVerify('a.b.c', expected))
  assert.equal(asking({ scopes: 'a' }), 'unknown option `expected.scopes`: did you mean `scope`?')
})

test('the message for a value of the wrong kind says what to pass', () => {
  const date = '`date.getTime() / 1000`, or where text is allowed `date.toISOString()`'
  for (const [options, message] of /** @type {[object, string][]} */ ([
    [{ issuer: new URL('https://issuer.example') }, 'issuer must be plain data, not a URL: pass its `href`'],
    [{ issuer: undefined }, 'issuer must be plain data, not undefined'],
    [{ issuer: new Set(['a']) }, 'issuer must be plain data, not a Set: pass an array, `[...set]`'],
    [{ issuer: Promise.resolve('a') }, 'issuer must be plain data, not a Promise: await it first'],
    [
      { claims: { sub: new Date(0) } },
      `claims.sub must be plain data, not a Date: pass seconds since the Unix epoch, ${date}`,
    ],
    [
      { claims: { sub: /u/ } },
      'claims.sub must be plain data, not a RegExp: patterns are not supported, list the values',
    ],
    [{ claims: { sub: () => true } }, 'claims.sub must be plain data, not a function'],
    [{ subject: 7n }, 'subject must be plain data, not a BigInt'],
    [{ leewaySeconds: NaN }, 'leewaySeconds must be a finite number, not NaN'],
    [{ leewaySeconds: '5' }, 'leewaySeconds must be a whole number of seconds, 0 to 300, not a string'],
    [{ leewaySeconds: 301 }, 'leewaySeconds must be a whole number of seconds, 0 to 300'],
    [{ algorithms: 'RS256' }, 'algorithms must be an array of strings, none of them empty, not a string'],
    [{ expiry: true }, 'expiry must be "required" or "optional", not a boolean'],
  ])) {
    assert.equal(building({ ...ANY, ...options }), message)
  }
  assert.match(building({ ...ANY, issuer: 7 }), /, not a number$/)
  assert.match(building({ ...ANY, audience: '' }), /, not an empty string$/)
  assert.match(building({ ...ANY, keys: SECRET }), /, not a string$/)
  assert.match(building(null), /^options must be a plain object, not null$/)
})

test('the path to a claim inside an object is a JSON Pointer', () => {
  assert.match(
    building({ ...ANY, claims: { 'realm_access.roles': { contains: 'a' } } }),
    /did you mean `\/realm_access\/roles`\?/,
  )
  assert.match(
    building({ ...ANY, requiredClaims: ['resource_access.a/b~.roles'] }),
    /`\/resource_access\/a~1b~0\/roles`/,
  )
  assert.match(building({ ...ANY, scopeClaims: ['scope', 'authorization.scope'] }), /`\/authorization\/scope`/)
  assert.match(building({ ...ANY, bind: { id: 'app_metadata.id' } }), /`\/app_metadata\/id`/)
  assert.match(
    building({ ...ANY, permissions: { 'kubernetes.io.namespace': 'a' } }),
    /^permissions must [^]*did you mean `\/kubernetes\.io\/namespace`\?$/,
  )
  const verifier = new Verifier(/** @type {any} */ (ANY))
  for (const option of ['claims', 'permissions']) {
    assert.match(
      said(() => verifier.tryVerify('a.b.c', { [option]: { 'realm_access.roles': { contains: 'a' } } })),
      new RegExp(`^expected\\.${option} must [^]*did you mean \`/realm_access/roles\`\\?$`),
    )
  }
  const profile = { issuer: null, audience: null, claims: { 'realm_access.roles': 'a' } }
  assert.match(building({ profile, keys }), /^profile\.claims must/)
  assert.doesNotThrow(() => verifier.tryVerify('a.b.c', { bind: { 'realm_access.roles': 'a.b' } }))
  // A dot is a character of a Claim Name, and so is it in a value.
  for (const options of [{ claims: { 'kubernetes.io': 'a' } }, { claims: { sub: 'act.sub' } }, { bind: ['a.b'] }]) {
    assert.doesNotThrow(() => new Verifier({ ...ANY, .../** @type {any} */ (options) }))
  }
  assert.doesNotThrow(() => new Verifier({ ...ANY, requiredClaims: ['/realm_access.roles', '/realm_access/roles'] }))
})

test('profiles and receipts have the same messages', () => {
  const any = /** @type {any} */ ({})
  assert.equal(
    said(() => profiles.vtex({ ...any, acount: 'x' })),
    'unknown option `acount`: did you mean `account`?',
  )
  assert.match(
    said(() => profiles.vtex({ ...any, audience: 'admin' })),
    /^account is missing: it must be/,
  )
  assert.match(
    said(() => profiles.accessToken({ ...any, issuer: new URL('https://a.example') })),
    /not a URL: pass its `href`$/,
  )
  const juspay = /** @type {any} */ ({ merchantId: 'm', environment: 'sandbox', kind: 'order', id: '7' })
  assert.match(
    said(() => receipts.juspay({ ...juspay, expires: new Date(0) })),
    /^options.expires must be plain data, not a Date: /,
  )
  assert.match(
    said(() => receipts.juspay({ ...juspay, expiry: 5 })),
    /did you mean `expires`\?$/,
  )
  assert.match(
    said(() => countersign('t', { ...any, bind: { id: '7' } }, keys)),
    /^expires is missing: it must be/,
  )
})

test('guards have the same messages', () => {
  const verifier = new Verifier(ANY)
  const guarding = (/** @type {any} */ options) => said(() => guard(verifier, options))
  assert.equal(guarding({ carrier: [] }), 'unknown option `carrier`: did you mean `carriers`?')
  assert.equal(
    guarding({ credentialsRequired: false }),
    'unknown option `credentialsRequired`: did you mean `credentials`?',
  )
  assert.equal(guarding({ getToken: () => 'x' }), 'unknown option `getToken`: did you mean `carriers`?')
  assert.match(guarding({ refusal: 'rfc' }), /^refusal must be a function, or one of "bearer", "problem", "publiq", /)
  assert.match(guarding({ credentials: false }), /^credentials must be "required" or "optional", not a boolean$/)
  assert.match(
    guarding({ carriers: { cookie: 'a' } }),
    /^carriers must be an array of at least one carrier, not a plain object$/,
  )
  assert.match(guarding({ carriers: [{ header: 'Cookie' }] }), /^carriers\[0\] must name the cookie: /)
  assert.match(guarding({ resourceMetadata: new URL('https://a.example') }), /not a URL: pass its `href`$/)
  assert.match(
    said(() => guard(/** @type {any} */ (ANY))),
    /^the first argument of guard\(\) must be a verifier/,
  )
})

test('an option that cannot be read is a mistake, not a crash', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  for (const value of [
    proxy,
    new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new TypeError('trap')
        },
      },
    ),
  ]) {
    assert.throws(() => new Verifier({ ...ANY, issuer: /** @type {any} */ (value) }), TypeError)
  }
  const tagged = Object.create({
    __proto__: {},
    get [Symbol.toStringTag]() {
      throw new RangeError('tag')
    },
  })
  assert.match(building({ ...ANY, issuer: tagged }), /^issuer must be plain data, not an object that cannot be read$/)
})
