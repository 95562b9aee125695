// @ts-check
/**
 * Cashfree auth tokens: the cases of systems.md B that need no store and no HTTP.
 *
 * @module
 */

import { b64u, err, forge, hash, keys, mint, NOW, ok, SAMPLE, secret, typeError, write } from './lib.js'

const mac = keys.hs256
const key = secret(mac)
const opaque = 'mH5tVmtwod4J9GhCXwTuygd2zRZn4pj5'
const sandbox = 'https://sandbox.cashfree.com'
const production = 'https://api.cashfree.com'
const exp = NOW + 300
const profile = { $profile: 'cashfree', appId: 'app-1', environment: 'sandbox' }
const expected = { bind: { vkyc_request_id: '249749' } }

/** @param {string} token @param {object} [more] */
const receipt = async (token, more) => {
  const claims = {
    ath: hash(token),
    iss: sandbox,
    iat: NOW - 60,
    exp,
    bind: { vkyc_request_id: '249749', identifier_type: 'userId', identifier_value: '123456' },
    app_id: 'app-1',
    product: 'VKYC',
    ...more,
  }
  return `${await mint(mac, claims, { typ: 'receipt+jwt' })}~${token}`
}

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {unknown} token @param {object} answer
 * @typedef {{ options?: object, profile?: object, keys?: unknown, expected?: object, now?: number }} Given
 * @param {Given} [given]
 */
function vector(name, ref, token, answer, given = {}) {
  vectors.push({
    name,
    ref: `systems.md B ${ref}`,
    options: { profile: { ...profile, ...given.profile }, ...given.options },
    keys: given.keys ?? key,
    token,
    expected: given.expected ?? expected,
    now: given.now ?? NOW,
    answer,
  })
}

const good = await receipt(opaque)
vector(
  'a token for this request is verified',
  'V1',
  good,
  ok({
    evidence: 'receipt',
    expiresAt: exp,
    claims: { iss: sandbox, app_id: 'app-1', product: 'VKYC' },
  }),
)
vector('a request’s number is its text', 'V3', good, ok(), {
  expected: { bind: { vkyc_request_id: 249749 } },
})
vector('a request’s text is its number', 'V3', await receipt(opaque, { bind: { vkyc_request_id: 249749 } }), ok())
for (const id of ['249749.0', '2.49749e5', '0249749']) {
  vector(
    `a request’s number is not ${id}`,
    'B.3',
    await receipt(opaque, { bind: { vkyc_request_id: 249749 } }),
    err('binding_mismatch', 'vkyc_request_id'),
    { expected: { bind: { vkyc_request_id: id } } },
  )
}
const HEADER = '{"alg":"HS256","typ":"receipt+jwt"}'
const guessed = { kty: 'oct', alg: 'HS256', jwk: { kty: 'oct', k: b64u('secret') } }
const receiptText = (/** @type {string} */ id) =>
  `{"ath":"${hash(opaque)}","iss":"${sandbox}","iat":${NOW},"exp":${exp},` +
  `"bind":{"vkyc_request_id":${id}},"app_id":"app-1","product":"VKYC"}`
