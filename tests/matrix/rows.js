// @ts-check
/**
 * The rows of the matrix, as data. Every project has the files of `programs/` besides its own.
 *
 * @module
 */

/**
 * @typedef {object} Row
 * @property {string} name Where the package runs, and how.
 * @property {boolean} [core] Whether CI runs it; the others are run by `npm test -- matrix`.
 * @property {string[]} tools Names of `package.json` beside this file.
 * @property {string} [runtime] The package of `tests/package/runtimes` that is tried, for the table.
 * @property {string} [node] The Node of its commands: a package of `tests/package/runtimes`, or 'own' for the one that
 * runs the matrix. Default 'node24'.
 * @property {Record<string, string>} [env]
 * @property {Record<string, string>} [files] By path. `TARBALL` in them is the packed package's path.
 * @property {string[][]} [build] Commands.
 * @property {Run} run By the names of the drivers.
 */

/** @typedef {typeof import('./drivers.js').drivers} Drivers */
/** @typedef {{ [Name in keyof Drivers]?: Parameters<Drivers[Name]>[0] }} Run */

const ENGINES = /** @type {const} */ (['chromium', 'firefox', 'webkit'])

/** The compatibility date from which workerd compiles bytes at start-up, and the day before. */
const OLD = '2025-05-31'
const NEW = '2025-06-01'

const CHROMIUM = { folder: 'dist', engines: /** @type {import('./drivers.js').Engine[]} */ (['chromium']) }

/** @type {Row[]} */
const commands = [
  ...[
    ['Node 20', 'own'],
    ['Node 22', 'node22'],
    ['Node 24', 'node24'],
    ['Node 26', 'node26'],
  ].flatMap(([name, node = '']) => [
    { name: `${name}, import`, runtime: node, tools: [], node, run: { command: ['node', 'program.js'] } },
    { name: `${name}, require()`, runtime: node, tools: [], node, run: { command: ['node', 'program.cjs'] } },
  ]),
  {
    name: 'Node 24, permission model',
    runtime: 'node24',
    core: true,
    tools: [],
    run: { command: ['node', '--permission', '--allow-fs-read=*', 'program.js'] },
  },
  {
    name: 'Node 24, frozen intrinsics',
    runtime: 'node24',
    core: true,
    tools: [],
    run: { command: ['node', '--frozen-intrinsics', '--no-warnings', 'program.js'] },
  },
  {
    name: 'Deno, no permission',
    runtime: 'deno',
    tools: [],
    run: { command: ['deno', 'run', '--no-prompt', '--no-config', '--node-modules-dir=manual', 'program.js'] },
  },
  { name: 'Bun, import', runtime: 'bun', tools: [], run: { command: ['bun', 'run', 'program.js'] } },
  { name: 'Bun, require()', runtime: 'bun', tools: [], run: { command: ['bun', 'run', 'program.cjs'] } },
  {
    name: 'bun build --compile',
    runtime: 'bun',
    tools: [],
    build: [['bun', 'build', '--compile', 'program.js', '--outfile', 'compiled']],
    run: { command: ['./compiled'] },
  },
  {
    name: 'tsx',
    tools: ['tsx'],
    files: { 'main.ts': "import './program.js'\n" },
    run: { command: ['tsx', 'main.ts'] },
  },
  {
    name: 'ts-node, CommonJS',
    tools: ['ts-node', 'typescript', '@types/node'],
    files: {
      'ts/package.json': '{ "type": "commonjs" }',
      'ts/tsconfig.json': '{ "compilerOptions": { "module": "commonjs", "target": "es2022", "strict": true } }',
      'ts/program.ts': `import { inspect } from 'countersign'
inspect('eyJhbGciOiJIUzI1NiJ9.e30.AA').kind satisfies string
require('../program.cjs')
`,
    },
    run: { command: ['ts-node', 'ts/program.ts'] },
  },
]

