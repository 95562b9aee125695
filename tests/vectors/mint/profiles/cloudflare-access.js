// @ts-check
/** Cloudflare Access application tokens. @module */

import { err, NOW, ok, profiled } from './common.js'

const tag = '32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228'
const options = { team: 'acme', audience: tag }
const claims = {
  aud: [tag],
  email: 'jo@example.org',
  exp: NOW + 86340,
  iat: NOW - 60,
  nbf: NOW - 60,
  iss: 'https://acme.cloudflareaccess.com',
  type: 'app',
  identity_nonce: '6ei69kawdKzMIAPF',
  sub: '7335d417-61da-459d-899c-0a01c76a2f94',
  country: 'BE',
}
const service = {
  ...claims,
  email: undefined,
  identity_nonce: undefined,
  country: undefined,
  sub: '',
  common_name: 'e367826f93b8d71185e03fe518aff3b4.access',
}
const { vector, mistake, common } = profiled('cloudflareAccess', options, claims)
await common()
await vector(
  'the session of the organization is refused',
  { type: 'org' },
  err('claim_mismatch', 'type', { expected: 'app', actual: 'org' }),
)
await vector('a token without a type is refused', { type: undefined }, err('claim_missing', 'type'))
await vector('another application is refused', { aud: ['0'.repeat(64)] }, err('claim_mismatch', 'aud'))
await vector('another team is refused', { iss: 'https://other.cloudflareaccess.com' }, err('claim_mismatch', 'iss'))
await vector(
  'the team for tests is refused',
  { iss: 'https://acme-test.cloudflareaccess.com' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'a host that ends alike is another team',
  { iss: 'https://acme.cloudflareaccess.com.evil.example' },
  err('claim_mismatch', 'iss'),
)
await vector('the token of a service is no user’s', service, err('claim_mismatch', 'sub'))
await vector('the token of a service is accepted where it is asked for', service, ok(), {
  options: { tokens: 'service' },
})
await vector('the token of a user is no service’s', {}, err('claim_missing', 'common_name'), {
  options: { tokens: 'service' },
})
await vector('any token is accepted where any is asked for', service, ok(), { options: { tokens: 'any' } })
await vector('a token of 31 days is accepted', { iat: NOW, exp: NOW + 2678400 }, ok())
await vector(
  'a token of more than 31 days is refused',
  { iat: NOW, exp: NOW + 2678401 },
  err('lifetime_too_long', 'exp'),
)
await mistake('the host of a team is a mistake', { team: 'acme.cloudflareaccess.com' }, 'team')
await mistake('the URL of a team is a mistake', { team: 'https://acme' }, 'team')
await mistake('tokens of anyone is a mistake', { tokens: 'all' }, 'tokens')
