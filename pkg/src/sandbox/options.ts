/**
 * The sandbox's options: own members alone, each read once, unknown names and values refused.
 *
 * @module
 */

/** What an option accepts: one of these texts, or anything that its system checks itself. */
export type Accepts = readonly string[] | 'any'

/**
 * Copies the own members of an options object.
 *
 * @param path The options' name, for messages; `''` for the outermost.
 * @param accepts Every option by name.
 * @returns An object without a prototype: a member that is left out, or `undefined`, is absent.
 * @throws {TypeError} If `given` is not an object, an option is unknown, or a value is not one of those listed.
 */
export function readOptions<Options extends object>(
  given: Options,
  path: string,
  accepts: Readonly<Record<keyof Options & string, Accepts>>,
): Options {
  if (typeof given !== 'object' || given === null) throw new TypeError(`${path || 'options'} must be an object`)
  const found = Object.create(null) as Options
  const known = new Map<string, Accepts>(Object.entries(accepts))
  for (const [name, value] of Object.entries(given)) {
    const full = path === '' ? name : `${path}.${name}`
    const values = known.get(name)
    if (values === undefined) throw new TypeError(`unknown option \`${full}\``)
    if (value === undefined) continue
    if (values !== 'any' && !values.includes(value)) throw new TypeError(`${full} must be one of ${values.join(', ')}`)
    Reflect.set(found, name, value)
  }
  return found
}