/** @type {Row[]} */
const packageManagers = [
  {
    name: 'npm install',
    tools: [],
    build: [
      ['rm', '-rf', 'node_modules'],
      ['npm', 'install', '--no-audit', '--no-fund', '--offline', 'TARBALL'],
    ],
    run: { command: ['node', 'program.js'] },
  },
  {
    name: 'pnpm install',
    tools: ['pnpm'],
    files: {
      'package.json': '{ "private": true, "type": "module", "dependencies": { "countersign": "file:TARBALL" } }',
    },
    build: [
      ['rm', '-rf', 'node_modules/countersign'],
      [
        'sh',
        '-c',
        'cp -r node_modules/pnpm pnpm && rm -rf node_modules && node pnpm/bin/pnpm.cjs install --offline --store-dir .store',
      ],
    ],
    run: { command: ['node', 'program.js'] },
  },
]

const LAMBDA = `import { probe } from './probe.js'
export const handler = async (event) => ({ statusCode: 200, body: probe(event.body) })
`

/** @type {Row[]} */
const bundlers = [
  {
    name: 'Chromium · Firefox · WebKit, page without a bundler',
    tools: [],
    files: {
      'bare.html': `<!doctype html><script type="importmap">${JSON.stringify({ imports: { countersign: '/node_modules/countersign/dist/index.js' } })}</script><script type="module" src="/page.js"></script>`,
    },
    run: { page: { folder: '.', path: '/bare.html', engines: [...ENGINES] } },
  },
  {
    name: 'Chromium · Firefox · WebKit, worker',
    tools: ['esbuild'],
    files: {
      'in-worker.js': `import { probe } from './probe.js'
onmessage = ({ data }) => postMessage(probe(data))`,
      'dist/index.html': `<!doctype html><script type="module">
const address = new URL(location.href).searchParams.get('report')
const worker = new Worker('/worker.js')
const report = (body) => fetch(address, { method: 'POST', body })
worker.onmessage = ({ data }) => report(data)
worker.onerror = ({ message }) => report(JSON.stringify({ error: message }))
worker.postMessage(await (await fetch(address)).text())
</script>`,
    },
    build: [['esbuild', 'in-worker.js', '--bundle', '--minify', '--format=iife', '--outfile=dist/worker.js']],
    run: { page: { folder: 'dist', engines: [...ENGINES] } },
  },
  {
    name: "Chromium · Firefox · WebKit, Content-Security-Policy with 'wasm-unsafe-eval'",
    tools: ['esbuild'],
    build: [
      ['esbuild', 'page.js', '--bundle', '--minify', '--format=esm', '--outfile=dist/page.js'],
      ['cp', 'index.html', 'dist/'],
    ],
    run: {
      page: {
        folder: 'dist',
        engines: [...ENGINES],
        headers: {
          'content-security-policy': "default-src 'none'; connect-src *; script-src 'self' 'wasm-unsafe-eval'",
        },
      },
    },
  },
  {
    name: 'esbuild, page',
    tools: ['esbuild'],
    build: [
      ['esbuild', 'page.js', '--bundle', '--minify', '--format=esm', '--outfile=dist/page.js'],
      ['cp', 'index.html', 'dist/'],
    ],
    run: { page: CHROMIUM },
  },
  {
    name: 'esbuild, Node as ES module',
    core: true,
    tools: ['esbuild'],
    build: [
      ['esbuild', 'program.js', '--bundle', '--minify', '--platform=node', '--format=esm', '--outfile=out/program.mjs'],
      ['rm', '-rf', 'node_modules'],
    ],
    run: { command: ['node', 'out/program.mjs'] },
  },
  {
    name: 'esbuild, Node as CommonJS',
    core: true,
    tools: ['esbuild'],
    build: [
      ['esbuild', 'program.js', '--bundle', '--minify', '--platform=node', '--format=cjs', '--outfile=out/program.cjs'],
      ['rm', '-rf', 'node_modules'],
    ],
    run: { command: ['node', 'out/program.cjs'] },
  },
  {
    name: 'Vite, page',
    tools: ['vite'],
    build: [['vite', 'build', '--base', './']],
    run: { page: CHROMIUM },
  },
  {
    name: 'Vite, SSR with everything bundled',
    tools: ['vite'],
    files: { 'vite.config.js': 'export default { ssr: { noExternal: true } }' },
    build: [
      ['vite', 'build', '--ssr', './program.js'],
      ['rm', '-rf', 'node_modules'],
    ],
    run: { command: ['node', 'dist/program.js'] },
  },
  {
    name: 'webpack, page',
    core: true,
    tools: ['webpack', 'webpack-cli'],
    build: [
      ['webpack', './page.js', '--mode=production', '--output-filename=page.js'],
      ['cp', 'index.html', 'dist/'],
    ],
    run: { page: CHROMIUM },
  },
  {
    name: 'webpack, Node',
    core: true,
    tools: ['webpack', 'webpack-cli'],
    build: [
      ['webpack', './program.js', '--mode=production', '--target=node', '--output-filename=program.cjs'],
      ['rm', '-rf', 'node_modules'],
    ],
    run: { command: ['node', 'dist/program.cjs'] },
  },
  {
    name: 'Rollup, page',
    core: true,
    tools: ['rollup', '@rollup/plugin-node-resolve'],
    build: [
      ['rollup', 'page.js', '-p', 'node-resolve={browser:true}', '--file', 'dist/page.js'],
      ['cp', 'index.html', 'dist/'],
    ],
    run: { page: CHROMIUM },
  },
  {
    name: 'Rollup, Node',
    core: true,
    tools: ['rollup', '@rollup/plugin-node-resolve', '@rollup/plugin-commonjs'],
    build: [
      [
        'rollup',
        'program.js',
        '-p',
        'commonjs',
        '-p',
        'node-resolve={exportConditions:["node"]}',
        '--file',
        'dist/program.mjs',
      ],
      ['rm', '-rf', 'node_modules'],
    ],
    run: { command: ['node', 'dist/program.mjs'] },
  },
  {
    name: 'Rspack, page',
    tools: ['@rspack/core', '@rspack/cli'],
    build: [
      ['rspack', 'build', '--entry=./page.js', '--mode=production', '--output-path=dist'],
      ['sh', '-c', 'cp index.html dist/ && mv dist/main.js dist/page.js'],
    ],
    run: { page: CHROMIUM },
  },
  {
    name: 'Rspack, Node',
    tools: ['@rspack/core', '@rspack/cli'],
    files: {
      'rspack.config.js': `export default { entry: './program.js', target: 'node', mode: 'production', output: { filename: 'program.cjs' } }`,
    },
    build: [
      ['rspack', 'build'],
      ['rm', '-rf', 'node_modules'],
    ],
    run: { command: ['node', 'dist/program.cjs'] },
  },
  {
    name: 'Parcel, page',
    tools: ['parcel'],
    build: [
      ['parcel', 'build', 'index.html', '--no-source-maps'],
      // It installs a polyfill into the manifest of a project whose code names `process` freely.
      ['sh', '-c', '! grep process package.json'],
    ],
    run: { page: CHROMIUM },
  },
  {
    name: 'AWS Lambda, bundled as ES module',
    tools: ['esbuild'],
    files: { 'lambda.js': LAMBDA, 'invoke.js': INVOKE('mjs') },
    build: [
      ['esbuild', 'lambda.js', '--bundle', '--minify', '--platform=node', '--format=esm', '--outfile=out/index.mjs'],
      ['rm', '-rf', 'node_modules'],
    ],
    node: 'node22',
    run: { command: ['node', 'invoke.js'] },
  },
  {
    name: 'AWS Lambda, bundled as CommonJS',
    tools: ['esbuild'],
    files: { 'lambda.js': LAMBDA, 'invoke.js': INVOKE('cjs') },
    build: [
      ['esbuild', 'lambda.js', '--bundle', '--minify', '--platform=node', '--format=cjs', '--outfile=out/index.cjs'],
      ['rm', '-rf', 'node_modules'],
    ],
    node: 'node22',
    run: { command: ['node', 'invoke.js'] },
  },
]

