/**
 * Text that has UTF-8 octets.
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
