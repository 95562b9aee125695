// @ts-check
/** Kubernetes service account tokens. @module */

import { err, NOW, ok, profiled } from './common.js'

const iss = 'https://kubernetes.default.svc.cluster.local'
const options = { issuer: iss, audience: 'vault', namespace: 'shop', serviceAccount: 'orders' }
const claims = {
  aud: ['vault'],
  exp: NOW + 3540,
  iat: NOW - 60,
  nbf: NOW - 60,
  iss,
  jti: '7b6b5d0a-0000-4000-8000-000000000001',
  'kubernetes.io': {
    namespace: 'shop',
    node: { name: 'node-1', uid: 'n-1' },
    pod: { name: 'orders-1', uid: 'p-1' },
    serviceaccount: { name: 'orders', uid: 's-1' },
  },
  sub: 'system:serviceaccount:shop:orders',
}
const inside = claims['kubernetes.io']
const { vector, mistake, common } = profiled('kubernetes', options, claims, { header: {} })
await common()
await vector(
  'the token of an old secret is refused',
  {
    iss: 'kubernetes/serviceaccount',
    aud: undefined,
    exp: undefined,
    'kubernetes.io': undefined,
    'kubernetes.io/serviceaccount/namespace': 'shop',
  },
  err('claim_mismatch', 'iss'),
)
await vector('a token for the API server is refused', { aud: [iss] }, err('claim_mismatch', 'aud'))
await vector(
  'another cluster is refused',
  { iss: 'https://oidc.eks.eu-west-1.amazonaws.com/id/0' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'the cluster for tests is refused',
  { iss: 'https://kubernetes.default.svc.test.local' },
  err('claim_mismatch', 'iss'),
)
await vector('another account is refused', { sub: 'system:serviceaccount:shop:orders2' }, err('claim_mismatch', 'sub'))
await vector(
  'another namespace is refused',
  { 'kubernetes.io': { ...inside, namespace: 'test' } },
  err('claim_mismatch', '/kubernetes.io/namespace'),
)
await vector(
  'another account inside is refused',
  { 'kubernetes.io': { ...inside, serviceaccount: { name: 'x' } } },
  err('claim_mismatch', '/kubernetes.io/serviceaccount/name'),
)
await vector(
  'an ID token of a person is refused',
  { sub: 'jo@example.org', 'kubernetes.io': undefined },
  err('claim_missing', '/kubernetes.io/namespace'),
)
await vector('the cluster decides the lifetime', { iat: NOW, exp: NOW + 31536000 }, ok())
await vector(
  'a policy beside the profile limits the lifetime',
  { iat: NOW, exp: NOW + 3601 },
  err('lifetime_too_long', 'exp'),
  {
    beside: { maxLifetimeSeconds: 3600 },
  },
)
const { vector: ofNamespace } = profiled('kubernetes', { issuer: iss, audience: 'vault', namespace: 'shop' }, claims, {
  header: {},
})
await ofNamespace('an account of the namespace is accepted', { sub: 'system:serviceaccount:shop:other' }, ok())
await ofNamespace(
  'an account of a namespace that starts alike is refused',
  { sub: 'system:serviceaccount:shopping:orders' },
  err('claim_mismatch', 'sub'),
)
const { vector: ofCluster } = profiled('kubernetes', { issuer: iss, audience: 'vault' }, claims, { header: {} })
await ofCluster('an account of the cluster is accepted', {}, ok())
await ofCluster('a node is no account', { sub: 'system:node:node-1' }, err('claim_mismatch', 'sub'))
await mistake('an account without a namespace is a mistake', { namespace: [] }, 'namespace')
await mistake('an issuer that is no URL is a mistake', { issuer: 'kubernetes/serviceaccount' }, 'issuer')
