/**
 * Copies of JSON data, one for each caller.
 *
 * @module
 */

/** An object, and which of its members a copy must not share. */
export interface Data<T extends object> {
  readonly value: T
  readonly nested: readonly (keyof T)[]
}

/** Prepares an object for {@link copyOf}. */
export function data<T extends object>(value: T): Data<T> {
  const nested = (Object.keys(value) as (keyof T)[]).filter((name) => isObject(value[name]))
  return { value, nested }
}

/** A copy that shares nothing. */
export function copyOf<T extends object>({ value, nested }: Data<T>): T {
  const members = { ...value }
  for (let index = 0; index < nested.length; index += 1) {
    const name = nested[index] as keyof T
    members[name] = copy(members[name])
  }
  return members
}

/** A copy of JSON data that shares nothing. */
export function copy<T>(value: T): T {
  if (!isObject(value)) return value
  if (!Array.isArray(value)) return copyOf(data(value))
  const elements: unknown[] = new Array(value.length)
  for (let index = 0; index < value.length; index += 1) elements[index] = copy(value[index])
  return elements as T
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
