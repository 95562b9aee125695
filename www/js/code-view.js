// @ts-check
/**
 * The policy on screen as the code that enforces it.
 *
 * @module
 */

/** @typedef {import('./systems.js').Plan} Plan */

/**
 * @typedef {object} Listing
 * @property {string} label
 * @property {(policy: string, imports: string, request: Request) => string} write
 */

/** How a route says what its request is about: `lines` beside the guard's other options. */
/** @typedef {{ names: readonly string[] }} Request */

/** @type {Readonly<Record<string, Listing>>} */
export const LISTINGS = {
  worker: {
    label: 'Worker',
    write: (policy, imports, request) => `import { ${imports} } from 'countersign'
import { guard } from 'countersign/fetch'

const verifier = new Verifier(${policy})
const guarded = guard(verifier${options(request, (name) => `new URL(request.url).searchParams.get('${name}')`, 'request')})

export default {
  async fetch(request) {
    const verified = await guarded(request)
    if (!verified.ok) return verified.response
    return Response.json({ hello: verified.claims.sub })
  },
}
`,
  },
  express: {
    label: 'Express',
    write: (policy, imports, request) => `import express from 'express'
import { ${imports} } from 'countersign'
import { guard } from 'countersign/node'

const verifier = new Verifier(${policy})
const app = express()

app.use(guard(verifier${options(request, (name) => `req.query.${name}`, 'req')}))
app.get('/', (req, res) => res.json({ hello: req.verified.claims.sub }))
app.listen(3000)
`,
  },
  hono: {
    label: 'Hono',
    write: (policy, imports, request) => `import { Hono } from 'hono'
import { ${imports} } from 'countersign'
import { guard } from 'countersign/hono'

const verifier = new Verifier(${policy})
const app = new Hono()

app.use(guard(verifier${options(request, (name) => `new URL(request.url).searchParams.get('${name}')`, 'request')}))
app.get('/', (c) => c.json({ hello: c.var.verified.claims.sub }))

export default app
`,
  },
  deno: {
    label: 'Deno',
    write: (policy, imports, request) => `import { ${imports} } from 'npm:countersign'
import { guard } from 'npm:countersign/fetch'

const verifier = new Verifier(${policy})
const guarded = guard(verifier${options(request, (name) => `new URL(request.url).searchParams.get('${name}')`, 'request')})

Deno.serve(async (request) => {
  const verified = await guarded(request)
  return verified.ok ? Response.json({ hello: verified.claims.sub }) : verified.response
})
`,
  },
}

/**
 * @param {string} target
 * @param {Plan} plan
 * @param {Record<string, unknown>} expected
 * @param {string} keyForm What the key field was read as, or '' where it is empty.
 */
export function listing(target, { profile, members }, expected, keyForm) {
  const entries = [
    ...(profile === undefined ? [] : [`profile: profiles.${profile.name}(${literal(profile.options, 2)})`]),
    ...Object.entries(members).map(([name, value]) => `${name}: ${literal(value, 2)}`),
    `keys: ${KEYS[keyForm] ?? KEYS['jwks']}`,
  ]
  const policy = `{\n${entries.map((entry) => `  ${entry},\n`).join('')}}`
  const names = Object.keys(/** @type {object} */ (expected['bind'] ?? {}))
  return /** @type {Listing} */ (LISTINGS[target]).write(
    policy,
    profile === undefined ? 'Verifier' : 'profiles, Verifier',
    { names },
  )
}

/** Where the key comes from: never from the page. @type {Readonly<Record<string, string>>} */
const KEYS = {
  secret: '{ secret: env.TOKEN_SECRET }',
  octets: "{ secret: Uint8Array.fromBase64(env.TOKEN_SECRET, { alphabet: 'base64url' }) }",
  pem: '{ pem: env.PUBLIC_KEY }',
  jwk: '{ jwk: JSON.parse(env.PUBLIC_KEY) }',
  jwks: '{ jwks: JSON.parse(env.PUBLIC_KEYS) }',
}

/**
 * The guard's options: what each request is about, where the policy binds tokens to it.
 *
 * @param {Request} request
 * @param {(name: string) => string} read
 * @param {string} parameter
 */
function options({ names }, read, parameter) {
  if (names.length === 0) return ''
  const bind = names.map((name) => `${name}: ${read(name)}`).join(', ')
  return `, {\n  expected: (${parameter}) => ({ bind: { ${bind} } }),\n}`
}

/**
 * A value as JavaScript.
 *
 * @param {unknown} value
 * @param {number} indent
 * @returns {string}
 */
function literal(value, indent) {
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`
  if (Array.isArray(value)) return `[${value.map((one) => literal(one, indent)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(
    ([name, one]) =>
      `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name, 0)}: ${literal(one, indent + 2)}`,
  )
  const line = `{ ${entries.join(', ')} }`
  return line.length < 76
    ? line
    : `{\n${entries.map((entry) => `${' '.repeat(indent + 2)}${entry},\n`).join('')}${' '.repeat(indent)}}`
}
