// @ts-check
/** Bundled, the package gives the same verdicts, and a bundle holds only what its subpath is. */

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'countersign'
import { build as esbuild } from 'esbuild'
import { build as vite } from 'vite'
import { assertAllHeld, HERE, output, PROJECT, vectors } from './lib.js'

const input = JSON.stringify(vectors)
const entry = join(HERE, 'program.js')
const folder = join(PROJECT, 'bundles')

/** Bundles run where no package can be found: whatever they did not take in is missing. */
async function assertBundleHolds(/** @type {string} */ file) {
  assertAllHeld(JSON.parse(await output(process.execPath, [file], { input, cwd: '/' })))
}

test('a bundle by esbuild for a page gives every vector its answer', async () => {
  const outfile = join(folder, 'esbuild.mjs')
  await esbuild({ entryPoints: [entry], bundle: true, format: 'esm', outfile, external: ['node:*'] })
  await assertBundleHolds(outfile)
})

test('a minified bundle by esbuild for Node, CommonJS, gives every vector its answer', async () => {
  const outfile = join(folder, 'esbuild.cjs')
  mkdirSync(folder, { recursive: true })
  const common = join(folder, 'program.cjs')
  // CommonJS has no top-level await.
  writeFileSync(
    common,
    readFileSync(join(HERE, 'modules.cjs'), 'utf8').replace('./verdicts.js', join(HERE, 'verdicts.js')),
  )
  await esbuild({ entryPoints: [common], bundle: true, minify: true, platform: 'node', format: 'cjs', outfile })
  await assertBundleHolds(outfile)
})

test('a bundle by Vite gives every vector its answer', async () => {
  await vite({
    root: HERE,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: join(folder, 'vite'),
      emptyOutDir: true,
      target: 'es2022',
      lib: { entry, formats: ['es'], fileName: () => 'vite.mjs' },
      rollupOptions: { external: /^node:/ },
    },
  })
  await assertBundleHolds(join(folder, 'vite', 'vite.mjs'))
})

const TOKENS = ['a.b.c', 'tkn_1', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJaacOrIiwiZXhwIjoxNzAwMDAwMDYwfQ.AA', 'x y']

/** @param {string} file @param {readonly string[]} [flags] */
async function inspections(file, flags = []) {
  const args = [...flags, file, ...(flags.length > 0 ? ['--without'] : [])]
  return JSON.parse(await output(process.execPath, args, { input: TOKENS.join('\n'), cwd: '/' }))
}

test('countersign/inspect, bundled by esbuild and by Vite, finds the same as the main entry, without WebAssembly', async () => {
  const wanted = JSON.parse(JSON.stringify(TOKENS.map((token) => inspect(token, { now: 1_700_000_000 }))))
  const program = join(HERE, 'inspect-program.js')
  for (const [format, name] of /** @type {const} */ ([
    ['esm', 'inspect.mjs'],
    ['cjs', 'inspect.cjs'],
  ])) {
    const outfile = join(folder, name)
    await esbuild({ entryPoints: [program], bundle: true, minify: true, format, outfile, external: ['node:*'] })
    assert.deepEqual(await inspections(outfile, ['--jitless']), wanted)
  }
  await vite({
    root: HERE,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: join(folder, 'vite-inspect'),
      emptyOutDir: true,
      target: 'es2022',
      lib: { entry: program, formats: ['es'], fileName: () => 'vite.mjs' },
      rollupOptions: { external: /^node:/ },
    },
  })
  assert.deepEqual(await inspections(join(folder, 'vite-inspect', 'vite.mjs'), ['--jitless']), wanted)
})

/** What is the core's own weight, in files of `dist`. */
const INLINED = 'core/generated/bytes.js'

/**
 * The files of `dist` that a bundle of this subpath takes in.
 *
 * @param {string} subpath
 */
async function taken(subpath) {
  const { metafile } = await esbuild({
    stdin: { contents: `export * from 'countersign${subpath.slice(1)}'`, resolveDir: HERE },
    bundle: true,
    write: false,
    format: 'esm',
    metafile: true,
    external: ['node:*', 'hono', 'hono/*', 'fastify'],
  })
  const [bundle] = Object.values(metafile.outputs)
  return Object.entries(bundle?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path.split('/dist/').at(-1) ?? path)
}

