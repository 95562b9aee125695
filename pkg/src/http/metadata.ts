/**
 * Metadata of a protected resource ({@link https://www.rfc-editor.org/rfc/rfc9728 RFC 9728}): the document, where it is,
 * and the answer to a request for it.
 *
 * @module
 */

import { missingOption, mustBe, unknownOption } from '../core/mistake.js'
import type { Plain } from '../core/options.js'
import { encode, members, snapshot } from '../core/options.js'
import { readResource, readScopeTokens, secureUrl } from '../resource.js'
import type { Policy } from '../types.js'
import type { HttpResponse } from './challenge.js'

/** What a resource server says about itself. `{ resource, issuer, scope }` can be those of `profiles.mcp`. */
export interface ProtectedResourceOptions {
  /** The identifier of the resource server: its canonical URI, the audience of its tokens. */
  resource: string
  /** The authorization server, or several: `authorization_servers`. Clients compare it as text. */
  issuer: string | readonly string[]
  /** What a client should request to begin with: `scopes_supported`, and `scope` in the challenges of guards. Default: none. */
  scope?: NonNullable<Policy['scope']>
  /** The name of the resource server for people: `resource_name`. Default: none. */
  name?: string
  /** The URL of its documentation: `resource_documentation`. Default: none. */
  documentation?: string
  /** Further members of RFC 9728 section 2, for example `{ resource_tos_uri }`. Default: none. */
  members?: Readonly<Record<string, unknown>>
}

/** The metadata of a resource server, for the option `resourceMetadata` of a guard. */
export interface ResourceMetadata {
  /** Where clients fetch the document: `/.well-known/oauth-protected-resource`, then the path of the resource. */
  readonly url: string
  /** What a client should request to begin with. */
  readonly scope: readonly string[]
  /** The document, as plain data. */
  readonly document: Readonly<Record<string, unknown>>
}

/** {@link ResourceMetadata}, and the answer to a request. */
export interface PublishedMetadata extends ResourceMetadata {
  /** The path of the document. */
  readonly path: string
  /** The answer to a request with that method and target; `undefined` for a request for anything else. */
  answer(method: unknown, target: unknown): HttpResponse | undefined
}

const OPTIONS = ['resource', 'issuer', 'scope', 'name', 'documentation', 'members']

/** Members that follow from other options. */
const OWN = ['resource', 'authorization_servers', 'scopes_supported', 'resource_name', 'resource_documentation']

/** RFC 9728 section 3. */
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/**
 * Reads the options and writes the document.
 *
 * @throws {TypeError} For options that cannot be used.
 */
export function publishedMetadata(options: ProtectedResourceOptions): PublishedMetadata {
  const found = members(options, 'options')
  for (const [name, member] of found) {
    if (!OPTIONS.includes(name)) throw unknownOption(name, OPTIONS)
    if (member === undefined) throw new TypeError(`${name} must not be undefined: leave it out`)
  }
  for (const name of ['resource', 'issuer']) {
    if (!found.has(name)) throw missingOption(name, 'the text of an https URL', found.keys())
  }
  const resource = readResource(found.get('resource'))
  const scope = found.has('scope') ? readScopeTokens(found.get('scope')) : []
  const document: Record<string, Plain> = Object.create(null)
  document.resource = found.get('resource') as string
  document.authorization_servers = readIssuers(found.get('issuer'))
  if (scope.length > 0) document.scopes_supported = scope
  document.bearer_methods_supported = ['header']
  if (found.has('name')) document.resource_name = readText(found.get('name'), 'name')
  if (found.has('documentation')) document.resource_documentation = readUrl(found.get('documentation'), 'documentation')
  for (const [name, member] of found.has('members') ? members(found.get('members'), 'members') : []) {
    if (OWN.includes(name)) throw new TypeError(`members.${name} must be left out: another option is for it`)
    document[name] = snapshot(member, `members.${name}`)
  }
  // Section 3.1: the slash after the host is removed, a slash at the end of a path is not.
  const path = WELL_KNOWN + (resource.pathname === '/' ? '' : resource.pathname)
  const body = encode(document)
  return {
    url: resource.origin + path,
    path,
    scope,
    document: Object.freeze(document),
    answer: (method, target) => (isAt(path, target) ? answerOf(method, body) : undefined),
  }
}

/** Whether a request target, in origin-form or absolute-form, has that path, with a slash at its end or without. */
function isAt(path: string, target: unknown): boolean {
  if (typeof target !== 'string') return false
  const found = target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').replace(/[?#][^]*$/, '')
  return found.replace(/\/$/, '') === path.replace(/\/$/, '')
}

/** Section 3.2. The document is public: scripts of every origin may read it, and ask with any header. */
function answerOf(method: unknown, body: string): HttpResponse {
  const readable = { 'Access-Control-Allow-Origin': '*' }
  if (method === 'GET' || method === 'HEAD') {
    const headers = { ...readable, 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=3600' }
    return { status: 200, headers, body }
  }
  const allowed = { Allow: 'GET, HEAD, OPTIONS' }
  if (method !== 'OPTIONS') return { status: 405, headers: { ...readable, ...allowed }, body: '' }
  const preflight = { 'Access-Control-Allow-Methods': 'GET, HEAD', 'Access-Control-Allow-Headers': '*' }
  return { status: 204, headers: { ...readable, ...allowed, ...preflight }, body: '' }
}

function readIssuers(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? Array.from(value) : [value]
  if (list.length === 0) throw mustBe('issuer', 'at least one authorization server', list)
  return list.map((issuer) => {
    const url = readUrl(issuer, 'issuer')
    if (url.includes('?')) throw mustBe('issuer', 'the text of an https URL without a query', issuer)
    return url
  })
}

/** The text of an https URL without a fragment, as it was written; http on loopback. */
function readUrl(value: unknown, path: string): string {
  if (secureUrl(value)?.hash === '') return value as string
  throw mustBe(path, 'the text of an https URL without a fragment', value)
}

function readText(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw mustBe(path, 'text', value)
}

/** The answers of metadata that came from `protectedResourceMetadata`, by what that returned. */
const published = new WeakMap<object, PublishedMetadata>()

/** `handler`, with the members of {@link ResourceMetadata} and as such known to guards. */
export function withMetadata<Handler extends object>(
  handler: Handler,
  metadata: PublishedMetadata,
): Handler & ResourceMetadata {
  const { url, scope, document } = metadata
  published.set(handler, metadata)
  return Object.assign(handler, { url, scope, document })
}

/** What {@link withMetadata} was called with; `undefined` for another value. */
export function metadataOf(value: unknown): PublishedMetadata | undefined {
  return typeof value === 'function' ? published.get(value) : undefined
}
