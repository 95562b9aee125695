// @ts-check
/**
 * Juspay client auth tokens: the cases of systems.md A that need no store and no HTTP.
 *
 * @module
 */

import { b64u, err, hash, keys, mint, NOW, ok, secret, typeError, write } from './lib.js'

const mac = keys.hs256
const key = secret(mac)
const tkn = 'tkn_24543c6a278f45d680d09edb32e78061'
const long = `tkn_${b64u(Buffer.alloc(49, 0x5a))}`
const sandbox = 'https://sandbox.juspay.in'
const production = 'https://api.juspay.in'
const exp = NOW + 300
const order = { $profile: 'juspay', merchantId: 'shop', environment: 'sandbox', kind: 'order' }
const customer = { ...order, kind: 'customer' }
const forOrder = { bind: { order_id: '14183944763' } }
const forCustomer = { bind: { customer_id: 'cst_afdeuvmfhs3j1acm' } }

/** @param {string} token @param {object} [more] */
const receipt = async (token, more) => {
  const claims = {
    ath: hash(token),
    iss: sandbox,
    iat: NOW - 600,
    exp,
    bind: forOrder.bind,
    uses: 30,
    merchant_id: 'shop',
    ...more,
  }
  return `${await mint(mac, claims, { typ: 'receipt+jwt' })}~${token}`
}

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {object} profile @param {unknown} token
 * @param {object} answer
 * @param {{ options?: object, keys?: unknown, expected?: object, now?: number }} [given]
 */
function vector(name, ref, profile, token, answer, given = {}) {
  vectors.push({
    name,
    ref: `systems.md A ${ref}`,
    options: { profile, ...given.options },
    keys: given.keys ?? key,
    token,
    expected: given.expected ?? forOrder,
    now: given.now ?? NOW,
    answer,
  })
}

const good = await receipt(tkn)
const ofCustomer = await receipt(tkn, { bind: forCustomer.bind })
vector(
  'an order’s token opens its order',
  'V1',
  order,
  good,
  ok({
    evidence: 'receipt',
    claims: { iss: sandbox, merchant_id: 'shop', bind: forOrder.bind },
    expiresAt: exp,
    uses: { limit: 30, left: null },
  }),
)
vector('a customer’s token opens its customer', 'V2', customer, ofCustomer, ok({ evidence: 'receipt' }), {
  expected: forCustomer,
})
vector('a token of 66 base64url characters is as good', 'V3', order, await receipt(long), ok())
vector('the second before its expiry a token is good', 'I1', order, good, ok(), { now: exp - 1 })
vector(
  'on the second of its expiry a token has expired',
  'I1',
  order,
  good,
  err('token_expired', 'exp', { expected: exp, actual: exp }),
  { now: exp },
)
vector('within leeway a token is good', 'I1', order, good, ok(), {
  now: exp + 9,
  options: { leewaySeconds: 10 },
})
vector('a second beyond leeway a token has expired', 'I1', order, good, err('token_expired', 'exp'), {
  now: exp + 11,
  options: { leewaySeconds: 10 },
})
vector(
  'an order’s token does not open another order',
  'I2',
  order,
  good,
  err('binding_mismatch', 'order_id', { expected: '14183944764', actual: '14183944763' }),
  { expected: { bind: { order_id: '14183944764' } } },
)
vector('a customer’s token opens no order', 'I3', order, ofCustomer, err('binding_mismatch', 'order_id'))
vector('an order’s token opens no customer', 'I3', customer, good, err('binding_mismatch', 'customer_id'), {
  expected: forCustomer,
})
vector('a request that names no order is refused', 'I4', order, good, err('binding_mismatch', 'order_id'), {
  expected: { bind: { order_id: null } },
})
vector('a call that forgets the order is a mistake', 'I4', order, good, typeError('order_id'), {
  expected: {},
})
vector(
  'a token of another merchant is refused',
  'I6',
  { ...order, merchantId: 'other' },
  good,
  err('claim_mismatch', 'merchant_id', { expected: 'other', actual: 'shop' }),
)
vector(
  'a token without a merchant is refused',
  'I6',
  order,
  await receipt(tkn, { merchant_id: undefined }),
  err('claim_missing', 'merchant_id'),
)
const [head = '', body = '', mark = ''] = good.split('~')[0]?.split('.') ?? []
const octets = Buffer.from(mark, 'base64url')
const flipped = b64u(octets.map((octet, at) => (at === 31 ? octet ^ 128 : octet)))
vector('a flipped bit is refused', 'I7', order, `${head}.${body}.${flipped}~${tkn}`, err('signature_invalid'))
vector(
  'a receipt for another token is refused',
  'I7',
  order,
  `${good.split('~')[0]}~tkn_24543c6a278f45d680d09edb32e78062`,
  err('receipt_mismatch'),
)
vector(
  'a card token without a receipt is refused as such',
  'I8',
  order,
  'tkn_0123456789abcdef0123456789abcdef',
  err('receipt_missing'),
)
vector('a client auth token without a receipt is refused', 'I8', order, tkn, err('receipt_missing'))
vector(
  'a sandbox receipt is refused in production',
  'I9',
  { ...order, environment: 'production' },
  good,
  err('claim_mismatch', 'iss', { expected: production, actual: sandbox }),
)
vector(
  'a production receipt is refused in the sandbox',
  'I9',
  order,
  await receipt(tkn, { iss: production }),
  err('claim_mismatch', 'iss', { expected: sandbox, actual: production }),
)
vector(
  'a production receipt is accepted in production',
  'I9',
  { ...order, environment: 'production' },
  await receipt(tkn, { iss: production }),
  ok(),
)
for (const [what, token] of /** @type {[string, string][]} */ ([
  ['a line feed', `${tkn}\n`],
  ['a space', `${tkn} `],
  ['a look-alike letter', tkn.replace('a', 'а')],
  ['a line separator', `${tkn}\u2028`],
])) {
  vector(`a token with ${what} is malformed`, 'I11', order, await receipt(token), err('token_malformed'))
}
vector('evidence by signature is a contradiction', 'A.3', order, good, typeError('evidence'), {
  options: { evidence: 'signature' },
})
vector(
  'a call may add what the receipt is bound to',
  'A.3',
  order,
  await receipt(tkn, { bind: { ...forOrder.bind, customer_id: 'c-1' } }),
  ok(),
  { expected: { bind: { ...forOrder.bind, customer_id: 'c-1' } } },
)

