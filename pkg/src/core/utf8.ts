/**
 * Text and its UTF-8 octets.
 *
 * @module
 */

/**
 * Whether the text has UTF-8 octets. Half a surrogate pair has none: another text would have the same.
 *
 * Like `String.prototype.isWellFormed`, which Safari has from 16.4 and Firefox from 119.
 */
export const isWellFormed: (text: string) => boolean =
  'isWellFormed' in String.prototype
    ? (text) => (text as string & { isWellFormed(): boolean }).isWellFormed()
    : (text) => !/\p{Surrogate}/u.test(text)

/** The classes that encode and decode text. */
export interface TextCodecs {
  readonly TextEncoder: typeof TextEncoder
  readonly TextDecoder: typeof TextDecoder
}

/**
 * The runtime's classes for UTF-8; those of `node:util` where a test environment (Jest with jsdom, a `vm` context)
 * hides them.
 *
 * @throws {Error} If there are none: the message says what to set up.
 */
export function textCodecs(): TextCodecs {
  for (const from of [() => globalThis, () => builtIn('node:util')]) {
    const { TextEncoder, TextDecoder } = (from() ?? {}) as Partial<TextCodecs>
    if (TextEncoder !== undefined && TextDecoder !== undefined) return { TextEncoder, TextDecoder }
  }
  throw new Error(
    'countersign needs the globals TextEncoder and TextDecoder, which this environment does not have. ' +
      'In Jest with jsdom, use the environment "node", or set them in a setup file: ' +
      'Object.assign(globalThis, { TextEncoder, TextDecoder }), with both from node:util.',
  )
}

/** The UTF-8 octets of a text. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return new (textCodecs().TextEncoder)().encode(text)
}

/** The text of UTF-8 octets, with U+FFFD for octets that are malformed. */
export function decodeUtf8(octets: AllowSharedBufferSource): string {
  return new (textCodecs().TextDecoder)().decode(octets)
}

/**
 * A module of Node, in Node and in the runtimes that imitate it.
 *
 * Next's edge runtime has the function and throws when it is called.
 */
export function builtIn(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } }
  try {
    return process?.getBuiltinModule?.(name)
  } catch {
    return undefined
  }
}
