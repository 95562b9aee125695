// @ts-check
/** Google ID tokens. @module */

import { err, NOW, ok, profiled } from './common.js'

const client = '1234987819200.apps.googleusercontent.com'
const options = { clientId: client }
const claims = {
  iss: 'https://accounts.google.com',
  azp: client,
  aud: client,
  sub: '10769150350006150715113082367',
  at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
  hd: 'example.com',
  email: 'jo@example.com',
  email_verified: true,
  iat: NOW - 60,
  exp: NOW + 3540,
  nonce: '0394852-3190485-2490358',
}
const { vector, mistake, common } = profiled('google', options, claims)
await common()
await vector('the issuer without https is accepted', { iss: 'accounts.google.com' }, ok())
await vector(
  'another issuer is refused',
  { iss: 'https://accounts.google.com.evil.example' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'the issuer with a slash is another',
  { iss: 'https://accounts.google.com/' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'a token of Firebase is refused',
  { iss: 'https://securetoken.google.com/acme' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'the token of another client is refused',
  { aud: 'other.apps.googleusercontent.com' },
  err('claim_mismatch', 'aud'),
)
await vector(
  'azp is no audience',
  { aud: 'other.apps.googleusercontent.com', azp: client },
  err('claim_mismatch', 'aud'),
)
await vector('one of several clients is accepted', {}, ok(), { options: { clientId: ['x', client] } })
await vector('the domain of a Workspace is accepted', {}, ok(), { options: { hostedDomain: 'example.com' } })
await vector('another domain is refused', { hd: 'other.example' }, err('claim_mismatch', 'hd'), {
  options: { hostedDomain: 'example.com' },
})
await vector('an address proves no domain', { hd: undefined }, err('claim_missing', 'hd'), {
  options: { hostedDomain: 'example.com' },
})
await vector(
  'an address that is not verified is refused where it is asked for',
  { email_verified: false },
  err('claim_mismatch', 'email_verified'),
  { options: { emailVerified: true } },
)
await vector('a nonce is expected', {}, ok(), { expected: { nonce: claims.nonce } })
await vector('another nonce is refused', {}, err('claim_mismatch', 'nonce'), { expected: { nonce: 'x' } })
await vector('an empty subject is refused', { sub: '' }, err('claim_mismatch', 'sub'))
await vector('a token of more than a day is refused', { iat: NOW, exp: NOW + 86401 }, err('lifetime_too_long', 'exp'))
await mistake('an empty client is a mistake', { clientId: '' }, 'clientId')
