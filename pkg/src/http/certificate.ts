/**
 * Client certificates of mutual TLS, for tokens bound to one
 * ({@link https://www.rfc-editor.org/rfc/rfc8705#section-3 RFC 8705 section 3}).
 *
 * @module
 */

import { base64url } from './nonce.js'

/**
 * The client certificate of a request: PEM text, DER octets, or its thumbprint (base64url SHA-256 of the DER).
 * `undefined` where the client presented none.
 */
export type PresentedCertificate =
  | string
  | Uint8Array
  | {
      /** 43 characters: base64url of the SHA-256 of the DER octets, without padding. */
      readonly thumbprint: string
    }
  | undefined

/**
 * The `x5t#S256` of a client certificate.
 *
 * @throws {TypeError} For any other value.
 */
export async function thumbprintOf(certificate: PresentedCertificate): Promise<string | undefined> {
  if (certificate === undefined) return undefined
  if (typeof certificate === 'string') return digest(fromPem(certificate))
  if (Object.prototype.toString.call(certificate) === '[object Uint8Array]') {
    return digest(new Uint8Array(certificate as Uint8Array))
  }
  const thumbprint = Object.hasOwn(Object(certificate), 'thumbprint')
    ? (certificate as { thumbprint: unknown }).thumbprint
    : undefined
  if (typeof thumbprint === 'string' && /^[\w-]{43}$/.test(thumbprint)) return thumbprint
  throw new TypeError('`certificate` must return PEM text, DER octets, { thumbprint }, or undefined')
}

/** What Cloudflare reports of a client certificate: `request.cf.tlsClientAuth`. */
interface TlsClientAuth {
  readonly certPresented?: string
  readonly certVerified?: string
  readonly certRevoked?: string
  readonly certFingerprintSHA256?: string
}

/**
 * The client certificate that Cloudflare verified, for the guard option `certificate`.
 *
 * Cloudflare reports a fingerprint even where the verification failed, so only `certVerified: 'SUCCESS'` counts, and no
 * revoked certificate.
 */
export function cloudflareCertificate(request: unknown): PresentedCertificate {
  const { cf } = Object(request) as { cf?: { tlsClientAuth?: TlsClientAuth | null } }
  const auth = cf?.tlsClientAuth
  const hex = auth?.certFingerprintSHA256
  const isVerified = auth?.certPresented === '1' && auth.certVerified === 'SUCCESS' && auth.certRevoked !== '1'
  if (!isVerified || hex === undefined || !/^[\da-f]{64}$/i.test(hex)) return undefined
  return { thumbprint: base64url(Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16))) }
}

/** What {@link nodeCertificate} reads of a socket. */
interface PeerSocket {
  readonly authorized?: boolean
  getPeerCertificate?(detailed: boolean): { readonly raw?: Uint8Array } | null
}

/**
 * The client certificate of a Node TLS connection (`requestCert: true`), for the guard option `certificate`.
 *
 * A certificate counts only if Node verified its chain (`socket.authorized`). With `selfSigned: true` any certificate
 * counts whose key the client proved in the handshake, as RFC 8705 section 2.2 allows; `cnf` then decides.
 *
 * @param options `selfSigned`: accept certificates without a verified chain. Default false.
 */
export function nodeCertificate(options: { selfSigned?: boolean } = {}): (request: unknown) => PresentedCertificate {
  const selfSigned = Object.hasOwn(options, 'selfSigned') && options.selfSigned === true
  return (request) => {
    const { socket } = Object(request) as { socket?: PeerSocket }
    if (socket === undefined || (socket.authorized !== true && !selfSigned)) return undefined
    return socket.getPeerCertificate?.(false)?.raw
  }
}

async function digest(der: Uint8Array<ArrayBuffer>): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', der)))
}

/** The DER octets of the first certificate in PEM text. */
function fromPem(text: string): Uint8Array<ArrayBuffer> {
  const [, body = ''] = /-----BEGIN CERTIFICATE-----([A-Za-z\d+/=\s]+)-----END CERTIFICATE-----/.exec(text) ?? []
  const compact = body.replace(/\s/g, '')
  if (compact === '' || !/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(compact)) {
    throw new TypeError('`certificate` must return PEM text with a CERTIFICATE block')
  }
  return Uint8Array.from(atob(compact), (character) => character.charCodeAt(0))
}
