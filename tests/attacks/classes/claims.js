// @ts-check
/** Issuer, audience, subject, required claims, scope, `typ`, bindings (RFC 7519 section 4.1, RFC 8725 sections 3.8 to 3.12). */

import { accepted, mistaken, refused } from '../target.js'

/** What looks like `text` and is not. @param {string} text */
const alike = (text) =>
  [
    ...[
      ` ${text}`,
      `${text} `,
      `${text}/`,
      `${text}\0`,
      `${text}\n`,
      text.toUpperCase(),
      text.slice(1),
      text.slice(0, -1),
      `x${text}x`,
      `${text}${text}`,
    ],
    ...[
      text.replace('e', 'е'),
      text.replace('https', 'http'),
      text.replace('.', '．'),
      encodeURIComponent(text),
      `${text}#`,
      `${text}?`,
      '*',
      'null',
      '',
    ],
  ].filter((other) => other !== text)

const NO_TEXT = ['null', '0', 'true', '[]', '{}']

/** @param {import('../target.js').Target} target */
export function* claims(target) {
  const { random, sign, header, claims: own, issuer, audience, options, good } = target
  const raw = (/** @type {string} */ name, /** @type {string} */ value) => {
    const { [name]: _, ...others } = /** @type {Record<string, unknown>} */ (own())
    return sign(header(), `{"${name}":${value},${JSON.stringify(others).slice(1)}`)
  }
  for (const [name, required] of /** @type {const} */ ([
    ['iss', issuer],
    ['aud', audience],
  ])) {
    for (const other of alike(required))
      yield refused(
        `${name} ${JSON.stringify(other.replaceAll(required, '…').slice(0, 40))}, alike`,
        `claim_mismatch ${name}`,
        good({ [name]: other }),
      )
    yield refused(`${name} absent`, `claim_missing ${name}`, good({ [name]: undefined }))
    yield refused(
      `${name} under another case`,
      `claim_missing ${name}`,
      good({ [name]: undefined, [name.toUpperCase()]: required }),
    )
  }
  for (const value of [...NO_TEXT, `["${issuer}"]`])
    yield refused(`iss ${value.slice(0, 8)}`, 'claim_malformed iss', raw('iss', value))
  for (const value of [...NO_TEXT, '[null]', '[1]', `["${audience}",1]`, `[["${audience}"]]`, `{"0":"${audience}"}`]) {
    yield refused(`aud ${value.replaceAll(audience, '…')}`, 'claim_malformed aud', raw('aud', value))
  }
  for (const value of NO_TEXT) {
    for (const name of ['sub', 'jti']) yield refused(`${name} ${value}`, `claim_malformed ${name}`, raw(name, value))
  }
  yield refused('aud of others', 'claim_mismatch aud', good({ aud: ['x', `${audience}x`, audience.slice(0, -1)] }))
  yield refused('aud joined', 'claim_mismatch aud', good({ aud: `x ${audience}` }))
  const strict = { options: { ...options, foreignAudience: 'refuse' } }
  yield refused('a foreign audience beside', 'claim_mismatch aud', good({ aud: [audience, 'x'] }), strict)
  const subject = random.text(12)
  const personal = { options: { ...options, subject }, good: { token: good({ sub: subject }) } }
  for (const sub of alike(subject))
    yield refused(
      `sub ${JSON.stringify(sub.replaceAll(subject, '…'))}, alike`,
      'claim_mismatch sub',
      good({ sub }),
      personal,
    )
  yield refused('sub absent', 'claim_missing sub', good({ sub: undefined }), personal)
  yield* typed(target)
  yield* scoped(target)
  yield* ruled(target)
  for (const [name, values] of /** @type {const} */ ([
    ['issuer', ['', [], [''], 0, true, {}, [null], [['x']]]],
    ['audience', ['', [], [''], 0, true, {}, [null]]],
    ['subject', ['', [], null, 0, {}]],
    ['typ', ['', [], null, 0, {}]],
    ['scope', ['', [], {}, null, { all: [] }, { any: [] }, { contains: 'x' }, 'a  b', ['a b'], 0]],
    [
      'claims',
      [{}, null, [], { a: null }, { a: {} }, { a: [] }, { a: { contains: [] } }, { a: { absent: false } }, { a: '' }],
    ],
    ['requiredClaims', ['', [], 'exp', null, [''], [null], ['/~2']]],
    ['bind', ['', [], {}, null, [''], { a: '' }, 'order']],
    ['issuers', ['x']],
    ['aud', ['x']],
    ['constructor', [{}]],
  ])) {
    for (const value of values)
      yield mistaken(`${name} ${JSON.stringify(value)}`, name, { options: { ...options, [name]: value } })
  }
  for (const name of ['issuer', 'audience']) {
    const { [name]: _, ...without } = /** @type {Record<string, unknown>} */ (options)
    yield mistaken(`${name} left out`, name, { options: without })
  }
  yield accepted('an audience among others', good({ aud: ['x', audience, 'y'] }))
  yield accepted('only the audience', good({ aud: [audience] }), strict)
  yield accepted('its subject', good({ sub: subject }), personal)
  yield accepted('anything where nothing is asked for', sign(header(), own({ iss: undefined, aud: undefined })), {
    options: { issuer: null, audience: null },
  })
}

