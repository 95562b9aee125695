/**
 * Copies of JSON data, one for each caller, and of texts.
 *
 * @module
 */

/** An object, and which of its members a copy must not share. */
export interface Data<T extends object> {
  readonly value: T
  /** The members that are arrays of scalars: an engine copies such an array at once. */
  readonly lists: readonly (keyof T)[]
  /** The other members that are objects. */
  readonly nested: readonly (keyof T)[]
}

/** Prepares an object for {@link copyOf}. */
export function data<T extends object>(value: T): Data<T> {
  const objects = (Object.keys(value) as (keyof T)[]).filter((name) => isObject(value[name]))
  const isList = (name: keyof T): boolean => {
    const member: unknown = value[name]
    return Array.isArray(member) && !member.some(isObject)
  }
  return { value, lists: objects.filter(isList), nested: objects.filter((name) => !isList(name)) }
}

/** A copy that shares nothing. */
export function copyOf<T extends object>({ value, lists, nested }: Data<T>): T {
  const members = { ...value }
  for (let index = 0; index < lists.length; index += 1) {
    const name = lists[index] as keyof T
    members[name] = (members[name] as unknown[]).slice() as T[keyof T]
  }
  for (let index = 0; index < nested.length; index += 1) {
    const name = nested[index] as keyof T
    members[name] = copy(members[name])
  }
  return members
}

/** A copy of JSON data that shares nothing. */
function copy<T>(value: T): T {
  if (!isObject(value)) return value
  if (!Array.isArray(value)) return copyOf(data(value))
  const elements: unknown[] = value.slice()
  for (let index = 0; index < elements.length; index += 1) elements[index] = copy(elements[index])
  return elements as T
}

/** `text` in memory of its own. A slice keeps the text alive that it was cut from, an id the claims of its token. */
export function unshared(text: string): string {
  return ` ${text}`.slice(1)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
