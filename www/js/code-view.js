// @ts-check
/**
 * The policy on the page as a program for each platform: one complete file that starts as it is.
 *
 * Text from the page (values, names) only enters a program through {@link literal} and {@link property}.
 *
 * @module
 */

/** @typedef {import('./systems.js').Plan} Plan */
/** @typedef {import('./keys.js').KeyForm} KeyForm */

/**
 * What a program is made of.
 *
 * @typedef {object} Parts
 * @property {(value: string) => string} policy The argument of `Verifier`. `value` is the expression that
 *   reads the variable.
 * @property {string} imports The names to import from `countersign`.
 * @property {string} variable The environment variable that holds the key.
 * @property {(read: (name: string) => string, parameter: string) => string} options The options of the guard.
 *   `read` writes the expression that reads a parameter of the query.
 */

/**
 * @typedef {object} Listing
 * @property {string} label
 * @property {(parts: Parts) => string} write
 */

/** A query parameter of a `Request`. @param {string} name */
const fromRequest = (name) => `new URL(request.url).searchParams.get(${name})`

/** A query parameter of a path, as in Node. It throws for no path, unlike `new URL`. @param {string} name */
const fromPath = (name) => `new URLSearchParams(request.url.split('?')[1]).get(${name})`

/** @type {Readonly<Record<string, Listing>>} */
export const LISTINGS = {
  worker: {
    label: 'Worker',
    write: ({
      policy,
      imports,
      variable,
      options,
    }) => `// worker.js, for Cloudflare Workers since compatibility date 2025-06-01
// npm install countersign
// npx wrangler secret put ${variable}
import { env } from 'cloudflare:workers'
import { ${imports} } from 'countersign'
import { guard } from 'countersign/fetch'

const verifier = new Verifier(${policy(`env.${variable}`)})
const protect = guard(verifier${options(fromRequest, 'request')})

export default {
  async fetch(request) {
    const verified = await protect(request)
    if (!verified.ok) return verified.response
    return Response.json(verified.claims)
  },
}
`,
  },
  node: {
    label: 'Node',
    write: ({ policy, imports, variable, options }) => `// server.mjs, for Node 20 or later
// npm install countersign
// ${variable}='…' node server.mjs
import { createServer } from 'node:http'
import { ${imports} } from 'countersign'
import { guard } from 'countersign/node'

const verifier = new Verifier(${policy(`process.env.${variable}`)})
const protect = guard(verifier${options(fromPath, 'request')})

const server = createServer((request, response) =>
  protect(request, response, () => {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(request.verified.claims))
  }),
)
server.listen(process.env.PORT ?? 3000)
`,
  },
  express: {
    label: 'Express',
    write: ({ policy, imports, variable, options }) => `// server.mjs, for Express 4 or 5
// npm install countersign express
// ${variable}='…' node server.mjs
import express from 'express'
import { ${imports} } from 'countersign'
import { guard } from 'countersign/node'

const verifier = new Verifier(${policy(`process.env.${variable}`)})
const app = express()

app.use(guard(verifier${options(fromPath, 'request')}))
app.get('/', (request, response) => {
  response.json(request.verified.claims)
})
app.listen(process.env.PORT ?? 3000)
`,
  },
  fastify: {
    label: 'Fastify',
    write: ({ policy, imports, variable, options }) => `// server.mjs, for Fastify 5
// npm install countersign fastify
// ${variable}='…' node server.mjs
import { fastify } from 'fastify'
import { ${imports} } from 'countersign'
import { guard } from 'countersign/fastify'

const verifier = new Verifier(${policy(`process.env.${variable}`)})
const app = fastify()

app.register(guard(verifier${options(fromPath, 'request')}))
app.get('/', async (request) => request.verified.claims)
await app.listen({ port: Number(process.env.PORT ?? 3000) })
`,
  },
  hono: {
    label: 'Hono',
    write: ({
      policy,
      imports,
      variable,
      options,
    }) => `// worker.js, for Hono on Cloudflare Workers since compatibility date 2025-06-01
// npm install countersign hono
// npx wrangler secret put ${variable}
import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { ${imports} } from 'countersign'
import { guard } from 'countersign/hono'

const verifier = new Verifier(${policy(`env.${variable}`)})
const app = new Hono()

app.use(guard(verifier${options((name) => `request.query(${name})`, 'request')}))
app.get('/', (c) => c.json(c.var.verified.claims))

export default app
`,
  },
  deno: {
    label: 'Deno',
    write: ({ policy, imports, variable, options }) => `// server.js, for Deno 2
// ${variable}='…' deno run --allow-net --allow-env server.js
import { ${imports} } from 'npm:countersign'
import { guard } from 'npm:countersign/fetch'

const verifier = new Verifier(${policy(`Deno.env.get('${variable}')`)})
const protect = guard(verifier${options(fromRequest, 'request')})

Deno.serve({ port: Number(Deno.env.get('PORT') ?? 3000) }, async (request) => {
  const verified = await protect(request)
  if (!verified.ok) return verified.response
  return Response.json(verified.claims)
})
`,
  },
  bun: {
    label: 'Bun',
    write: ({ policy, imports, variable, options }) => `// server.js, for Bun
// bun add countersign
// ${variable}='…' bun run server.js
import { ${imports} } from 'countersign'
import { guard } from 'countersign/fetch'

const verifier = new Verifier(${policy(`process.env.${variable}`)})
const protect = guard(verifier${options(fromRequest, 'request')})

Bun.serve({
  port: process.env.PORT ?? 3000,
  async fetch(request) {
    const verified = await protect(request)
    if (!verified.ok) return verified.response
    return Response.json(verified.claims)
  },
})
`,
  },
}

