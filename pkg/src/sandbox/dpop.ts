/**
 * DPoP at the token endpoint of a test issuer (RFC 9449 sections 5 and 8).
 *
 * It shares no code with the core that verifies proofs.
 *
 * @module
 */

import type { JsonWebKey, KeyObject } from 'node:crypto'
import { createHash, randomBytes } from 'node:crypto'

import { remember } from './memory.js'
import { oauthError, publicKeyOf } from './oauth.js'
import type { SandboxRequest } from './request.js'
import { bare, headerOf, own } from './request.js'
import type { SandboxResponse } from './server.js'

/** Whether token requests need a proof, and whether that needs a nonce. */
export type DpopMode = 'optional' | 'required' | 'nonce'

/** The modes. */
export const DPOP_MODES: readonly DpopMode[] = ['optional', 'required', 'nonce']

/** The algorithms that a test issuer accepts proofs of. */
export const PROOF_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256', 'PS256']

/** The claims of a JWS that `key` signed; `undefined` for any other. */
type ReadsSigned = (key: KeyObject, token: string) => Readonly<Record<string, unknown>> | undefined

/** The proofs of one token endpoint. */
export class Proofs {
  readonly #mode: DpopMode
  readonly #tokenUrl: string
  readonly #readSigned: ReadsSigned
  readonly #used = new Map<string, true>()
  #nonce = newNonce()

  constructor(mode: DpopMode, tokenUrl: string, readSigned: ReadsSigned) {
    this.#mode = mode
    this.#tokenUrl = tokenUrl
    this.#readSigned = readSigned
  }

  /** The headers of every answer. */
  get headers(): Readonly<Record<string, string>> {
    return this.#mode === 'nonce' ? { 'dpop-nonce': this.#nonce } : {}
  }

  /** Makes another nonce; only proofs with that are accepted from now on. */
  rotate(): void {
    this.#nonce = newNonce()
  }

  /** The thumbprint that the token is bound to, `undefined` for a request without a proof, or the refusal. */
  read(call: SandboxRequest): { readonly jkt: string | undefined } | SandboxResponse {
    const proof = headerOf(call, 'dpop')
    if (proof === undefined) {
      return this.#mode === 'optional' ? { jkt: undefined } : oauthError(400, 'invalid_dpop_proof', 'no DPoP header')
    }
    const { jwk, claims } = this.#verified(proof) ?? {}
    const { htm, htu, iat, jti, nonce } = claims ?? {}
    const isRecent = typeof iat === 'number' && Math.abs(call.now - iat) <= WINDOW_SECONDS
    const isMeant = htm === 'POST' && htu === this.#tokenUrl && isRecent && typeof jti === 'string'
    if (jwk === undefined || !isMeant || this.#used.has(jti)) {
      return oauthError(400, 'invalid_dpop_proof', 'the DPoP proof is not valid')
    }
    if (this.#mode === 'nonce' && nonce !== this.#nonce) return oauthError(400, 'use_dpop_nonce', 'another nonce')
    remember(this.#used, jti, true)
    return { jkt: thumbprint(jwk) }
  }

  #verified(proof: string): { jwk: JsonWebKey; claims: Readonly<Record<string, unknown>> } | undefined {
    try {
      const [part = ''] = proof.split('.')
      const header = bare(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')))
      const { typ, alg, jwk } = header
      const isProof = typ === 'dpop+jwt' && PROOF_ALGORITHMS.includes(alg) && !Object.hasOwn(Object(jwk), 'd')
      const key = isProof ? publicKeyOf(jwk) : undefined
      const claims = key === undefined ? undefined : this.#readSigned(key, proof)
      return claims === undefined ? undefined : { jwk, claims }
    } catch {
      return undefined
    }
  }
}

/** How far `iat` may be from the present. */
const WINDOW_SECONDS = 300

function newNonce(): string {
  return randomBytes(16).toString('base64url')
}

/** RFC 7638. */
function thumbprint(jwk: JsonWebKey): string {
  const names = ['crv', 'e', 'kty', 'n', 'x', 'y'] as const
  const members = names.flatMap((name) => (own(jwk, name) === undefined ? [] : [[name, jwk[name]]]))
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members)))
    .digest('base64url')
}
