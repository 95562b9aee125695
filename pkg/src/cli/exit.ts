/**
 * The exit codes of the command line, and the error for a wrong call.
 *
 * @module
 */

/** What the command ends with. Scripts may rely on the numbers. */
export const EXIT = {
  /** The token is accepted; for the other commands: done. */
  accepted: 0,
  /** The token is refused, or cannot be read. */
  refused: 1,
  /** The call is wrong: an option, a file, a policy. */
  wrongCall: 2,
  /** No verdict: the keys cannot be had, or the output was closed. */
  undecidable: 3,
} as const

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** A call that cannot be carried out as written. The message names the remedy, and no value that may be secret. */
export class UsageError extends Error {}