/** @param {import('../target.js').Target} target */
function* typed({ sign, header, claims: own, options }) {
  const asked = { options: { ...options, typ: 'at+jwt' }, good: { token: sign(header({ typ: 'at+jwt' }), own()) } }
  for (const typ of [
    'JWT',
    'at+jwt ',
    'at jwt',
    'application/',
    'application/application/at+jwt',
    'text/at+jwt',
    'at+jwt;q=1',
    'at+jwtx',
    '',
    'receipt+jwt',
  ]) {
    yield refused(`typ ${JSON.stringify(typ)}`, 'typ_mismatch typ', sign(header({ typ }), own()), asked)
  }
  yield refused('typ absent', 'typ_mismatch typ', sign(header(), own()), asked)
  yield refused('a receipt where a token is wanted', 'typ_mismatch typ', sign(header({ typ: 'receipt+jwt' }), own()))
  yield refused(
    'a receipt, spelled otherwise',
    'typ_mismatch typ',
    sign(header({ typ: 'application/RECEIPT+jwt' }), own()),
  )
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+Jwt']) {
    yield accepted(`typ ${typ}`, sign(header({ typ }), own()), asked)
  }
}

/** @param {import('../target.js').Target} target */
function* scoped({ random, options, good }) {
  const scope = random.text(9)
  const asked = { options: { ...options, scope }, good: { token: good({ scope }) } }
  for (const other of [
    scope.toLowerCase() === scope ? scope.toUpperCase() : scope.toLowerCase(),
    scope.slice(1),
    `${scope}x`,
    `x-${scope}`,
    '*',
    'admin',
  ]) {
    yield refused(
      `scope ${other.replaceAll(scope, '…').slice(0, 12)}, alike`,
      'scope_insufficient scope',
      good({ scope: other }),
      asked,
    )
  }
  yield refused('scope absent', 'scope_insufficient scope', good(), asked)
  yield refused('scope empty', 'scope_insufficient scope', good({ scope: '' }), asked)
  yield refused('scp without it', 'scope_insufficient scp', good({ scp: ['x', 'y'] }), asked)
  yield refused('scp with a blank inside', 'scope_insufficient scp', good({ scp: [`x ${scope}`] }), asked)
  for (const value of [` ${scope}`, `${scope} `, `x  ${scope}`]) {
    yield accepted(`scope ${JSON.stringify(value.replaceAll(scope, '…'))}`, good({ scope: value }), asked)
  }
  for (const value of [`x\t${scope}`, `x\u00a0${scope}`, `"${scope}"`, `x,\\${scope}`]) {
    yield refused(
      `scope ${JSON.stringify(value.replaceAll(scope, '…'))}`,
      'claim_malformed scope',
      good({ scope: value }),
      asked,
    )
  }
  for (const value of [7, true, {}, [7], [[scope]], null]) {
    yield refused(
      `scope ${JSON.stringify(value).replaceAll(scope, '…')}`,
      'claim_malformed scope',
      good({ scope: value }),
      asked,
    )
  }
  const request = { expected: { scope }, good: { token: good({ scope }), expected: { scope } } }
  yield refused('less than the request expects', 'scope_insufficient scope', good({ scope: 'x' }), request)
  yield accepted('its scope among others', good({ scope: `x ${scope} y` }), asked)
  yield accepted('its scope in an array', good({ scp: ['x', scope] }), asked)
  yield accepted('what the request expects', good({ scope }), request)
}

