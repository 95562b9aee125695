// @ts-check
/** Supabase access tokens. @module */

import { err, keys, NOW, ok, profiled, publicJwk } from './common.js'

const iss = 'https://abcdefghijklmnopqrst.supabase.co/auth/v1'
const options = { ref: 'abcdefghijklmnopqrst' }
const claims = {
  iss,
  sub: '0f5c1f44-6f4e-4c35-8f0a-3b1d0f6f0a01',
  aud: 'authenticated',
  exp: NOW + 3540,
  iat: NOW - 60,
  email: 'jo@example.org',
  phone: '',
  app_metadata: { provider: 'email' },
  user_metadata: { role: 'admin' },
  role: 'authenticated',
  aal: 'aal1',
  amr: [{ method: 'password', timestamp: NOW - 60 }],
  session_id: '1d3b6f44-6f4e-4c35-8f0a-3b1d0f6f0a02',
  is_anonymous: false,
}
const { vector, mistake, common } = profiled('supabase', options, claims, { key: keys.es256 })
await common()
await vector('RS256 is accepted', {}, ok(), { key: keys.rs256, keys: { keys: [publicJwk(keys.rs256, { kid: 'k1' })] } })
await vector('a token of a shared secret is refused', {}, err('alg_not_allowed', 'alg'), { key: keys.hs256 })
await vector(
  'the key anon is refused',
  { iss: 'supabase', ref: options.ref, role: 'anon', aud: undefined, exp: NOW + 315360000 },
  err('claim_mismatch', 'iss'),
)
await vector('the key service_role is refused', { iss: 'supabase', role: 'service_role' }, err('claim_mismatch', 'iss'))
await vector('another role is refused', { role: 'service_role' }, err('claim_mismatch', 'role'))
await vector('a role that is asked for is accepted', { role: 'editor' }, ok(), { options: { role: 'editor' } })
await vector('the audience of nobody is refused', { aud: 'anon' }, err('claim_mismatch', 'aud'))
await vector(
  'another project is refused',
  { iss: 'https://zyxwvutsrqponmlkjihg.supabase.co/auth/v1' },
  err('claim_mismatch', 'iss'),
)
await vector('the server for tests is refused', { iss: 'http://127.0.0.1:54321/auth/v1' }, err('claim_mismatch', 'iss'))
await vector('an anonymous user is refused', { is_anonymous: true }, err('claim_mismatch', 'is_anonymous'))
await vector('an anonymous user is accepted where it is allowed', { is_anonymous: true }, ok(), {
  options: { anonymous: 'allow' },
})
await vector('a token that does not say so is none of an anonymous user', { is_anonymous: undefined }, ok())
await vector('an ID token of a provider is refused', { nonce: 'n' }, err('claim_mismatch', 'nonce'))
await vector('a token of a week is accepted', { iat: NOW, exp: NOW + 604800 }, ok())
await vector('a token of more than a week is refused', { iat: NOW, exp: NOW + 604801 }, err('lifetime_too_long', 'exp'))
const { vector: ofUrl } = profiled(
  'supabase',
  { url: 'https://db.example' },
  { ...claims, iss: 'https://db.example/auth/v1' },
  { key: keys.es256 },
)
await ofUrl('a domain of one’s own is accepted', {}, ok())
await ofUrl('its ref is another issuer', { iss }, err('claim_mismatch', 'iss'))
await mistake('a ref and a URL are a mistake', { url: 'https://db.example' }, 'ref')
await mistake('a host is no ref', { ref: 'abc.supabase.co' }, 'ref')