/** What the platform does with a bundle. @param {string} extension */
function INVOKE(extension) {
  return `import { text } from 'node:stream/consumers'
import { handler } from './out/index.${extension}'
const { body } = await handler({ body: await text(process.stdin) })
process.stdout.write(body)
`
}

const WRANGLER = (/** @type {string} */ main, /** @type {string} */ date) =>
  JSON.stringify({ name: 'project', main, compatibility_date: date })

/** @type {Row[]} */
const workers = [
  {
    name: 'Cloudflare Workers, bundled by wrangler',
    tools: ['wrangler'],
    files: { 'wrangler.json': WRANGLER('worker.js', NEW) },
    build: [['wrangler', 'deploy', '--dry-run', '--outdir', 'out']],
    run: { worker: { modules: ['out/worker.js', 'out/*.wasm'], dates: [OLD, NEW, '2026-04-01'] } },
  },
  {
    name: 'Cloudflare Workers, the package evaluated inside a request',
    tools: ['wrangler'],
    files: { 'wrangler.json': WRANGLER('lazy-worker.js', NEW) },
    build: [['wrangler', 'deploy', '--dry-run', '--outdir', 'out']],
    run: { worker: { modules: ['out/lazy-worker.js', 'out/*.wasm'], dates: [OLD, NEW, '2026-04-01'] } },
  },
]

