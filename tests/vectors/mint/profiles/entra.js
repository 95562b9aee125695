// @ts-check
/** Microsoft Entra access tokens. @module */

import { err, keys, NOW, ok, profiled, publicJwk } from './common.js'

const tid = '11111111-2222-4333-8444-555555555555'
const other = '99999999-2222-4333-8444-555555555555'
const issuerOf = (/** @type {string} */ tenant) => `https://login.microsoftonline.com/${tenant}/v2.0`
const app = '6e74172b-be56-4843-9ff4-e66a39bb12e3'
const options = { tenant: tid, audience: app }
const claims = {
  aud: app,
  iss: issuerOf(tid),
  iat: NOW - 300,
  nbf: NOW - 300,
  exp: NOW + 4500,
  azp: '4c34fbb3-0000-4000-8000-000000000001',
  azpacr: '0',
  name: 'Jo',
  oid: '690222be-0000-4000-8000-000000000002',
  scp: 'orders.read',
  sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
  tid,
  ver: '2.0',
}
const { vector, mistake, common } = profiled('entra', options, claims)
await common()
await vector('scope is read', {}, ok(), { options: { scope: 'orders.read' } })
await vector('a scope that is not there is too little', {}, err('scope_insufficient', 'scp'), {
  options: { scope: 'orders.write' },
})
await vector('roles are read', { scp: undefined, roles: ['Orders.Read.All'], idtyp: 'app' }, ok(), {
  options: { roles: 'Orders.Read.All', app: true },
})
await vector('a token of an app without roles is too little', { scp: undefined }, err('scope_insufficient', 'roles'), {
  options: { roles: 'Orders.Read.All' },
})
await vector('a token of a user is none of an app', {}, err('claim_missing', 'idtyp'), { options: { app: true } })
await vector(
  'an ID token names no client',
  { azp: undefined, azpacr: undefined, scp: undefined, nonce: 'n' },
  err('claim_missing', 'azp'),
)
await vector(
  'an ID token without a nonce names no client',
  { azp: undefined, scp: undefined },
  err('claim_missing', 'azp'),
)
await vector('a token with a nonce is refused', { nonce: 'n' }, err('claim_mismatch', 'nonce'))
await vector('another tenant is refused', { iss: issuerOf(other), tid: other }, err('claim_mismatch', 'iss'))
await vector('another tenant in tid is refused', { tid: other }, err('claim_mismatch', 'tid'))
await vector(
  'a token of version 1 is refused',
  { iss: `https://sts.windows.net/${tid}/`, ver: '1.0', appid: claims.azp },
  err('claim_mismatch', 'iss'),
)
await vector('a token for another API is refused', { aud: 'api://other' }, err('claim_mismatch', 'aud'))
await vector(
  'the cloud of another country is another issuer',
  { iss: `https://login.partner.microsoftonline.cn/${tid}/v2.0` },
  err('claim_mismatch', 'iss'),
)
await vector('a token of 28 hours is accepted', { iat: NOW, exp: NOW + 100800 }, ok())
await vector(
  'a token of more than 28 hours is refused',
  { iat: NOW, exp: NOW + 100801 },
  err('lifetime_too_long', 'exp'),
)
await vector('a key of another tenant vouches for nothing', {}, err('claim_mismatch', 'iss'), {
  keys: { keys: [publicJwk(keys.rs256, { kid: 'k1', issuer: issuerOf(other) })] },
})
const any = { tenants: 'any' }
const { vector: ofAny } = profiled('entra', { ...any, audience: app }, claims)
await ofAny('any tenant is accepted with its own issuer', { iss: issuerOf(other), tid: other }, ok())
await ofAny('any tenant is refused with another’s issuer', { tid: other }, err('claim_mismatch', 'iss'))
await ofAny('any tenant must be named', { tid: undefined }, err('claim_missing', 'tid'))
await ofAny('the keys of all tenants vouch for each', {}, ok(), {
  keys: { keys: [publicJwk(keys.rs256, { kid: 'k1', issuer: issuerOf('{tenantid}') })] },
})
const { vector: ofTwo } = profiled('entra', { tenants: [tid, other], audience: app }, claims)
await ofTwo('one of several tenants is accepted', { iss: issuerOf(other), tid: other }, ok())
await ofTwo(
  'no other tenant is',
  { iss: issuerOf('77777777-2222-4333-8444-555555555555'), tid: '77777777-2222-4333-8444-555555555555' },
  err('claim_mismatch', 'tid'),
)
const v1 = {
  ...claims,
  azp: undefined,
  appid: claims.azp,
  ver: '1.0',
  iss: `https://sts.windows.net/${tid}/`,
  aud: 'api://orders',
}
const { vector: ofV1 } = profiled('entra', { tenant: tid, audience: 'api://orders', version: 'v1' }, v1)
await ofV1('a token of version 1 is accepted where it is asked for', {}, ok())
await ofV1('an ID token of version 1 names no client', { appid: undefined }, err('claim_missing', 'appid'))
await ofV1(
  'a token of version 2 is refused where the other is asked for',
  { iss: issuerOf(tid), ver: '2.0' },
  err('claim_mismatch', 'iss'),
)
await mistake('the domain of a tenant is a mistake', { tenant: 'contoso.onmicrosoft.com' }, 'tenant')
await mistake('common is no tenant', { tenant: 'common' }, 'tenant')
await mistake('a tenant and tenants are a mistake', { tenants: [tid] }, 'tenant')
await mistake('a version of 2 is a mistake', { version: '2.0' }, 'version')
