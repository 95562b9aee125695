/**
 * Kubernetes service account tokens.
 *
 * @module
 */

import type { CompleteProfile } from '../types.js'
import { Options } from './options.js'
import { ASYMMETRIC, BEARER, complete, isBaseUrl, isSegment, NOT_EMPTY, oneOf, rules } from './parts.js'

/** Whose Kubernetes service account tokens they are. */
export interface KubernetesOptions {
  /** The issuer of the cluster, an https URL, exactly as in `iss`. */
  issuer: string
  /** An audience of your own: the default one is the API server. */
  audience: string | readonly string[]
  /** The namespace of the account, or several. Default: all. */
  namespace?: string | readonly string[]
  /** The name of the account, or several. Needs `namespace`. Default: all. */
  serviceAccount?: string | readonly string[]
}

/**
 * Projected service account tokens with an audience of your own. Tokens of old secrets, which have neither `exp` nor `aud`,
 * are refused. The keys are found by discovery (OpenID Connect Discovery); a cluster that asks for credentials there needs
 * `keys: discoverKeys(issuer, { fetch })`.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function kubernetes(options: KubernetesOptions): CompleteProfile {
  const given = new Options(options)
  const isUrl = (text: string) => isBaseUrl(text.replace(/\/$/, ''))
  const issuer = given.oneText('issuer', 'the issuer of the cluster, an https URL, exactly as in iss', isUrl)
  const audience = given.someTexts('audience', 'an audience of your own')
  const namespaces = given.texts('namespace', 'the name of a namespace', isSegment)
  const accounts = given.texts('serviceAccount', 'the name of an account', isSegment)
  if (accounts !== undefined && namespaces === undefined)
    given.refuse('namespace', 'given, for `serviceAccount` is: it is of one')
  given.finish()
  const [namespace] = namespaces?.length === 1 ? namespaces : []
  const [account] = accounts?.length === 1 ? accounts : []
  const start = namespace === undefined ? 'system:serviceaccount:' : `system:serviceaccount:${namespace}:`
  return complete({
    issuer,
    audience: oneOf(audience),
    algorithms: ASYMMETRIC,
    claims: rules({
      sub: namespace !== undefined && account !== undefined ? `${start}${account}` : { startsWith: start },
      '/kubernetes.io/namespace': namespaces && oneOf(namespaces),
      '/kubernetes.io/serviceaccount/name': accounts === undefined ? NOT_EMPTY : oneOf(accounts),
    }),
    carriers: BEARER,
    keys: { issuer },
  })
}