/** A Worker that Vite builds, and serves while developing, in workerd. */
const WITH_VITE = {
  tools: ['vite', '@cloudflare/vite-plugin', 'wrangler'],
  files: {
    'wrangler.json': WRANGLER('worker.js', NEW),
    'vite.config.js': `import { cloudflare } from '@cloudflare/vite-plugin'
export default { plugins: [cloudflare()] }`,
  },
}

workers.push(
  {
    name: 'Cloudflare Workers, built by Vite',
    ...WITH_VITE,
    build: [
      ['rm', 'index.html'],
      ['vite', 'build'],
    ],
    run: { worker: { modules: ['dist/project/index.js', 'dist/project/assets/*'], dates: [NEW] } },
  },
  {
    name: 'Cloudflare Workers, vite dev',
    ...WITH_VITE,
    build: [['rm', 'index.html']],
    run: { server: { command: ['vite', 'dev', '--port', 'PORT', '--host', '127.0.0.1'], paths: ['/'] } },
  },
  {
    name: 'Cloudflare Workers, Nitro',
    tools: ['nitropack'],
    files: {
      ...NITRO_ROUTE('index'),
      'nitro.config.js': `export default { preset: 'cloudflare_module', experimental: { wasm: true }, compatibilityDate: '2025-09-01', srcDir: 'server' }`,
    },
    build: [['nitro', 'build']],
    run: {
      worker: {
        modules: ['.output/server/index.mjs', '.output/server/**/*.mjs', '.output/server/**/*.wasm'],
        dates: ['2025-09-01'],
        flags: ['nodejs_compat'],
      },
    },
  },
)

/** @param {string} name */
function NITRO_ROUTE(name) {
  return {
    [`server/routes/${name}.post.ts`]: `import { probe } from '../../probe.js'
export default defineEventHandler(async (event) => probe(await readRawBody(event)))
`,
  }
}

/** The package from slim, with the module that the platform compiled. */
const SLIM_PROBE = `import * as countersign from 'countersign/slim'
import wasm from 'countersign/countersign.wasm?module'
import { verdicts } from './verdicts.js'

countersign.initSync(wasm)

export const slimProbe = (text) => JSON.stringify(verdicts(countersign, JSON.parse(text)))
`

/** @param {string} runtime @param {string} probe @param {string} file */
const NEXT_ROUTE = (runtime, probe, file) => `import { ${probe} } from '../../../${file}'
export const runtime = '${runtime}'
export const POST = async (request) => new Response(${probe}(await request.text()))
`

const NEXT_PAGE = {
  'app/layout.js': `export default function Layout({ children }) { return <html><body>{children}</body></html> }`,
  'app/page.js': `'use client'
import { useEffect } from 'react'
export default function Page() {
  useEffect(() => { import('../page.js') }, [])
  return <p>verdicts</p>
}`,
}