/** @param {import('../target.js').Target} target */
function* ruled({ random, options, good }) {
  const order = random.text(12)
  const expected = { bind: { order_id: order } }
  const bound = {
    options: { ...options, bind: ['order_id'] },
    expected,
    good: { token: good({ order_id: order }), expected },
  }
  for (const other of [
    order.toLowerCase() === order ? order.toUpperCase() : order.toLowerCase(),
    ` ${order}`,
    `${order}\0`,
    order.slice(1),
    '',
    0,
    null,
    true,
    [order],
    { id: order },
  ]) {
    yield refused(
      `bound to ${JSON.stringify(other).replaceAll(order, '…')}, alike`,
      'binding_mismatch order_id',
      good({ order_id: other }),
      bound,
    )
  }
  yield refused('bound to nothing', 'binding_mismatch order_id', good(), bound)
  for (const said of [null, '']) {
    yield refused(`the request says ${JSON.stringify(said)}`, 'binding_mismatch order_id', good({ order_id: said }), {
      ...bound,
      expected: { bind: { order_id: said } },
    })
  }
  yield mistaken('the caller forgets to say for what', 'order_id', {
    ...bound,
    token: good(),
    expected: { bind: { other: 'x' } },
  })
  const rules = {
    level: 3,
    plan: ['a', 'b'],
    roles: { contains: ['r', 's'] },
    any: { containsAny: ['p', 'q'] },
    none: { absent: true },
    maybe: { absentOr: 1 },
    on: true,
  }
  const fine = { level: 3, plan: 'b', roles: ['t', 's', 'r'], any: ['q'], on: true }
  const held = { options: { ...options, claims: rules }, good: { token: good(fine) } }
  for (const [name, values] of Object.entries({
    level: ['3', 4, true, [3], null, 3.5],
    plan: ['c', 'A', ['a'], 1, null],
    roles: [['r'], [], ['R', 'S'], 'r', 'r s', [1], 1],
    any: [[], ['P'], 'P', 'p q', 1],
    none: [1, null, false, ''],
    maybe: [2, '1', null, true],
    on: ['true', 1, false, null],
  })) {
    for (const value of values) {
      yield refused(
        `${name} ${JSON.stringify(value)}`,
        `claim_mismatch ${name}`,
        good({ ...fine, [name]: value }),
        held,
      )
    }
  }
  for (const name of ['level', 'plan', 'roles', 'any', 'on']) {
    yield refused(`${name} absent`, `claim_missing ${name}`, good({ ...fine, [name]: undefined }), held)
  }
  for (const value of [{ 0: 'r' }, true, null]) {
    yield refused(`roles ${JSON.stringify(value)}`, 'claim_malformed roles', good({ ...fine, roles: value }), held)
  }
  const required = {
    options: { ...options, requiredClaims: ['tenant', '/a/b'] },
    good: { token: good({ tenant: 1, a: { b: 0 } }) },
  }
  yield refused('a required claim absent', 'claim_missing tenant', good({ a: { b: 1 } }), required)
  yield refused('a required claim null', 'claim_malformed tenant', good({ tenant: null, a: { b: 1 } }), required)
  yield refused(
    'a required claim absent inside',
    'claim_missing /a/b',
    good({ tenant: 1, a: { c: 1 }, '/a/b': 1, 'a/b': 1 }),
    required,
  )
  yield accepted('all its rules', good(fine), held)
  yield accepted('a claim that may be absent', good({ ...fine, maybe: 1 }), held)
  yield accepted('its order', good({ order_id: order }), bound)
  yield accepted('its required claims', good({ tenant: false, a: { b: '' } }), required)
}
