// @ts-check
/**
 * A link that holds the policy in its fragment, which no server sees; never the token, the key or the request.
 *
 * @module
 */

import { SYSTEMS } from './systems.js'

/** Longer than any policy that somebody fills in. */
const MAX_LENGTH = 8192

/**
 * The address of the page with this policy.
 *
 * @param {string} address The page's own.
 * @param {string} system
 * @param {Readonly<Record<string, string>>} values
 */
export function linkTo(address, system, values) {
  const shared = fieldsOf(system).map(({ name }) => [name, values[name] ?? ''])
  const parameters = new URLSearchParams([
    ['system', system],
    ...shared.filter(([, value]) => value !== '').map(([name = '', value = '']) => [name, value]),
  ])
  return `${address.split('#')[0]}#${parameters}`
}

/**
 * Reads such a fragment; nothing where it is none. Only what a policy can hold is read, as text.
 *
 * @param {string} fragment
 * @returns {{ system: string, values: Record<string, string> } | undefined}
 */
export function readLink(fragment) {
  if (fragment.length < 2 || fragment.length > MAX_LENGTH) return undefined
  const parameters = new URLSearchParams(fragment.slice(1))
  const system = parameters.get('system') ?? ''
  if (!Object.hasOwn(SYSTEMS, system)) return undefined
  const values = Object.fromEntries(fieldsOf(system).map(({ name }) => [name, parameters.get(name) ?? '']))
  return { system, values }
}

/** @param {string} system */
function fieldsOf(system) {
  return (SYSTEMS[system]?.fields ?? []).filter(({ part }) => part === 'policy')
}