/** What answers before the routes: all vectors by the package, at /inline, and by slim, at /slim. */
const NEXT_MIDDLEWARE = `import { probe } from './probe.js'
import { slimProbe } from './slim-probe.js'
export async function middleware(request) {
  const text = await request.text()
  return new Response((request.nextUrl.pathname === '/slim' ? slimProbe : probe)(text))
}
export const config = { matcher: ['/inline', '/slim'] }
`

const NEXT = { tools: ['next', 'react', 'react-dom'] }

/** @type {Row[]} */
const frameworks = [
  {
    name: 'Next with Turbopack, node and edge routes, edge middleware, page',
    ...NEXT,
    files: {
      ...NEXT_PAGE,
      'slim-probe.js': SLIM_PROBE,
      'app/api/node/route.js': NEXT_ROUTE('nodejs', 'probe', 'probe.js'),
      'app/api/edge/route.js': NEXT_ROUTE('edge', 'probe', 'probe.js'),
      'app/api/slim/route.js': NEXT_ROUTE('edge', 'slimProbe', 'slim-probe.js'),
      'middleware.js': NEXT_MIDDLEWARE,
    },
    build: [['next', 'build', '--turbopack']],
    run: {
      server: {
        command: ['next', 'start', '-p', 'PORT'],
        paths: ['/api/node', '/api/edge', '/api/slim', '/inline', '/slim'],
        pages: ['/'],
      },
    },
  },
  {
    name: 'Next with webpack, node route, edge middleware, page',
    ...NEXT,
    files: {
      ...NEXT_PAGE,
      'slim-probe.js': SLIM_PROBE,
      'app/api/node/route.js': NEXT_ROUTE('nodejs', 'probe', 'probe.js'),
      'middleware.js': NEXT_MIDDLEWARE,
    },
    build: [['next', 'build', '--webpack']],
    run: {
      server: { command: ['next', 'start', '-p', 'PORT'], paths: ['/api/node', '/inline', '/slim'], pages: ['/'] },
    },
  },
  {
    name: 'Next with Turbopack, proxy',
    ...NEXT,
    files: {
      ...NEXT_PAGE,
      'proxy.js': `import { probe } from './probe.js'
export const proxy = async (request) => new Response(probe(await request.text()))
export const config = { matcher: ['/inline'] }
`,
    },
    build: [['next', 'build', '--turbopack']],
    run: { server: { command: ['next', 'start', '-p', 'PORT'], paths: ['/inline'] } },
  },
  {
    name: 'Nitro, Node',
    tools: ['nitropack'],
    files: {
      ...NITRO_ROUTE('verdicts'),
      'nitro.config.js': `export default { compatibilityDate: '2025-09-01', srcDir: 'server' }`,
    },
    build: [
      ['nitro', 'build'],
      ['rm', '-rf', 'node_modules'],
    ],
    run: { server: { command: ['node', '.output/server/index.mjs'], paths: ['/verdicts'] } },
  },
]

