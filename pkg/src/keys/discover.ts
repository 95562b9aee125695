/**
 * Keys of an issuer, found through its metadata (RFC 8414, OpenID Connect Discovery).
 *
 * @module
 */

import { members } from '../core/options.js'
import type { DiscoverKeysOptions, RemoteKeys } from '../types.js'
import { withDeadline } from '../wait.js'
import { metadataUrls, readIssuer, readUrl, spaceOf } from './address.js'
import { DownloadError, download } from './download.js'
import type { Locator } from './remote.js'
import { RemoteSource } from './remote.js'
import type { RemoteSettings } from './settings.js'
import { readSettings } from './settings.js'

/**
 * A source of the keys of `issuer`, from its metadata's `jwks_uri`. The keys vouch for tokens of this issuer alone.
 *
 * The metadata is fetched with the first look; again after 24 hours, or when looks for the keys have failed twice.
 *
 * @param issuer Exactly as tokens have it in `iss`, a terminating slash included.
 * @throws {TypeError} For what is no issuer's URL (https, without query and fragment), and for options that cannot
 *   mean anything.
 */
export function discoverKeys(issuer: string, options: DiscoverKeysOptions = {}): RemoteKeys {
  const url = readIssuer(issuer)
  const found = members(options, 'options')
  if (found.has('issuer')) throw new TypeError('issuer must be left out of the options: it is the first argument')
  const origins = found.has('origins') ? readOrigins(found.get('origins')) : undefined
  found.delete('origins')
  const settings = readSettings({ ...Object.fromEntries(found), issuer })
  return new RemoteSource(new Discovery(issuer, url, origins), settings)
}

/** How long metadata is used, in milliseconds. */
const METADATA_MS = 24 * 3600 * 1000

/** Metadata is small. */
const MAX_METADATA_BYTES = 256 * 1024

class Discovery implements Locator {
  readonly name: string
  readonly steps = 2
  readonly #issuer: URL
  readonly #origins: readonly string[] | undefined
  /** What the metadata said, where it was found, and when. */
  #found: { readonly jwksUri: string; readonly at: string; readonly moment: number } | undefined

  constructor(name: string, issuer: URL, origins: readonly string[] | undefined) {
    this.name = name
    this.#issuer = issuer
    this.#origins = origins
  }

  async locate(settings: RemoteSettings, failures: number): Promise<string> {
    const found = this.#found
    // Every other look after two that failed: an issuer that is down gets one request per look.
    const isDoubtful = failures >= 2 && failures % 2 === 0
    const isOld = found !== undefined && performance.now() - found.moment > METADATA_MS
    if (found !== undefined && !isDoubtful && !isOld) return found.jwksUri
    const urls = found === undefined ? metadataUrls(this.#issuer) : [found.at]
    try {
      return await withDeadline((signal) => this.#search(urls, settings, signal), settings.timeoutSeconds * 1000)
    } catch (error) {
      if (found !== undefined && !isDoubtful && !(error instanceof Mixup)) return found.jwksUri
      throw error
    }
  }

  /** The first of `urls` that answers decides, if the `issuer` in it is the one asked for. */
  async #search(urls: readonly string[], { fetch }: RemoteSettings, signal: AbortSignal): Promise<string> {
    let failure: unknown
    for (const at of urls) {
      try {
        const { body } = await download(at, fetch, { maxBytes: MAX_METADATA_BYTES, signal })
        const jwksUri = this.#read(body)
        this.#found = { jwksUri, at, moment: performance.now() }
        return jwksUri
      } catch (error) {
        if (error instanceof Mixup || signal.aborted) throw error
        failure ??= error
        // Without a response, its other URLs have none either.
        if (error instanceof DownloadError && error.cause !== undefined) break
      }
    }
    throw new Error(`no metadata of ${this.#issuer.href} was found`, { cause: failure })
  }

  /** @throws {Mixup} If the metadata is of another issuer, or names keys where they must not be. */
  #read(body: string): string {
    let metadata: unknown
    try {
      metadata = JSON.parse(body)
    } catch {
      throw new TypeError('the metadata is not JSON')
    }
    if (typeof metadata !== 'object' || metadata === null) throw new TypeError('the metadata is not a JSON object')
    const member = (name: string): unknown => (Object.hasOwn(metadata, name) ? Reflect.get(metadata, name) : undefined)
    const issuer = member('issuer')
    if (typeof issuer !== 'string') throw new TypeError('the metadata names no issuer')
    // RFC 8414 section 3.3: identical, as text.
    if (issuer !== this.name) throw new Mixup(issuer.includes('{tenantid}') ? OF_ALL_TENANTS : OF_ANOTHER)
    const jwksUri = member('jwks_uri')
    if (jwksUri === undefined) throw new TypeError('the metadata has no jwks_uri')
    return this.#allowed(jwksUri)
  }

  #allowed(jwksUri: unknown): string {
    let url: URL
    try {
      url = readUrl(jwksUri, 'jwks_uri')
    } catch (cause) {
      throw new Mixup('the metadata has a jwks_uri that must not be used', { cause })
    }
    const space = spaceOf(url.hostname)
    if (space !== 'public' && space !== spaceOf(this.#issuer.hostname)) {
      throw new Mixup(`the metadata has a jwks_uri in ${space} address space, where its issuer is not`)
    }
    if (this.#origins?.includes(url.origin) === false) {
      throw new Mixup('the metadata has a jwks_uri of an origin that the option origins does not list')
    }
    return url.href
  }
}

const OF_ANOTHER = 'the metadata is of another issuer than the one asked for'

/** Microsoft Entra has such metadata for "common" and "organizations". */
const OF_ALL_TENANTS =
  'the metadata is of all tenants: ask for the issuer of one tenant, or use remoteKeys with its jwks_uri and list issuers'

/** Metadata that must not be used: no other URL is tried. */
class Mixup extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'MetadataError', configurable: true, writable: true })
  }
}

function readOrigins(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? Array.from(value) : []
  const isOrigin = (origin: unknown): origin is string =>
    typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin
  if (list.length > 0 && list.every(isOrigin)) return list
  throw new TypeError('origins must be an array of origins, such as "https://keys.example"')
}
