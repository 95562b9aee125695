// @ts-check
/** Shopify session tokens. @module */

import { err, keys, NOW, ok, profiled } from './common.js'

const options = { apiKey: '0d54c4b2a1f94c0e9c0a5b1d2e3f4a5b', shop: 'acme.myshopify.com' }
const claims = {
  iss: 'https://acme.myshopify.com/admin',
  dest: 'https://acme.myshopify.com',
  aud: options.apiKey,
  sub: '42',
  exp: NOW + 50,
  nbf: NOW - 10,
  iat: NOW - 10,
  jti: 'f8912129-1af6-4cad-9ca3-76b0f7621087',
  sid: 'aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685',
}
const { vector, mistake, common } = profiled('shopify', options, claims, { key: keys.hs256 })
await common()
await vector('the token of another app is refused', { aud: 'other' }, err('claim_mismatch', 'aud'))
await vector(
  'another shop is refused',
  { iss: 'https://other.myshopify.com/admin', dest: 'https://other.myshopify.com' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'the shop for tests is refused',
  { iss: 'https://acme-test.myshopify.com/admin' },
  err('claim_mismatch', 'iss'),
)
await vector('another destination is refused', { dest: 'https://other.myshopify.com' }, err('claim_mismatch', 'dest'))
await vector('a token without a destination is refused', { dest: undefined }, err('claim_missing', 'dest'))
await vector('a token without jti is refused', { jti: undefined }, err('claim_missing', 'jti'))
await vector('a token that is not valid yet is refused', { nbf: NOW + 1 }, err('token_not_yet_valid', 'nbf'))
await vector('a token of a minute is accepted', { iat: NOW, exp: NOW + 60 }, ok())
await vector('a token of more than a minute is refused', { iat: NOW, exp: NOW + 61 }, err('lifetime_too_long', 'exp'))
const { vector: ofAll } = profiled('shopify', { apiKey: options.apiKey }, claims, { key: keys.hs256 })
await ofAll(
  'without a shop every shop is accepted',
  { iss: 'https://other.myshopify.com/admin', dest: 'https://other.myshopify.com' },
  ok(),
)
await ofAll('every shop must be named', { dest: '' }, err('claim_malformed', 'dest'))
await ofAll('a shop must be named', { dest: undefined }, err('claim_missing', 'dest'))
await ofAll(
  'the issuer and the destination are of one shop',
  { dest: 'https://other.myshopify.com' },
  err('claim_mismatch', 'iss', {
    expected: 'https://other.myshopify.com/admin',
    actual: 'https://acme.myshopify.com/admin',
  }),
)
await ofAll(
  'a destination with a path is refused',
  { iss: 'https://a.example/b/admin', dest: 'https://a.example/b' },
  err('claim_malformed', 'dest'),
)
await ofAll(
  'a token of the post-purchase page is refused',
  { iss: 'shopify', dest: undefined },
  err('claim_missing', 'dest'),
)
await mistake('a shop with a scheme is a mistake', { shop: 'https://acme.myshopify.com' }, 'shop')
await mistake('an empty key is a mistake', { apiKey: '' }, 'apiKey')