for (const id of ['249749.0', '2.49749e5']) {
  vector(
    `a receipt’s ${id} is not 249749`,
    'B.3',
    `${forge(mac, '{"alg":"HS256","typ":"receipt+jwt"}', receiptText(id))}~${opaque}`,
    err('binding_mismatch', 'vkyc_request_id'),
  )
}
vector(
  'a JWT that Cashfree issued is verified by its receipt',
  'B.3',
  await receipt(SAMPLE),
  ok({ evidence: 'receipt' }),
)
vector('the second before its expiry a token is good', 'I1', good, ok(), { now: exp - 1 })
vector(
  'on the second of its expiry a token has expired',
  'I1',
  good,
  err('token_expired', 'exp', { expected: exp, actual: exp }),
  { now: exp },
)
vector('the sample of jwt.io is refused without a receipt', 'I3', SAMPLE, err('receipt_missing'))
vector('the secret of the sample is refused as a key', 'I3', SAMPLE, typeError('secret'), {
  keys: { secret: 'your-256-bit-secret' },
})
vector(
  'a forged JWT is refused without a receipt',
  'I4',
  await mint(mac, { exp, app_id: 'app-1', product: 'VKYC' }, { typ: 'JWT' }),
  err('receipt_missing'),
)
vector(
  'an unsecured receipt is refused',
  'I4',
  `${b64u('{"alg":"none","typ":"receipt+jwt"}')}.${good.split('.')[1]}.~${opaque}`,
  err('alg_not_supported', 'alg', { actual: 'none' }),
)
vector(
  'a receipt under a guessed secret is refused',
  'I4',
  `${forge(guessed, HEADER, receiptText('"249749"'))}~${opaque}`,
  err('signature_invalid'),
)
vector(
  'a token for another product is refused',
  'I5',
  await receipt(opaque, { product: 'DIGILOCKER' }),
  err('claim_mismatch', 'product', { actual: 'DIGILOCKER' }),
)
vector(
  'a token for the product that is named is accepted',
  'I5',
  await receipt(opaque, { product: 'DIGILOCKER' }),
  ok(),
  { profile: { product: 'DIGILOCKER' } },
)
vector(
  'a token of another app is refused',
  'B.2',
  await receipt(opaque, { app_id: 'app-2' }),
  err('claim_mismatch', 'app_id', { expected: 'app-1', actual: 'app-2' }),
)
vector(
  'a token for another request is refused',
  'I6',
  good,
  err('binding_mismatch', 'vkyc_request_id', { expected: '249750', actual: '249749' }),
  { expected: { bind: { vkyc_request_id: '249750' } } },
)
vector('a call that forgets the request is a mistake', 'I6', good, typeError('vkyc_request_id'), {
  expected: {},
})
const user = (/** @type {string} */ type, /** @type {string | number} */ value) => ({
  expected: { bind: { vkyc_request_id: '249749', identifier_type: type, identifier_value: value } },
})
vector('a token for this user is accepted', 'I7', good, ok(), user('userId', 123456))
vector(
  'a token for another kind of user is refused',
  'I7',
  good,
  err('binding_mismatch', 'identifier_type', { expected: 'phone', actual: 'userId' }),
  user('phone', '123456'),
)
vector(
  'a token for another user is refused',
  'I7',
  good,
  err('binding_mismatch', 'identifier_value'),
  user('userId', '123457'),
)
vector(
  'a token for nobody is refused where a user is expected',
  'I7',
  await receipt(opaque, { bind: { vkyc_request_id: '249749' } }),
  err('binding_mismatch', 'identifier_type'),
  user('userId', '123456'),
)
vector(
  'a sandbox receipt is refused in production',
  'I11',
  good,
  err('claim_mismatch', 'iss', { expected: production, actual: sandbox }),
  { profile: { environment: 'production' } },
)
vector('a production receipt is accepted in production', 'I11', await receipt(opaque, { iss: production }), ok(), {
  profile: { environment: 'production' },
})
vector('another last character is refused', 'I12', `${good.slice(0, -1)}6`, err('receipt_mismatch'))
vector('a character more is refused', 'I12', `${good}5`, err('receipt_mismatch'))
vector('a character less is refused', 'I12', good.slice(0, -1), err('receipt_mismatch'))

for (const [name, options, word] of /** @type {[string, object, string][]} */ ([
  ['the app must be named', { appId: undefined }, 'appId'],
  ['an app of nothing is a mistake', { appId: '' }, 'appId'],
  ['a product of nothing is a mistake', { product: '' }, 'product'],
  ['the environment must be named', { environment: undefined }, 'environment'],
  ['an environment nobody knows is a mistake', { environment: 'test' }, 'environment'],
  ['an unknown option is a mistake', { app_id: 'app-1' }, 'app_id'],
])) {
  vector(name, 'profiles.cashfree', good, typeError(word), { profile: options })
}

