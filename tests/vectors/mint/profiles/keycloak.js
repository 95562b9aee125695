// @ts-check
/** Keycloak access tokens. @module */

import { err, keys, NOW, ok, profiled, publicJwk } from './common.js'

const iss = 'https://sso.example/realms/shop'
const options = { url: 'https://sso.example', realm: 'shop', audience: 'orders' }
const claims = {
  iss,
  aud: ['orders', 'account'],
  sub: 'b6a1c0a2-0000-4000-8000-000000000001',
  typ: 'Bearer',
  azp: 'web',
  sid: 'c0ffee00-0000-4000-8000-000000000002',
  iat: NOW - 10,
  exp: NOW + 290,
  jti: 'onrtac:7d1f',
  realm_access: { roles: ['offline_access', 'staff'] },
  resource_access: { orders: { roles: ['editor'] }, account: { roles: ['view-profile'] } },
  scope: 'openid email',
}
const { vector, mistake, common } = profiled('keycloak', options, claims)
await common()
await vector('an ID token is refused', { typ: 'ID', aud: 'orders', at_hash: 'h' }, err('claim_mismatch', 'at_hash'))
await vector(
  'an ID token is refused for its type',
  { typ: 'ID' },
  err('claim_mismatch', 'typ', { expected: 'Bearer', actual: 'ID' }),
)
await vector('a refresh token is refused', { typ: 'Refresh', aud: ['orders', iss] }, err('claim_mismatch', 'typ'))
await vector('a token without a type is refused', { typ: undefined }, err('claim_missing', 'typ'))
await vector('another realm is refused', { iss: 'https://sso.example/realms/shop2' }, err('claim_mismatch', 'iss'))
await vector(
  'the server for tests is refused',
  { iss: 'https://sso-test.example/realms/shop' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'the address inside the cluster is another issuer',
  { iss: 'http://keycloak:8080/realms/shop' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'an issuer with the path of old servers is another',
  { iss: 'https://sso.example/auth/realms/shop' },
  err('claim_mismatch', 'iss'),
)
await vector('a token that names only account is refused', { aud: 'account' }, err('claim_mismatch', 'aud'))
await vector('a lightweight token without an audience is refused', { aud: undefined }, err('claim_missing', 'aud'))
const { vector: ofClient } = profiled('keycloak', { url: options.url, realm: 'shop', client: 'web' }, claims)
await ofClient('a client takes the place of the audience', { aud: 'account' }, ok())
await ofClient('another client is refused', { azp: 'cli' }, err('claim_mismatch', 'azp'))
await ofClient('a token without a client is refused', { azp: undefined }, err('claim_missing', 'azp'))
await ofClient('roles are those of the client', {}, err('scope_insufficient', '/resource_access/web/roles'), {
  options: { roles: 'editor' },
})
await vector('an audience and a client hold both', {}, err('claim_mismatch', 'azp'), { options: { client: 'cli' } })
await vector('roles are those of the audience', {}, ok(), { options: { roles: 'editor' } })
await vector('a role that is not there is too little', {}, err('scope_insufficient', '/resource_access/orders/roles'), {
  options: { roles: ['editor', 'owner'] },
})
await vector('roles of another client do not count', {}, err('scope_insufficient', '/resource_access/orders/roles'), {
  options: { roles: 'view-profile' },
})
await vector('roles of the realm are read', {}, ok(), { options: { realmRoles: 'staff' } })
await vector(
  'a role of the realm that is not there is too little',
  {},
  err('scope_insufficient', '/realm_access/roles'),
  { options: { realmRoles: 'admin' } },
)
await vector(
  'a lightweight token without roles has none',
  { realm_access: undefined },
  err('scope_insufficient', '/realm_access/roles'),
  { options: { realmRoles: 'staff' } },
)
await vector('the key for encryption in the set is not used', {}, ok(), {
  keys: {
    keys: [
      publicJwk(keys.rs256Other, { kid: 'k0', use: 'enc', alg: 'RSA-OAEP' }),
      publicJwk(keys.rs256, { kid: 'k1', use: 'sig', alg: 'RS256' }),
    ],
  },
})
await vector('the realm decides the lifetime', { iat: NOW, exp: NOW + 864000 }, ok())
await vector(
  'a policy beside the profile limits the lifetime',
  { iat: NOW, exp: NOW + 301 },
  err('lifetime_too_long', 'exp'),
  {
    beside: { maxLifetimeSeconds: 300 },
  },
)
await mistake('a URL with a slash at its end is a mistake', { url: 'https://sso.example/' }, 'url')
await mistake('a realm of two segments is a mistake', { realm: 'a/b' }, 'realm')
await mistake('an empty client is a mistake', { client: '' }, 'client')
