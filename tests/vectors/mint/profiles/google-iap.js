// @ts-check
/** Tokens of Google's Identity-Aware Proxy. @module */

import { err, keys, NOW, ok, profiled } from './common.js'

const audience = '/projects/1234567890/global/backendServices/9876543210'
const claims = {
  iss: 'https://cloud.google.com/iap',
  aud: audience,
  sub: 'accounts.google.com:118133858486581853996',
  email: 'jo@example.com',
  hd: 'example.com',
  iat: NOW - 30,
  exp: NOW + 570,
}
const { vector, mistake, common } = profiled('googleIap', { audience }, claims, { key: keys.es256 })
await common()
await vector(
  'another backend service is refused',
  { aud: '/projects/1234567890/global/backendServices/1' },
  err('claim_mismatch', 'aud'),
)
await vector('the project for tests is refused', { aud: '/projects/42/apps/acme-test' }, err('claim_mismatch', 'aud'))
await vector('an audience that starts alike is refused', { aud: `${audience}0` }, err('claim_mismatch', 'aud'))
await vector('an ID token of Google is refused', { iss: 'https://accounts.google.com' }, err('claim_mismatch', 'iss'))
await vector(
  'the issuer with a slash is another',
  { iss: 'https://cloud.google.com/iap/' },
  err('claim_mismatch', 'iss'),
)
await vector('the domain of a Workspace is accepted', {}, ok(), { options: { hostedDomain: 'example.com' } })
await vector('another domain is refused', {}, err('claim_mismatch', 'hd'), {
  options: { hostedDomain: 'other.example' },
})
await vector('an empty subject is refused', { sub: '' }, err('claim_mismatch', 'sub'))
await vector('a token of ten minutes and twice the skew is accepted', { iat: NOW, exp: NOW + 660 }, ok())
await vector('a longer one is refused', { iat: NOW, exp: NOW + 661 }, err('lifetime_too_long', 'exp'))
await mistake('a client id is no audience', { audience: '1234.apps.googleusercontent.com' }, 'audience')
