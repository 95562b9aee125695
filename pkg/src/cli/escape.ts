/**
 * Text from a token or a server, made harmless for a terminal.
 *
 * Control characters move the cursor, set titles and write to the clipboard; bidirectional controls and invisible
 * characters make a text read as another. All of them are shown as escapes.
 *
 * @module
 */

/**
 * C0 and C1 controls and DEL, lone surrogates, and characters of Unicode's categories Cf (bidirectional controls, zero
 * width, tags), Zl and Zp; variation selectors and fillers, which have no width either.
 */
// biome-ignore lint/suspicious/noMisleadingCharacterClass: combining characters are meant one by one
const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu

/** The text with every such character as `\u{…}`. */
export function escaped(text: string): string {
  return text.replace(HARMFUL, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** JSON text that parses to the same value, with every such character as `\uXXXX`. */
export function escapedJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent) ?? 'null'
  return text.replace(HARMFUL, (character) =>
    // JSON.stringify itself writes line breaks, between members.
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, index) => {
          return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
        }).join(''),
  )
}