const manifest = JSON.parse(readFileSync(join(PROJECT, 'node_modules/countersign/package.json'), 'utf8'))
const subpaths = Object.keys(manifest.exports).filter((name) => !/\.(?:wasm\*?|json)$/.test(name))

/** What the main entry is made of: the files at the top, and these rooms. */
const MAIN =
  /^(?:[^/]+|core\/(?!inspector|generated\/inspection).+|inspect\/settings|keys\/.+|profiles\/.+|revocation\/.+|stores\/(?:memory|store))\.js$/

/** What every subpath may share. */
const SHARED =
  /^(?:error|types|verifier-facts|resource|wait|core\/callback|core\/mistake|core\/options|core\/utf8)\.js$/

/** What `countersign/inspect` is made of beside its own files: no WebAssembly. */
const INSPECTION = /^core\/(?:inspector|utf8|written|generated\/inspection)\.js$/

/** What the requests of `countersign/client` that return a receipt are made of. */
const RECEIPTS = /^(?:core\/.+|keys\/read|receipts?|wait)\.js$/

// What Node alone loads is CommonJS, of which a bundle leaves nothing out.
for (const subpath of subpaths.filter((name) => name !== './sandbox')) {
  const file = String(manifest.exports[subpath].default.default).replace('./dist/', '')
  const room = file.slice(0, file.indexOf('/') + 1)
  test(`a bundle of countersign${subpath.slice(1)} holds no other subpath's code`, async () => {
    const files = await taken(subpath)
    assert.ok(files.length > 0)
    const foreign = files.filter((name) =>
      room === '' || room === 'compat/'
        ? !MAIN.test(name) && !name.startsWith(room || '/')
        : !SHARED.test(name) &&
          !name.startsWith(room) &&
          !(room === 'inspect/' && INSPECTION.test(name)) &&
          !(room === 'client/' && (RECEIPTS.test(name) || name === 'keys/address.js')),
    )
    assert.deepEqual(foreign, [])
  })
}

/**
 * The files of `dist` that a bundle of this program takes in, and its minified octets.
 *
 * @param {string} contents
 */
async function bundled(contents) {
  const { metafile, outputFiles } = await esbuild({
    stdin: { contents, resolveDir: HERE },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    metafile: true,
    external: ['node:*'],
  })
  const [bundle] = Object.values(metafile.outputs)
  const files = Object.entries(bundle?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path.split('/dist/').at(-1) ?? path)
  return { files, octets: outputFiles[0]?.contents.length ?? 0 }
}

test('a bundle of one store holds no other store', async () => {
  const stores = subpaths.filter((name) => name.startsWith('./stores/'))
  assert.equal(stores.length, 5)
  const core = ['mistake', 'options', 'utf8'].map((name) => `core/${name}.js`)
  const shared = ['error.js', 'wait.js', 'stores/store.js', 'stores/sql.js', ...core]
  for (const subpath of stores) {
    const { files, octets } = await bundled(`export * from 'countersign${subpath.slice(1)}'`)
    const own = `${subpath.slice(2)}.js`
    assert.deepEqual(
      files.filter((file) => file !== own && !shared.includes(file)),
      [],
      subpath,
    )
    assert.ok(octets < 16_000, `${subpath}: ${octets} octets`)
  }
})

test('a bundle without a store, a deny list or a status list holds none', async () => {
  const { files } = await bundled(`export { Verifier } from 'countersign/slim'`)
  const unused = ['stores/memory.js', 'stores/redis.js', 'revocation/deny-list.js', 'revocation/status-lists.js']
  assert.deepEqual(
    files.filter((file) => unused.includes(file)),
    [],
  )
})

test('countersign/slim does not hold the bytes', async () => {
  const files = await taken('./slim')
  assert.ok(files.length > 0)
  assert.ok(!files.includes(INLINED))
})

test('every file that package.json names is in the package', () => {
  const named = JSON.stringify(manifest.exports).match(/\.\/dist\/[^"*]+(?=")/g) ?? []
  assert.ok(named.length > 0)
  for (const file of [...named, manifest.bin.countersign, manifest.main, manifest.types]) {
    assert.ok(existsSync(join(PROJECT, 'node_modules/countersign', file)), file)
  }
})
