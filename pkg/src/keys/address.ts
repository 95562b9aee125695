/**
 * URLs that keys and metadata are fetched from: which are allowed, and where an issuer's metadata is.
 *
 * @module
 */

/**
 * The URL of a key set or an issuer: https, or http on loopback; without user information and fragment.
 *
 * @param name What the message calls it.
 * @throws {TypeError} For another one.
 */
export function readUrl(value: unknown, name: string): URL {
  const text = value instanceof URL ? value.href : value
  if (
    typeof text !== 'string' ||
    !/^https?:\/\/[\x21-\x7e]+$/i.test(text) ||
    text.includes('\\') ||
    !URL.canParse(text)
  ) {
    throw new TypeError(`${name} must be an https URL`)
  }
  const url = new URL(text)
  if (url.protocol !== 'https:' && spaceOf(url.hostname) !== 'loopback') {
    throw new TypeError(`${name} must be an https URL; http is for loopback alone`)
  }
  if (url.username !== '' || url.password !== '') throw new TypeError(`${name} must have no user information`)
  if (text.includes('#')) throw new TypeError(`${name} must have no fragment`)
  return url
}

/**
 * The URL of an issuer: as {@link readUrl}, and without a query (RFC 8414 section 2).
 *
 * @throws {TypeError} For another one.
 */
export function readIssuer(value: unknown): URL {
  if (typeof value !== 'string') throw new TypeError('issuer must be an https URL, as text')
  if (value.includes('?')) throw new TypeError('issuer must have no query')
  return readUrl(value, 'issuer')
}

/**
 * Where the metadata of an issuer may be, in the order in which they are tried: RFC 8414 section 3.1, then OpenID
 * Connect with the path inserted, then appended (OpenID Connect Discovery section 4).
 */
export function metadataUrls({ origin, pathname }: URL): readonly string[] {
  const path = pathname.replace(/\/$/, '')
  const inserted = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => `${origin}/.well-known/${name}${path}`,
  )
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`]
}

/** Where a host is, as far as its name says. */
type Space = 'public' | 'loopback' | 'private' | 'link-local' | 'reserved'

/**
 * The space of a host, from its spelling alone: a name is not resolved.
 *
 * @param hostname As `URL` has it: lower case, IPv4 in four decimal numbers, IPv6 in brackets.
 */
export function spaceOf(hostname: string): Space {
  const name = hostname.replace(/\.$/, '')
  if (name.startsWith('[')) return ofIpv6(name.slice(1, -1))
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return ofIpv4(name.split('.').map(Number))
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback'
  return /(?:^|\.)(?:local|internal|intranet|lan|home\.arpa)$/.test(name) || !name.includes('.') ? 'private' : 'public'
}

function ofIpv4([a = 0, b = 0]: readonly number[]): Space {
  if (a === 127) return 'loopback'
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128)) {
    return 'private'
  }
  if (a === 169 && b === 254) return 'link-local'
  return a === 0 || a >= 224 || (a === 198 && (b === 18 || b === 19)) ? 'reserved' : 'public'
}

/** @param text As `URL` writes it: compressed, lower case, without a dotted part. */
function ofIpv6(text: string): Space {
  const [head = '', tail] = text.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const [before, after] = [groups(head), groups(tail ?? '')]
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => 0)
  const all = [...before, ...zeros, ...after]
  const [first = 0, second = 0] = all
  const [high = 0, low = 0] = all.slice(6)
  const embedded = [high >> 8, high & 255, low >> 8, low & 255]
  if (all.slice(0, 7).every((group) => group === 0) && low <= 1) return low === 1 ? 'loopback' : 'reserved'
  // IPv4-mapped and IPv4-compatible addresses, NAT64 (RFC 6052): the space of the IPv4 address within.
  if (all.slice(0, 5).every((group) => group === 0)) return ofIpv4(embedded)
  if (first === 0x64 && second === 0xff9b) return ofIpv4(embedded)
  if ((first & 0xfe00) === 0xfc00) return 'private'
  if ((first & 0xffc0) === 0xfe80) return 'link-local'
  return (first & 0xe000) === 0x2000 ? 'public' : 'reserved'
}
