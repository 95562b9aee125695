/**
 * GitHub Actions ID tokens.
 *
 * @module
 */

import type { CompleteProfile } from '../types.js'
import { Options } from './options.js'
import { BEARER, complete, isBaseUrl, isDigits, keysAt, oneOf, rules } from './parts.js'

/** Whose GitHub Actions ID tokens they are. At least one of `repositoryId` and `ownerId`. */
export interface GithubActionsOptions {
  /** An audience of your own, which the workflow asks for: every other receiver accepts the default one, too. */
  audience: string | readonly string[]
  /** The id of the repository, or several, digits as text: a name can be taken over by another owner. Default: any. */
  repositoryId?: string | readonly string[]
  /** The id of the owner of the repository, or several, digits as text. Default: any. */
  ownerId?: string | readonly string[]
  /** Such as "refs/heads/main". Without `ref`, `environment` and `workflowRef`, any branch's workflow passes. */
  ref?: string | readonly string[]
  /** The name of the environment, or several. Default: any. */
  environment?: string | readonly string[]
  /** Held against `job_workflow_ref`, or several. Default: any. */
  workflowRef?: string | readonly string[]
  /** Of an Enterprise Server or of an enterprise. Default: github.com's. */
  issuer?: string
}

/**
 * RS256 ID tokens of a workflow, by the ids of repository or owner.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function githubActions(options: GithubActionsOptions): CompleteProfile {
  const given = new Options(options)
  const audience = given.someTexts('audience', 'an audience of your own, which the workflow asks for')
  const repository = given.texts('repositoryId', ID, isDigits)
  const owner = given.texts('ownerId', ID, isDigits)
  if (repository === undefined && owner === undefined) given.refuse('repositoryId', 'given, unless `ownerId` is')
  const [ref, environment, workflow] = [given.texts('ref'), given.texts('environment'), given.texts('workflowRef')]
  const url = given.text('issuer', 'the URL of the issuer, without a slash at its end', isBaseUrl)
  given.finish()
  const issuer = url ?? 'https://token.actions.githubusercontent.com'
  return complete({
    issuer,
    audience: oneOf(audience),
    algorithms: ['RS256'],
    claims: rules({
      repository_id: repository && oneOf(repository),
      repository_owner_id: owner && oneOf(owner),
      ref: ref && oneOf(ref),
      environment: environment && oneOf(environment),
      job_workflow_ref: workflow && oneOf(workflow),
    }),
    requiredClaims: ['sub', 'jti'],
    carriers: BEARER,
    keys: keysAt(`${issuer}/.well-known/jwks`, issuer),
  })
}

const ID = 'an id of digits, as text, or several: not a name'