// Profiles: options
for (const [name, options, word] of /** @type {[string, object, string][]} */ ([
  ['the merchant must be named', { merchantId: undefined }, 'merchantId'],
  ['a merchant of nothing is a mistake', { merchantId: '' }, 'merchantId'],
  ['the environment must be named', { environment: undefined }, 'environment'],
  ['an environment nobody knows is a mistake', { environment: 'live' }, 'environment'],
  ['the kind must be named', { kind: undefined }, 'kind'],
  ['a kind nobody knows is a mistake', { kind: 'session' }, 'kind'],
  ['an unknown option is a mistake', { merchant: 'shop' }, 'merchant'],
])) {
  vector(name, 'profiles.juspay', { ...order, ...options }, good, typeError(word))
}

// Receipts
/** @param {string} name @param {object} options @param {object} answer @param {object} [then] */
const made = (name, options, answer, then) =>
  vectors.push({
    name,
    ref: 'pkg/src/receipts.ts receipts.juspay',
    call: 'receipts.juspay',
    arguments: [options],
    answer,
    then,
  })
const orderReceipt = {
  merchantId: 'shop',
  environment: 'sandbox',
  kind: 'order',
  id: '14183944763',
  expires: '2023-11-14T22:18:20Z',
  now: NOW,
}
made(
  'the receipt of an order',
  orderReceipt,
  ok({
    issuer: sandbox,
    expires: exp,
    bind: { order_id: '14183944763' },
    uses: 30,
    claims: { merchant_id: 'shop' },
  }),
)
made(
  'the receipt of a customer',
  { ...orderReceipt, kind: 'customer', id: 'cst_afdeuvmfhs3j1acm' },
  ok({
    issuer: sandbox,
    bind: { customer_id: 'cst_afdeuvmfhs3j1acm' },
    claims: { merchant_id: 'shop' },
  }),
)
made('the receipt of production', { ...orderReceipt, environment: 'production' }, ok({ issuer: production }))
made('the receipt of an expiry in seconds', { ...orderReceipt, expires: exp }, ok({ expires: exp }))
made('a receipt for fewer uses', { ...orderReceipt, uses: 3 }, ok({ uses: 3 }))
made('a receipt for one use', { ...orderReceipt, uses: 1 }, ok({ uses: 1 }))
for (const [name, options, word] of /** @type {[string, object, string][]} */ ([
  ['a receipt names its merchant', { merchantId: undefined }, 'merchantId'],
  ['a receipt’s merchant is not nothing', { merchantId: '' }, 'merchantId'],
  ['a receipt names its environment', { environment: undefined }, 'environment'],
  ['a receipt’s environment is known', { environment: 'test' }, 'environment'],
  ['a receipt names its kind', { kind: undefined }, 'kind'],
  ['a receipt’s kind is known', { kind: 'orders' }, 'kind'],
  ['a receipt names its id', { id: undefined }, 'id'],
  ['a receipt’s id is not nothing', { id: '' }, 'id'],
  ['a receipt’s id is no fraction', { id: 1.5 }, 'id'],
  ['a receipt’s id is a safe integer', { id: 9007199254740992 }, 'id'],
  ['a receipt’s id is not null', { id: null }, 'id'],
  ['a receipt names its expiry', { expires: undefined }, 'expires'],
  ['an expiry without a zone is refused', { expires: '2025-06-12 12:49:48' }, 'expires'],
  ['an expiry without a zone, with a T, is refused', { expires: '2023-11-14T22:18:20' }, 'expires'],
  ['an expiry in IST is Cashfree’s alone', { expires: '2023-11-15 03:48:20 IST' }, 'expires'],
  ['an expiry in milliseconds is refused', { expires: exp * 1000 }, 'expires'],
  ['a receipt’s now is in seconds', { now: NOW * 1000 }, 'now'],
  ['a receipt for no use is refused', { uses: 0 }, 'uses'],
  ['a receipt for half a use is refused', { uses: 0.5 }, 'uses'],
  ['a receipt’s unknown option is a mistake', { merchant_id: 'shop' }, 'merchant_id'],
])) {
  made(name, { ...orderReceipt, ...options }, typeError(word))
}

