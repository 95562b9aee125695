// @ts-check
/** GitHub Actions ID tokens. @module */

import { err, NOW, ok, profiled } from './common.js'

const options = { audience: 'https://deploy.example', repositoryId: '74' }
const claims = {
  jti: 'example-id',
  sub: 'repo:octo-org/octo-repo:environment:prod',
  environment: 'prod',
  aud: 'https://deploy.example',
  ref: 'refs/heads/main',
  sha: 'example-sha',
  repository: 'octo-org/octo-repo',
  repository_owner: 'octo-org',
  actor_id: '12',
  repository_visibility: 'private',
  repository_id: '74',
  repository_owner_id: '65',
  run_id: 'example-run-id',
  workflow: 'example-workflow',
  event_name: 'workflow_dispatch',
  ref_type: 'branch',
  job_workflow_ref: 'octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main',
  iss: 'https://token.actions.githubusercontent.com',
  nbf: NOW - 600,
  exp: NOW + 290,
  iat: NOW - 10,
}
const { vector, mistake, common } = profiled('githubActions', options, claims)
await common()
await vector('a subject with ids is accepted', { sub: 'repo:octo-org@65/octo-repo@74:ref:refs/heads/main' }, ok())
await vector(
  'another repository of that name is refused',
  { repository_id: '75' },
  err('claim_mismatch', 'repository_id'),
)
await vector('a token without the id is refused', { repository_id: undefined }, err('claim_missing', 'repository_id'))
await vector('another owner is refused', { repository_owner_id: '66' }, err('claim_mismatch', 'repository_owner_id'), {
  options: { ownerId: '65' },
})
await vector('another branch is refused', { ref: 'refs/heads/mainly' }, err('claim_mismatch', 'ref'), {
  options: { ref: 'refs/heads/main' },
})
await vector(
  'a pull request is refused',
  { ref: 'refs/pull/7/merge', sub: 'repo:octo-org/octo-repo:pull_request' },
  err('claim_mismatch', 'ref'),
  { options: { ref: 'refs/heads/main' } },
)
await vector('another environment is refused', { environment: 'test' }, err('claim_mismatch', 'environment'), {
  options: { environment: 'prod' },
})
await vector(
  'a job without an environment is refused',
  { environment: undefined },
  err('claim_missing', 'environment'),
  { options: { environment: 'prod' } },
)
await vector('the workflow is accepted', {}, ok(), { options: { workflowRef: claims.job_workflow_ref } })
await vector(
  'another workflow is refused',
  { job_workflow_ref: 'octo-org/octo-repo/.github/workflows/x.yml@refs/heads/main' },
  err('claim_mismatch', 'job_workflow_ref'),
  { options: { workflowRef: claims.job_workflow_ref } },
)
await vector('the default audience is refused', { aud: 'https://github.com/octo-org' }, err('claim_mismatch', 'aud'))
await vector(
  'the issuer of an enterprise is another',
  { iss: 'https://token.actions.githubusercontent.com/octo' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'the issuer of a server is another',
  { iss: 'https://ghes.example/_services/token' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'the issuer of a server is accepted where it is asked for',
  { iss: 'https://ghes.example/_services/token' },
  ok(),
  { options: { issuer: 'https://ghes.example/_services/token' } },
)
await vector('a token of 15 minutes is accepted', { iat: NOW, exp: NOW + 900 }, ok())
await vector(
  'a policy beside the profile limits the lifetime',
  { iat: NOW, exp: NOW + 301 },
  err('lifetime_too_long', 'exp'),
  { beside: { maxLifetimeSeconds: 300 } },
)
await mistake('the name of a repository is a mistake', { repositoryId: 'octo-org/octo-repo' }, 'repositoryId')
await mistake('the name of an owner is a mistake', { ownerId: 'octo-org' }, 'ownerId')