// Receipts
const IST = 1706875200
const then_ = IST - 300
const options = { appId: 'app-1', environment: 'sandbox', vkycRequestId: '249749', now: then_ }
const ist = '2024-02-02 17:30:00 IST'
/** @param {string} name @param {object} given @param {object} answer @param {string} [ref] */
const made = (name, given, answer, ref = 'pkg/src/profiles.ts receipts.cashfree') =>
  vectors.push({
    name,
    ref,
    call: 'receipts.cashfree',
    arguments: [{ ...options, ...given }],
    answer,
  })
made(
  'the receipt of a request',
  { expires: ist },
  ok({
    issuer: sandbox,
    expires: IST,
    bind: { vkyc_request_id: '249749' },
    claims: { app_id: 'app-1', product: 'VKYC' },
  }),
)
made('the receipt of production', { expires: ist, environment: 'production' }, ok({ issuer: production }))
made(
  'the receipt of another product',
  { expires: ist, product: 'DIGILOCKER' },
  ok({ claims: { app_id: 'app-1', product: 'DIGILOCKER' } }),
)
made(
  'the receipt of a user',
  { expires: ist, user: { type: 'userId', value: '123456' } },
  ok({
    bind: { vkyc_request_id: '249749', identifier_type: 'userId', identifier_value: '123456' },
  }),
)
made(
  'the receipt of an expiry in RFC 3339',
  { expires: '2025-05-05T18:01:05+05:30', now: 1746448265 - 60 },
  ok({ expires: 1746448265 }),
  'systems.md B V1',
)
made('the receipt of an expiry in seconds', { expires: IST }, ok({ expires: IST }))
made('the answer’s expiry is read', { response: { expiry: '2024-02-02T17:30:00+05:30' } }, ok({ expires: IST }))
made('the answer’s expires_at is read', { response: { expires_at: ist } }, ok({ expires: IST }), 'systems.md B V2')
made('the answer’s expiry may be in IST', { response: { expiry: ist } }, ok({ expires: IST }))
made(
  'the answer’s expires_at may be in RFC 3339',
  { response: { expires_at: '2024-02-02T12:00:00Z' } },
  ok({ expires: IST }),
)
made(
  'two fields that agree are one',
  { response: { expiry: '2024-02-02T12:00:00Z', expires_at: ist } },
  ok({ expires: IST }),
)
const I8 = 'systems.md B I8'
made(
  'two fields ten minutes apart are refused',
  { response: { expiry: '2024-02-02T17:40:00+05:30', expires_at: ist } },
  typeError('response'),
  I8,
)
made(
  'two fields a second apart are refused',
  { response: { expiry: '2024-02-02T17:30:01+05:30', expires_at: ist } },
  typeError('response'),
  I8,
)
made(
  'two fields of which one cannot be read are refused',
  { response: { expiry: 'soon', expires_at: ist } },
  typeError('response'),
  I8,
)
made('an answer without either field is refused', { response: {} }, typeError('response'))
made('an answer with an empty field is refused', { response: { expiry: '' } }, typeError('expiry'))
made(
  'an answer with a null beside its field is refused',
  { response: { expiry: null, expires_at: ist } },
  typeError('expiry'),
)
made('expires and response together are refused', { expires: ist, response: { expires_at: ist } }, typeError('expires'))
made('neither expires nor response is refused', {}, typeError('expires'))
for (const [name, given, word] of /** @type {[string, object, string][]} */ ([
  ['a receipt names its app', { appId: undefined }, 'appId'],
  ['a receipt’s app is not nothing', { appId: '' }, 'appId'],
  ['a receipt’s product is not nothing', { product: '' }, 'product'],
  ['a receipt names its environment', { environment: undefined }, 'environment'],
  ['a receipt’s environment is known', { environment: 'live' }, 'environment'],
  ['a receipt names its request', { vkycRequestId: undefined }, 'vkycRequestId'],
  ['a receipt’s request is not nothing', { vkycRequestId: '' }, 'vkycRequestId'],
  ['a receipt’s request is a safe integer', { vkycRequestId: 9007199254740992 }, 'vkycRequestId'],
  ['a receipt’s request is no fraction', { vkycRequestId: 249749.5 }, 'vkycRequestId'],
  ['a receipt’s user has a type', { user: { value: '1' } }, 'type'],
  ['a receipt’s user has a value', { user: { type: 'userId' } }, 'value'],
  ['a receipt’s user is not nothing', { user: { type: '', value: '1' } }, 'type'],
  ['a receipt’s user has an id', { user: { type: 'userId', value: 1.5 } }, 'value'],
  ['a receipt’s user has no more', { user: { type: 'userId', value: '1', name: 'x' } }, 'name'],
  ['a receipt’s unknown option is a mistake', { uses: 3 }, 'uses'],
  ['a receipt’s now is in seconds', { now: IST * 1000 }, 'now'],
  ['a receipt’s expiry is in seconds', { expires: IST * 1000 }, 'expires'],
])) {
  made(name, { expires: ist, ...given }, typeError(word))
}

