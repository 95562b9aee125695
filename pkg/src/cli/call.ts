/**
 * A verifier that options of the command line state, and the verdict on a token.
 *
 * @module
 */

import type { Expected, Verdict, VerifierOptions } from '../index.js'
import { TokenError, UnavailableError, Verifier } from '../index.js'
import { withDeadline } from '../wait.js'
import type { Values } from './arguments.js'
import type { POLICY_OPTIONS } from './policy.js'
import { readExpected, readPolicy } from './policy.js'
import { explained } from './systems.js'
import type { KEY_OPTIONS, StatedKeys } from './verifier-keys.js'
import { readVerifierKeys } from './verifier-keys.js'

/** A verifier with what it is called with. */
export interface Invocation {
  readonly verifier: Verifier
  readonly stated: StatedKeys
  readonly expected: Expected & { readonly now: number }
}

/**
 * The verifier that the options state.
 *
 * @throws {UsageError} If they cannot mean anything.
 */
export function readInvocation(values: Values<typeof POLICY_OPTIONS & typeof KEY_OPTIONS>): Invocation {
  const policy = readPolicy(values)
  const stated = readVerifierKeys(values, policy)
  const expected = readExpected(values)
  const options = { ...policy, keys: stated.keys } as VerifierOptions
  const verifier = explained('the policy', () => new Verifier(options))
  // What is expected is checked with a token: with an empty one here, before anything is read or fetched.
  explained('the call', () => verifier.tryVerify('', expected))
  return { verifier, stated, expected }
}

/** The verdict on a token, after fetching keys if it needs any. */
export async function decide({ verifier, stated, expected }: Invocation, token: string): Promise<Verdict> {
  try {
    return await withDeadline(() => verifier.verifyAsync(token, expected), stated.timeoutSeconds * 1000)
  } catch (error) {
    if (error instanceof TokenError || error instanceof UnavailableError) return error
    if (error instanceof DOMException) return new UnavailableError('keys_unavailable', { cause: error })
    throw error
  }
}
