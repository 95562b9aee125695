/**
 * Keeps what an issuer remembers between requests within bounds.
 *
 * @module
 */

/** More than development needs at once; bodies are small, so these are some megabytes. */
const MAX_ENTRIES = 1_000

/** Sets `key` in `map`; the oldest entry goes when there are too many. */
export function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= MAX_ENTRIES) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
