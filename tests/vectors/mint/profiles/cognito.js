// @ts-check
/** Amazon Cognito user pool tokens. @module */

import { err, NOW, ok, profiled } from './common.js'

const iss = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc123xyZ'
const client = '7d1f2a3b4c5d6e7f8091a2b3c4'
const options = { region: 'eu-west-1', userPoolId: 'eu-west-1_Abc123xyZ', clientId: client }
const claims = {
  sub: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
  'cognito:groups': ['editors'],
  iss,
  client_id: client,
  origin_jti: 'o-1',
  event_id: 'e-1',
  token_use: 'access',
  scope: 'aws.cognito.signin.user.admin orders/read',
  auth_time: NOW - 60,
  iat: NOW - 60,
  exp: NOW + 3540,
  jti: 'j-1',
  username: 'jo',
}
const id = {
  ...claims,
  client_id: undefined,
  scope: undefined,
  aud: client,
  token_use: 'id',
  at_hash: 'h',
  email: 'jo@example.org',
}
const { vector, mistake, common } = profiled('cognito', options, claims, { header: {} })
await common()
await vector('an ID token is refused', id, err('claim_missing', 'client_id'))
await vector(
  'an ID token is refused, even with a client',
  { ...id, client_id: client },
  err('claim_mismatch', 'token_use', { expected: 'access', actual: 'id' }),
)
await vector('a token without a use is refused', { token_use: undefined }, err('claim_missing', 'token_use'))
await vector('the token of another client is refused', { client_id: 'other' }, err('claim_mismatch', 'client_id'))
await vector('one of several clients is accepted', {}, ok(), { options: { clientId: ['other', client] } })
await vector(
  'another pool is refused',
  { iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'the pool for tests of another region is refused',
  { iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123xyZ' },
  err('claim_mismatch', 'iss'),
)
await vector('scope is read', {}, ok(), { options: { scope: 'orders/read' } })
await vector('a scope that is not there is too little', {}, err('scope_insufficient', 'scope'), {
  options: { scope: 'orders/write' },
})
await vector('groups are read', {}, ok(), { options: { groups: 'editors' } })
await vector('a group that is not there is too little', {}, err('scope_insufficient', 'cognito:groups'), {
  options: { groups: 'owners' },
})
await vector(
  'a user without groups has none',
  { 'cognito:groups': undefined },
  err('scope_insufficient', 'cognito:groups'),
  { options: { groups: 'editors' } },
)
await vector('a token of more than a day is refused', { iat: NOW, exp: NOW + 86401 }, err('lifetime_too_long', 'exp'))
const { vector: ofId } = profiled('cognito', { ...options, use: 'id' }, id, { header: {} })
await ofId('an ID token is accepted where it is asked for', {}, ok())
await ofId('an access token is refused where an ID token is asked for', claims, err('claim_mismatch', 'token_use'))
await ofId('an access token has no audience', { ...claims, aud: undefined }, err('claim_missing', 'aud'))
await ofId('an ID token for another client is refused', { aud: 'other' }, err('claim_mismatch', 'aud'))
await mistake('a pool of another region is a mistake', { userPoolId: 'us-east-1_Abc' }, 'userPoolId')
await mistake('a use of refresh is a mistake', { use: 'refresh' }, 'use')
await mistake('a scope of ID tokens is a mistake', { use: 'id', scope: 'x' }, 'scope')