frameworks.push(
  {
    name: 'Nuxt, server route, page',
    tools: ['nuxt'],
    files: {
      'nuxt.config.ts': `export default defineNuxtConfig({ compatibilityDate: '2025-09-01', telemetry: false })`,
      'server/routes/verdicts.post.ts': NITRO_ROUTE('verdicts')['server/routes/verdicts.post.ts'] ?? '',
      'app/app.vue': `<script setup>
onMounted(() => import('../page.js'))
</script>
<template><p>verdicts</p></template>`,
    },
    build: [
      ['nuxt', 'build'],
      ['rm', '-rf', 'node_modules'],
    ],
    run: { server: { command: ['node', '.output/server/index.mjs'], paths: ['/verdicts'], pages: ['/'] } },
  },
  {
    name: 'Astro, endpoint, page script',
    tools: ['astro', '@astrojs/node'],
    files: {
      'astro.config.mjs': `import node from '@astrojs/node'
export default { output: 'server', adapter: node({ mode: 'standalone' }), security: { checkOrigin: false } }`,
      'src/pages/verdicts.js': `import { probe } from '../../probe.js'
export const POST = async ({ request }) => new Response(probe(await request.text()))
`,
      'src/pages/index.astro': `<html><body><script>import '../../page.js'</script></body></html>`,
    },
    build: [['astro', 'build']],
    run: { server: { command: ['node', 'dist/server/entry.mjs'], paths: ['/verdicts'], pages: ['/'] } },
  },
  {
    name: 'SvelteKit, endpoint, page',
    tools: ['@sveltejs/kit', '@sveltejs/adapter-node', '@sveltejs/vite-plugin-svelte', 'svelte', 'vite'],
    env: { BODY_SIZE_LIMIT: 'Infinity' },
    files: {
      'svelte.config.js': `import adapter from '@sveltejs/adapter-node'
export default { kit: { adapter: adapter() } }`,
      'vite.config.js': `import { sveltekit } from '@sveltejs/kit/vite'
export default { plugins: [sveltekit()] }`,
      'src/app.html': `<!doctype html><html><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body></html>`,
      'src/routes/verdicts/+server.js': `import { probe } from '../../../probe.js'
export const POST = async ({ request }) => new Response(probe(await request.text()))
`,
      'src/routes/+page.svelte': `<script>
import { onMount } from 'svelte'
onMount(() => { import('../../page.js') })
</script>
<p>verdicts</p>`,
    },
    build: [['vite', 'build']],
    run: { server: { command: ['node', 'build'], paths: ['/verdicts'], pages: ['/'] } },
  },
  {
    name: 'React Router, resource route, page',
    tools: [
      ...['react-router', '@react-router/dev', '@react-router/node', '@react-router/serve'],
      ...['react', 'react-dom', 'isbot', 'vite'],
    ],
    files: {
      'vite.config.js': `import { reactRouter } from '@react-router/dev/vite'
export default { plugins: [reactRouter()] }`,
      'react-router.config.js': 'export default { ssr: true }',
      'app/routes.js': `import { index, route } from '@react-router/dev/routes'
export default [index('home.jsx'), route('verdicts', 'verdicts.js')]`,
      'app/root.jsx': `import { Outlet, Scripts } from 'react-router'
export default function Root() { return <html><body><Outlet /><Scripts /></body></html> }`,
      'app/home.jsx': `import { useEffect } from 'react'
export default function Home() { useEffect(() => { import('../page.js') }, []); return <p>verdicts</p> }`,
      'app/verdicts.js': `import { probe } from '../probe.js'
export const action = async ({ request }) => new Response(probe(await request.text()))
`,
    },
    build: [['react-router', 'build']],
    run: {
      server: { command: ['react-router-serve', 'build/server/index.js'], paths: ['/verdicts'], pages: ['/'] },
    },
  },
)

packageManagers.push({
  name: 'Yarn, Plug’n’Play',
  tools: ['@yarnpkg/cli-dist'],
  files: {
    'package.json':
      '{ "name": "project", "private": true, "type": "module", "dependencies": { "countersign": "file:TARBALL" } }',
    '.yarnrc.yml':
      'nodeLinker: pnp\nenableTelemetry: false\nenableImmutableInstalls: false\nenableGlobalCache: false\n',
    'yarn.lock': '',
  },
  build: [
    ['node', 'node_modules/@yarnpkg/cli-dist/bin/yarn.js', 'install'],
    ['rm', '-rf', 'node_modules'],
  ],
  run: { command: ['node', '--require=./.pnp.cjs', '--loader=./.pnp.loader.mjs', '--no-warnings', 'program.js'] },
})

/** @type {Row[]} */
const testRunners = [
  ...['node', 'jsdom'].map((environment) => ({
    name: `Jest, ${environment}`,
    core: environment === 'jsdom',
    tools: ['jest', 'jest-environment-jsdom'],
    files: {
      'jest.config.json': JSON.stringify({ testEnvironment: environment, testMatch: ['**/*.spec.cjs'] }),
      'vectors.spec.cjs': SPEC(
        "const countersign = require('countersign')\nconst { verdicts } = require('./verdicts.cjs')",
        'require',
      ),
    },
    run: { compiles: ['jest', '--no-watchman', '--ci'] },
  })),
  ...['node', 'jsdom', 'happy-dom'].map((environment) => ({
    name: `Vitest, ${environment}`,
    tools: ['vitest', 'jsdom', 'happy-dom'],
    files: {
      'vitest.config.js': `export default { test: { environment: '${environment}', globals: true, testTimeout: 120000 } }`,
      'vectors.spec.js': SPEC(
        "import * as countersign from 'countersign'\nimport { verdicts } from './verdicts.js'\nimport { createRequire } from 'node:module'",
        'createRequire(import.meta.url)',
      ),
    },
    run: { compiles: ['vitest', 'run'] },
  })),
]

