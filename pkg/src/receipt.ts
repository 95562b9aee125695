/**
 * Countersigning: the receipt that makes an opaque token verifiable.
 *
 * @module
 */

import type { Signer } from './core/bindings.js'
import * as bindings from './core/bindings.js'
import { encode, members, snapshot } from './core/options.js'
import { isWellFormed } from './core/utf8.js'
import { readSecret } from './keys/read.js'
import type { Receipt, ReceiptKey } from './types.js'

/**
 * Countersigns an opaque token: returns `receipt~token`, one string that travels wherever the token travelled (an RFC 6750
 * b64token again).
 *
 * The receipt is a JWS (`typ` "receipt+jwt") by whoever obtained the token from its issuer: `ath` (base64url SHA-256 of the
 * token, as in RFC 9449), `iss`, `aud`, `exp`, `iat`, `bind`, `uses`, `scope`, further claims; at most 2048 characters;
 * signed, not secret. It is worth nothing without its token, and is never accepted as a token itself.
 *
 * @throws {TypeError} Unreadable or past expiry, a token outside b64token, a short secret, a claim that is the receipt's
 * own, too long.
 */
export function countersign(token: string, receipt: Receipt, key: ReceiptKey): string {
  if (typeof token !== 'string') throw new TypeError('token must be a string')
  return bindings.countersign(token, snapshot(receipt, 'receipt'), readSigner(key), Date.now() / 1000)
}

function readSigner(key: unknown): Signer {
  const found = members(key, 'key')
  const kid = found.get('kid')
  if (found.has('kid') && (typeof kid !== 'string' || kid === '' || !isWellFormed(kid)))
    throw new TypeError('key.kid must be a string')
  found.delete('kid')
  const [[form, material] = [], ...others] = found
  if (others.length === 0 && form === 'secret') {
    return { kid: kid as string | undefined, secret: readSecret(material, 'key.secret') }
  }
  if (others.length === 0 && form === 'privateKey') {
    return { kid: kid as string | undefined, privateKey: encode(snapshot(material, 'key.privateKey')) }
  }
  throw new TypeError('key must be one key: a secret or a privateKey, and its kid')
}
