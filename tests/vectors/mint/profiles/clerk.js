// @ts-check
/** Clerk session tokens. @module */

import { err, NOW, ok, profiled } from './common.js'

const options = {
  frontendApi: 'clerk.shop.example',
  authorizedParties: ['https://shop.example', 'https://admin.shop.example'],
}
const claims = {
  azp: 'https://shop.example',
  exp: NOW + 50,
  fva: [7, -1],
  iat: NOW - 10,
  iss: 'https://clerk.shop.example',
  nbf: NOW - 20,
  sid: 'sess_2abc',
  sts: 'active',
  sub: 'user_2abc',
  v: 2,
}
const { vector, mistake, common } = profiled('clerk', options, claims)
await common()
await vector('a token of version 1 is accepted', { v: undefined, sts: undefined, fva: undefined }, ok())
await vector('another origin is refused', { azp: 'https://evil.shop.example' }, err('claim_mismatch', 'azp'))
await vector('a token without an origin is refused', { azp: undefined }, err('claim_missing', 'azp'))
await vector('an empty origin is refused', { azp: '' }, err('claim_mismatch', 'azp'))
await vector('a pending session is refused', { sts: 'pending' }, err('claim_mismatch', 'sts'))
await vector('a token of a template is refused', { sid: undefined }, err('claim_missing', 'sid'))
await vector('a token without a user is refused', { sub: undefined }, err('claim_missing', 'sub'))
await vector('an ID token is refused', { nonce: 'n' }, err('claim_mismatch', 'nonce'))
await vector('another instance is refused', { iss: 'https://clerk.other.example' }, err('claim_mismatch', 'iss'))
await vector(
  'the instance for development is refused',
  { iss: 'https://happy-cat-1.clerk.accounts.dev' },
  err('claim_mismatch', 'iss'),
)
await vector('a token of a minute is accepted', { iat: NOW, exp: NOW + 60 }, ok())
await vector('a token of more than a minute is refused', { iat: NOW, exp: NOW + 61 }, err('lifetime_too_long', 'exp'))
const { vector: ofIssuer } = profiled(
  'clerk',
  { issuer: claims.iss, authorizedParties: 'https://shop.example' },
  claims,
)
await ofIssuer('an instance may be named by its URL', {}, ok())
await mistake('an issuer and its host are a mistake', { issuer: claims.iss }, 'issuer')
await mistake('no authorized party is a mistake', { authorizedParties: [] }, 'authorizedParties')
await mistake(
  'an authorized party with a slash is a mistake',
  { authorizedParties: 'https://shop.example/' },
  'authorizedParties',
)