testRunners.push({
  name: 'Vitest, Workers pool',
  tools: ['@cloudflare/vitest-pool-workers', 'vitest'],
  files: {
    'wrangler.json': WRANGLER('worker.js', NEW),
    'vitest.config.js': `import { cloudflareTest } from '@cloudflare/vitest-pool-workers'
export default {
  plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.json' } })],
  test: { globals: true, testTimeout: 120000 },
}`,
    'vectors.spec.js': `import * as countersign from 'countersign'
import { verdicts } from './verdicts.js'
import vectors from './vectors.json?raw'
test('every vector', () => {
  const given = JSON.parse(vectors)
  const found = verdicts(countersign, given)
  expect(found.differences).toEqual([])
  expect(found.held).toBe(Object.values(given).flat().length)
})
`,
  },
  run: { compiles: ['vitest', 'run'] },
})

/** @param {string} imports @param {string} load */
function SPEC(imports, load) {
  return `${imports}
test('every vector', () => {
  const vectors = ${load}('./vectors.json')
  const found = verdicts(countersign, vectors)
  expect(found.differences).toEqual([])
  expect(found.held).toBe(Object.values(vectors).flat().length)
})
`
}

/** Entries that name no type of Node or of a framework. */
const SUBPATHS = ['', '/fetch', '/client', '/slim', '/stores/redis']

/** @param {string} resolution @param {string} lib */
function typeScript(resolution, lib) {
  const module = { nodenext: 'nodenext', bundler: 'esnext', node10: 'commonjs' }[resolution]
  const compilerOptions = {
    module,
    moduleResolution: resolution,
    lib: lib.split(','),
    target: 'es2022',
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    types: [],
  }
  return {
    'ts/package.json': `{ "type": "${resolution === 'node10' ? 'commonjs' : 'module'}" }`,
    'ts/tsconfig.json': JSON.stringify({ compilerOptions, files: ['program.ts'] }),
    'ts/program.ts': SUBPATHS.map(
      (path, index) => `import * as entry${index} from 'countersign${path}'\nvoid entry${index}\n`,
    ).join(''),
  }
}

/** @type {Row[]} */
const compilers = [
  ['TypeScript 5.0', 'typescript50', ['nodenext', 'bundler', 'node10']],
  ['TypeScript 5.4', 'typescript54', ['nodenext', 'bundler', 'node10']],
  ['TypeScript 5.9', 'typescript', ['nodenext', 'bundler', 'node10']],
  ['TypeScript 7.0', 'typescript7', ['nodenext', 'bundler']],
].flatMap(([name, tool, resolutions]) =>
  /** @type {string[]} */ (resolutions).map((resolution) => ({
    name: `${name}, ${resolution}`,
    core: true,
    tools: [String(tool)],
    files: typeScript(resolution, 'es2022,dom'),
    run: { compiles: ['node', `node_modules/${tool}/bin/tsc`, '-p', 'ts'] },
  })),
)

/** Every row. */
export const rows = [
  ...commands,
  ...packageManagers,
  ...bundlers,
  ...workers,
  ...frameworks,
  ...testRunners,
  ...compilers,
]

/** What could not be had: name and reason. @type {Record<string, string>} */
export const unavailable = {
  'deno compile': 'it downloads its runtime from a host of its own',
  Electron: 'its install downloads the program from a host of its own',
  'React Native': 'its engine, Hermes, has no WebAssembly',
  'Vercel’s own edge': 'it runs on that platform alone; the edge runtime of Next is above',
  'Safari, iOS': 'they run on that platform alone; WebKitGTK is above',
  'AWS Lambda itself': 'its bundles are above, run by Node 22',
}