// Receipts, countersigned and verified
/** @param {string} name @param {object} receiptOptions @param {object} then */
const whole = (name, receiptOptions, then) =>
  vectors.push({
    name,
    ref: 'pkg/src/receipts.ts receipts.juspay, pkg/src/receipt.ts countersign',
    call: 'countersign',
    arguments: [tkn, { $receipt: 'juspay', ...orderReceipt, ...receiptOptions }, key],
    answer: ok({
      claims: { ath: hash(tkn), exp, iat: NOW, uses: 30, merchant_id: 'shop' },
      token: tkn,
    }),
    then: {
      options: { profile: order },
      keys: key,
      expected: forOrder,
      now: NOW,
      answer: ok({ evidence: 'receipt' }),
      ...then,
    },
  })
whole('an order’s token, countersigned, is verified', {}, {})
whole('an order’s token, countersigned, has expired', {}, { now: exp, answer: err('token_expired', 'exp') })
whole(
  'an order’s token, countersigned, is for no other order',
  {},
  { expected: { bind: { order_id: 'x' } }, answer: err('binding_mismatch', 'order_id') },
)
whole(
  'an order’s token, countersigned, is for no other merchant',
  {},
  {
    options: { profile: { ...order, merchantId: 'other' } },
    answer: err('claim_mismatch', 'merchant_id'),
  },
)
whole(
  'an order’s token, countersigned, is for no customer',
  {},
  {
    options: { profile: customer },
    expected: forCustomer,
    answer: err('binding_mismatch', 'customer_id'),
  },
)
whole('an order’s number, countersigned, is its text', { id: 14183944763 }, {})
whole(
  'a customer’s token, countersigned, is verified',
  { kind: 'customer', id: 'cst_afdeuvmfhs3j1acm' },
  { options: { profile: customer }, expected: forCustomer },
)
whole(
  'a sandbox token, countersigned, is refused in production',
  {},
  {
    options: { profile: { ...order, environment: 'production' } },
    answer: err('claim_mismatch', 'iss'),
  },
)

write('juspay.json', vectors)