/**
 * The program for a platform.
 *
 * @param {string} target A name in {@link LISTINGS}.
 * @param {Plan} plan
 * @param {Record<string, unknown>} expected
 * @param {KeyForm | ''} keyForm The form of the key on the page; '' if there is none.
 * @returns {string}
 */
export function listing(target, plan, expected, keyForm) {
  const { profile, members } = plan
  const { variable, key } = keyVariable(keyForm, isReceipt(plan))
  const entries = [
    ...(profile === undefined ? [] : [`profile: profiles.${profile.name}(${literal(profile.options, 2)}),`]),
    ...Object.entries(members).map(
      ([name, value]) => `${property(name)}: ${literal(value, 2)},${value === null ? ' // not checked' : ''}`,
    ),
  ]
  const names = Object.keys(/** @type {object} */ (expected['bind'] ?? {}))
  return /** @type {Listing} */ (LISTINGS[target]).write({
    policy: (value) => `{\n${[...entries, `keys: ${key(value)},`].map((entry) => `  ${entry}\n`).join('')}}`,
    imports: profile === undefined ? 'Verifier' : 'profiles, Verifier',
    variable,
    options: (read, parameter) => {
      if (names.length === 0) return ''
      const lines = names.map((name) => `      ${property(name)}: ${read(literal(name, 0))},\n`)
      return `, {
  expected: (${parameter}) => ({
    bind: {
${lines.join('')}    },
  }),
}`
    },
  })
}

/**
 * The environment variable for the key, and how the key is made from its value.
 *
 * @param {KeyForm | ''} form
 * @param {boolean} receipt Whether tokens are countersigned, which is done with a secret unless a public key is given.
 * @returns {{ variable: string, key: (value: string) => string }}
 */
function keyVariable(form, receipt) {
  switch (form) {
    case 'secret':
      return { variable: 'TOKEN_SECRET', key: (value) => `{ secret: ${value} }` }
    case 'octets':
      return { variable: 'TOKEN_SECRET', key: (value) => `{ jwk: { kty: 'oct', k: ${value} } }` }
    case 'pem':
    case 'der':
    case 'ssh':
      return { variable: 'PUBLIC_KEY', key: (value) => `{ pem: ${value} }` }
    case 'jwk':
      return { variable: 'PUBLIC_KEY', key: (value) => `{ jwk: JSON.parse(${value}) }` }
    case 'list':
      return { variable: 'PUBLIC_KEYS', key: (value) => `{ jwks: { keys: JSON.parse(${value}) } }` }
    case 'jwks':
    case 'address':
    case 'metadata':
      return { variable: 'PUBLIC_KEYS', key: (value) => `{ jwks: JSON.parse(${value}) }` }
    default:
      return keyVariable(receipt ? 'secret' : 'jwks', receipt)
  }
}

/** @param {Plan} plan */
function isReceipt({ profile, members }) {
  return ['juspay', 'cashfree'].includes(profile?.name ?? '') || members['evidence'] === 'receipt'
}

/**
 * A value as JavaScript.
 *
 * @param {unknown} value
 * @param {number} indent
 * @returns {string}
 */
function literal(value, indent) {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return `[${value.map((one) => literal(one, indent)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([name, one]) => `${property(name)}: ${literal(one, indent + 2)}`)
  const line = `{ ${entries.join(', ')} }`
  return line.length < 76
    ? line
    : `{\n${entries.map((entry) => `${' '.repeat(indent + 2)}${entry},\n`).join('')}${' '.repeat(indent)}}`
}

/** A name in an object literal. `__proto__` would set the prototype. @param {string} name */
function property(name) {
  if (name === '__proto__') return `['__proto__']`
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)
}

/** A string in single quotes, with the escapes of JSON. @param {string} value */
function text(value) {
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
