// @ts-check
/**
 * Links with the policy in the fragment, which is not sent to a server. They never contain the token, the key or
 * the request.
 *
 * @module
 */

import { SYSTEMS } from './systems.js'

/** The longest fragment that is read. */
const MAX_LENGTH = 8192

/**
 * The address of this page with a policy.
 *
 * @param {string} address The address of the page.
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
 * The policy in a fragment; undefined if there is none. Only the fields of a policy are read, as text.
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
