// @ts-check
/** Firebase ID tokens and session cookies. @module */

import { err, NOW, ok, profiled } from './common.js'

const options = { projectId: 'acme-shop' }
const claims = {
  iss: 'https://securetoken.google.com/acme-shop',
  aud: 'acme-shop',
  auth_time: NOW - 600,
  user_id: 'u1',
  sub: 'u1',
  iat: NOW - 60,
  exp: NOW + 3540,
  email: 'jo@example.org',
  email_verified: true,
  firebase: { identities: { email: ['jo@example.org'] }, sign_in_provider: 'password' },
}
const { vector, mistake, common } = profiled('firebase', options, claims)
await common()
await vector(
  'another project is refused',
  { iss: 'https://securetoken.google.com/acme-test', aud: 'acme-test' },
  err('claim_mismatch', 'iss'),
)
await vector('the audience of another project is refused', { aud: 'acme-test' }, err('claim_mismatch', 'aud'))
await vector(
  'a session cookie is no ID token',
  { iss: 'https://session.firebase.google.com/acme-shop' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'a token of a sign-in with Google is refused',
  { iss: 'https://accounts.google.com' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'a custom token is refused',
  {
    iss: 'firebase-adminsdk@acme-shop.iam.gserviceaccount.com',
    aud: 'https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit',
  },
  err('claim_mismatch', 'iss'),
)
await vector('an empty subject is refused', { sub: '' }, err('claim_mismatch', 'sub'))
await vector('a token without a subject is refused', { sub: undefined }, err('claim_missing', 'sub'))
await vector('a token without auth_time is refused', { auth_time: undefined }, err('claim_missing', 'auth_time'))
await vector('a token of an hour is accepted', { iat: NOW, exp: NOW + 3600 }, ok())
await vector('a token of more than an hour is refused', { iat: NOW, exp: NOW + 3601 }, err('lifetime_too_long', 'exp'))
const session = { ...claims, iss: 'https://session.firebase.google.com/acme-shop', exp: NOW + 432000 }
const { vector: ofSession } = profiled('firebase', { ...options, session: true }, session)
await ofSession('a session cookie is accepted where it is asked for', {}, ok())
await ofSession('an ID token is no session cookie', claims, err('claim_mismatch', 'iss'))
await ofSession('a session of 14 days is accepted', { iat: NOW, exp: NOW + 1209600 }, ok())
await ofSession(
  'a session of more than 14 days is refused',
  { iat: NOW, exp: NOW + 1209601 },
  err('lifetime_too_long', 'exp'),
)
await mistake('a project in a path is a mistake', { projectId: 'a/b' }, 'projectId')
await mistake('a cookie of ID tokens is a mistake', { cookie: 'x' }, 'cookie')
