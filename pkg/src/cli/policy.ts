/**
 * The options that state a policy, and what one call expects beyond it.
 *
 * @module
 */

import type { Algorithm, Expected, Policy, Profile } from '../index.js'
import type { OptionSpecs, Values } from './arguments.js'
import { UsageError } from './exit.js'
import { readJson, readMoment, readSeconds } from './input.js'
import { assignments, readProfile } from './systems.js'

const MANY = { type: 'string', multiple: true } as const

/** The options that `--policy FILE` takes the place of. */
const REQUIREMENTS = {
  profile: { type: 'string' },
  issuer: MANY,
  'no-issuer': { type: 'boolean' },
  audience: MANY,
  'no-audience': { type: 'boolean' },
  subject: MANY,
  scope: MANY,
  'any-scope': MANY,
  claim: MANY,
  typ: MANY,
  alg: MANY,
  leeway: { type: 'string' },
  'max-age': { type: 'string' },
  'max-lifetime': { type: 'string' },
  'expiry-optional': { type: 'boolean' },
} as const satisfies OptionSpecs

/** The options of a policy. */
export const POLICY_OPTIONS = {
  policy: { type: 'string' },
  ...REQUIREMENTS,
  bind: MANY,
  nonce: { type: 'string' },
  at: { type: 'string' },
} as const satisfies OptionSpecs

type PolicyValues = Values<typeof POLICY_OPTIONS>

/** A policy as the command line states it. The verifier checks it; `keys` is there if a file of a policy has them. */
export type StatedPolicy = Partial<Policy> & { readonly profile?: Profile; readonly keys?: unknown }

/** Whether one of the options of a policy is given. */
export function statesPolicy(values: PolicyValues): boolean {
  return values.policy !== undefined || givenRequirements(values).length > 0
}

/**
 * The policy that the options state.
 *
 * @throws {UsageError} If issuer or audience are neither stated nor declined, or options contradict each other.
 */
export function readPolicy(values: PolicyValues): StatedPolicy {
  if (values.policy !== undefined) return readPolicyFile(values.policy, values)
  const profile = values.profile === undefined ? undefined : readProfile(values.profile)
  const { subject, typ, alg } = values
  const policy: Record<string, unknown> = {
    ...(profile === undefined ? {} : { profile }),
    ...statement('issuer', values.issuer, values['no-issuer'], profile),
    ...statement('audience', values.audience, values['no-audience'], profile),
    ...(subject === undefined ? {} : { subject }),
    ...(typ === undefined ? {} : { typ }),
    ...(alg === undefined ? {} : { algorithms: alg as readonly Algorithm[] }),
    ...scopeOf(values),
    ...(values.claim === undefined ? {} : { claims: Object.fromEntries(assignments(values.claim, '--claim')) }),
    ...(values['expiry-optional'] === true ? { expiry: 'optional' } : {}),
  }
  for (const [option, name] of DURATIONS) {
    const text = values[option]
    if (text !== undefined) policy[name] = readSeconds(text, `--${option}`)
  }
  return policy
}

const DURATIONS = [
  ['leeway', 'leewaySeconds'],
  ['max-age', 'maxAgeSeconds'],
  ['max-lifetime', 'maxLifetimeSeconds'],
] as const

/** What this call expects, with the moment of `--at`. */
export function readExpected(values: PolicyValues): Expected & { readonly now: number } {
  const bind =
    values.bind === undefined
      ? {}
      : { bind: Object.fromEntries(assignments(values.bind, '--bind')) as NonNullable<Expected['bind']> }
  const nonce = values.nonce === undefined ? {} : { nonce: values.nonce }
  const now = values.at === undefined ? Date.now() / 1000 : readMoment(values.at, '--at')
  return { ...bind, ...nonce, now }
}

function givenRequirements(values: PolicyValues): string[] {
  return Object.keys(REQUIREMENTS).filter((name) => values[name as keyof typeof REQUIREMENTS] !== undefined)
}

function readPolicyFile(path: string, values: PolicyValues): StatedPolicy {
  const [other] = givenRequirements(values)
  if (other !== undefined)
    throw new UsageError(`--policy and --${other} must not be given together: state all of the policy in the file`)
  const policy = readJson(path, '--policy')
  if (typeof policy === 'object' && policy !== null && !Array.isArray(policy)) return policy
  throw new UsageError('--policy: the file must hold one JSON object, the options of a Verifier')
}

/** `issuer` or `audience`: what was stated, `null` where it was declined, nothing where the profile states it. */
function statement(
  name: 'issuer' | 'audience',
  stated: readonly string[] | undefined,
  isDeclined: true | undefined,
  profile: Profile | undefined,
): Partial<Policy> {
  if (stated !== undefined && isDeclined === true)
    throw new UsageError(`--${name} and --no-${name} must not be given together`)
  if (stated !== undefined) return { [name]: stated }
  if (profile !== undefined) {
    if (isDeclined === true) throw new UsageError(`--no-${name} must be left out: the profile states the ${name}`)
    return {}
  }
  if (isDeclined === true) return { [name]: null }
  throw new UsageError(
    `the ${name} is not stated: --${name} ${name.toUpperCase()} for the one that must be in the token, ` +
      `or --no-${name} to accept every ${name}`,
  )
}

function scopeOf({ scope, 'any-scope': any }: PolicyValues): Partial<Policy> {
  const words = (texts: readonly string[]): string[] => texts.flatMap((text) => text.split(' '))
  if (any !== undefined) return { scope: { ...(scope === undefined ? {} : { all: words(scope) }), any: words(any) } }
  return scope === undefined ? {} : { scope: words(scope) }
}
