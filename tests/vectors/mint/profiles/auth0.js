// @ts-check
/** Auth0 access tokens. @module */

import { err, NOW, ok, profiled } from './common.js'

const iss = 'https://acme.eu.auth0.com/'
const options = { domain: 'acme.eu.auth0.com', audience: 'https://api.example' }
const claims = {
  iss,
  sub: 'auth0|62d0a1f4e8b9c70012345678',
  aud: ['https://api.example', `${iss}userinfo`],
  iat: NOW - 60,
  exp: NOW + 86340,
  scope: 'openid profile read:orders',
  azp: 'Zk3mT0wq9yBn5LxVd1Rf7HcJ2Ps8GuEa',
  permissions: ['read:orders', 'write:orders'],
}
const { vector, mistake, common } = profiled('auth0', options, claims)
await common()
await vector(
  'a token of a machine is accepted',
  { sub: 'client@clients', aud: 'https://api.example', gty: 'client-credentials' },
  ok(),
)
await vector('a token of the RFC 9068 profile is accepted', { azp: undefined, client_id: 'x', jti: 'y' }, ok(), {
  header: { typ: 'at+jwt' },
})
await vector('scope is read', {}, ok(), { options: { scope: 'read:orders' } })
await vector('a scope that is not there is too little', {}, err('scope_insufficient', 'scope'), {
  options: { scope: 'delete:orders' },
})
await vector('permissions are read', {}, ok(), { options: { permissions: 'write:orders' } })
await vector('a permission that is not there is too little', {}, err('scope_insufficient', 'permissions'), {
  options: { permissions: ['write:orders', 'delete:orders'] },
})
await vector(
  'a token without permissions has none',
  { permissions: undefined },
  err('scope_insufficient', 'permissions'),
  { options: { permissions: 'write:orders' } },
)
await vector(
  'an ID token is refused for its audience',
  { aud: claims.azp, azp: undefined, permissions: undefined, scope: undefined },
  err('claim_mismatch', 'aud'),
)
await vector(
  'an ID token with a nonce is refused, even for this audience',
  { nonce: 'n' },
  err('claim_mismatch', 'nonce'),
)
await vector(
  'an ID token with a hash is refused, even for this audience',
  { at_hash: 'h' },
  err('claim_mismatch', 'at_hash'),
)
await vector('another tenant is refused', { iss: 'https://other.eu.auth0.com/' }, err('claim_mismatch', 'iss'))
await vector('the tenant for tests is refused', { iss: 'https://acme-dev.eu.auth0.com/' }, err('claim_mismatch', 'iss'))
await vector(
  'the issuer without its slash is another',
  { iss: 'https://acme.eu.auth0.com' },
  err('claim_mismatch', 'iss'),
)
await vector('a token for another API is refused', { aud: 'https://other.example' }, err('claim_mismatch', 'aud'))
await vector('a token of 30 days is accepted', { iat: NOW, exp: NOW + 2592000 }, ok())
await vector(
  'a token of more than 30 days is refused',
  { iat: NOW, exp: NOW + 2592001 },
  err('lifetime_too_long', 'exp'),
)
await vector('a token without iat is refused', { iat: undefined }, err('claim_missing', 'iat'))
await mistake('a domain with a scheme is a mistake', { domain: 'https://acme.eu.auth0.com' }, 'domain')
await mistake('a domain with a slash is a mistake', { domain: 'acme.eu.auth0.com/' }, 'domain')
await mistake('a domain in capitals is a mistake', { domain: 'Acme.eu.auth0.com' }, 'domain')
await mistake('an empty audience is a mistake', { audience: '' }, 'audience')