/** @param {string} name @param {object} given @param {object} then @param {string} [ref] */
const whole = (name, given, then, ref = 'pkg/src/profiles.ts receipts.cashfree, pkg/src/receipt.ts countersign') =>
  vectors.push({
    name,
    ref,
    call: 'countersign',
    arguments: [opaque, { $receipt: 'cashfree', ...options, expires: ist, ...given }, key],
    answer: ok({
      claims: { ath: hash(opaque), exp: IST, app_id: 'app-1', product: 'VKYC' },
      token: opaque,
    }),
    then: {
      options: { profile },
      keys: key,
      expected,
      now: IST - 1,
      answer: ok({ expiresAt: IST }),
      ...then,
    },
  })
whole('the second before 17:30:00 IST the token is good', {}, {}, 'systems.md B V2')
const expired = err('token_expired', 'exp')
whole('at 17:30:00 IST the token has expired', {}, { now: IST, answer: expired }, 'systems.md B I1')
whole(
  'at 17:30:01 IST, which is 12:00:01Z, the token has expired',
  {},
  { now: IST + 1, answer: expired },
  'systems.md B I1',
)
whole(
  'five hours and a half after 17:30 IST the token has long expired',
  {},
  { now: IST + 19800 - 1, answer: expired },
  'systems.md B I2',
)
whole('a request’s number, countersigned, is its text', { vkycRequestId: 249749 }, {}, 'systems.md B V3')
whole(
  'a token, countersigned, is for no other request',
  {},
  {
    expected: { bind: { vkyc_request_id: '1' } },
    answer: err('binding_mismatch', 'vkyc_request_id'),
  },
)
whole('a token, countersigned, is for its user', { user: { type: 'userId', value: 123456 } }, user('userId', '123456'))
whole(
  'a token, countersigned, is for no other user',
  { user: { type: 'userId', value: 123456 } },
  { ...user('phone', '123456'), answer: err('binding_mismatch', 'identifier_type') },
)
whole(
  'a token, countersigned, is for no other app',
  {},
  { options: { profile: { ...profile, appId: 'app-2' } }, answer: err('claim_mismatch', 'app_id') },
)

vectors.push({
  name: 'a token that has expired is not countersigned',
  ref: 'pkg/src/receipt.ts countersign',
  call: 'countersign',
  arguments: [opaque, { $receipt: 'cashfree', ...options, expires: ist, now: IST }, key],
  answer: typeError('expires'),
})

write('cashfree.json', vectors)
