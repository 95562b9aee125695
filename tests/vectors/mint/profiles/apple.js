// @ts-check
/** ID tokens of Sign in with Apple. @module */

import { err, NOW, ok, profiled } from './common.js'

const options = { clientId: 'com.example.shop' }
const claims = {
  iss: 'https://appleid.apple.com',
  aud: 'com.example.shop',
  exp: NOW + 86340,
  iat: NOW - 60,
  sub: '000792.d71059495fa24644b94e4a644e2e3b4a.0638',
  at_hash: 'sOQEniPF5EBkeGjJCjDewA',
  email: 'x@privaterelay.appleid.com',
  email_verified: 'true',
  is_private_email: 'true',
  nonce: 'n-1',
  nonce_supported: true,
}
const { vector, mistake, common } = profiled('apple', options, claims)
await common()
await vector('an address verified as text is verified', {}, ok(), { options: { emailVerified: true } })
await vector('an address verified as a boolean is verified', { email_verified: true }, ok(), {
  options: { emailVerified: true },
})
await vector(
  'an address that is not verified as text is refused',
  { email_verified: 'false' },
  err('claim_mismatch', 'email_verified'),
  { options: { emailVerified: true } },
)
await vector(
  'an address that is not verified as a boolean is refused',
  { email_verified: false },
  err('claim_mismatch', 'email_verified'),
  { options: { emailVerified: true } },
)
await vector('the token of another app is refused', { aud: 'com.example.other' }, err('claim_mismatch', 'aud'))
await vector('the app for tests is refused', { aud: 'com.example.shop.test' }, err('claim_mismatch', 'aud'))
await vector('one of several apps is accepted', {}, ok(), {
  options: { clientId: ['com.example.web', 'com.example.shop'] },
})
await vector('another issuer is refused', { iss: 'https://account.apple.com' }, err('claim_mismatch', 'iss'))
await vector('the issuer with a slash is another', { iss: 'https://appleid.apple.com/' }, err('claim_mismatch', 'iss'))
await vector('a nonce is expected', {}, ok(), { expected: { nonce: 'n-1' } })
await vector('another nonce is refused', {}, err('claim_mismatch', 'nonce'), { expected: { nonce: 'n-2' } })
await vector('an empty subject is refused', { sub: '' }, err('claim_mismatch', 'sub'))
await vector(
  'Apple documents no longest lifetime: a token of ten minutes and one of a month are accepted',
  {
    iat: NOW,
    exp: NOW + 2592000,
  },
  ok(),
)
await vector(
  'a policy beside the profile limits the lifetime',
  { iat: NOW, exp: NOW + 601 },
  err('lifetime_too_long', 'exp'),
  {
    beside: { maxLifetimeSeconds: 600 },
  },
)
await mistake('an empty client is a mistake', { clientId: [] }, 'clientId')
