// @ts-check
/**
 * `npm run build`: cargo → wasm-bindgen → wasm-opt → inlined bytes → tsc, from the sources to `pkg/dist`; and the
 * demo page over that, to `www/dist`.
 *
 * `--then SCRIPT` runs a script on what was built, with the arguments that follow: `npm start`, `npm run bench`.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildDemo } from './demo.js'
import { instantiable } from './glue.js'
import { INSPECTION_FILES, INSPECTION_FLAGS, translate } from './inspection.js'
import { trapAtPanics } from './panics.js'
import { HOST_TOOL, setUp } from './setup.js'
import { hashOf, unlessSame } from './stamps.js'
import { main, ROOT, run, step } from './steps.js'

/** Sources of the Wasm, relative to the root. */
const WASM_SOURCES = [
  'Cargo.toml',
  'Cargo.lock',
  '.cargo',
  'src',
  'pkg/core',
  'pkg/build/Cargo.lock',
  'pkg/build/src',
  'pkg/build/unpacker/Cargo.lock',
  'pkg/build/unpacker/Cargo.toml',
  'pkg/build/unpacker/src',
  'pkg/build/build.js',
  'pkg/build/glue.js',
  'pkg/build/inspection.js',
  'pkg/build/panics.js',
  'package-lock.json',
]

/** Sources of `pkg/dist`, relative to the root. */
const PACKAGE_SOURCES = [
  'pkg/src',
  'pkg/package.json',
  'tsconfig.json',
  'tsconfig.esm.json',
  'tsconfig.cjs.json',
  'pkg/build/build.js',
  'package-lock.json',
]

const GENERATED = 'pkg/src/core/generated'

/** What makes the compiler use the vectors of WebAssembly 2.0. */
export const SIMD = '-Ctarget-feature=+simd128'

/** @typedef {{ name: string, crate: string, profile?: string, target: string, flags: string[], args: string[], simd: boolean }} Module */

/** The crate of the modules for the whole package. */
const CORE = 'countersign_core'

/** What that crate is compiled with. */
const BOUNDARY = ['build', '--release', '--package=countersign-core']

/** The module that is inlined. @type {Module} */
const INLINED = {
  name: 'countersign.wasm',
  crate: CORE,
  target: 'target/wasm',
  flags: [SIMD],
  args: BOUNDARY,
  simd: true,
}

/** For engines without `simd128`, which refuse to compile the other; nothing but its arithmetic differs. @type {Module} */
const SCALAR = {
  name: 'countersign-scalar.wasm',
  crate: CORE,
  target: 'target/wasm-scalar',
  flags: [],
  args: BOUNDARY,
  simd: false,
}

/** For `countersign/inspect`, which has it as JavaScript. @type {Module} */
const INSPECTION = {
  name: 'inspection.js',
  crate: 'countersign',
  profile: 'smallest',
  target: 'target/wasm-inspection',
  flags: INSPECTION_FLAGS,
  // Without an `rlib` beside, which would keep cargo from optimising at link time.
  args: ['rustc', '--package=countersign', '--crate-type=cdylib', '--profile=smallest'],
  simd: false,
}

/** What unpacks the inlined module, a crate of its own. @type {Module} */
const UNPACKER = {
  name: 'unpacker.wasm',
  crate: 'countersign_unpacker',
  target: 'target/wasm-unpacker',
  flags: ['-Clink-arg=-zstack-size=32768'],
  args: ['build', '--release', '--manifest-path=pkg/build/unpacker/Cargo.toml', '--locked'],
  simd: false,
}

/** Sources of `www/dist` beside the package, relative to the root. */
const DEMO_SOURCES = ['www/index.html', 'www/js', 'www/css', 'www/fonts', 'pkg/build/demo.js']

/** Sets up and builds whatever changed. */
export async function build() {
  const { rustc } = await setUp()
  const modules = [INLINED, SCALAR]
  const results = [...modules.map(({ name }) => name), ...INSPECTION_FILES].map((name) => `${GENERATED}/${name}`)
  await unlessSame('wasm', hashOf(WASM_SOURCES, [rustc]), results, async () => {
    // Side by side: most of the time goes into optimising each as a whole, which one thread does.
    const [compiled, inspection] = await step('core: cargo build for wasm32, with and without SIMD', () =>
      Promise.all([Promise.all(modules.map(compile)), compile(INSPECTION)]),
    )
    await step(
      'core: wasm-bindgen, wasm-opt and wasm2js',
      () => generate(compiled, inspection),
      (outcome) => ({ good: true, outcome }),
    )
  })
  await unlessSame('package', hashOf(PACKAGE_SOURCES), ['pkg/dist/index.js', 'pkg/fetch/package.json'], () =>
    step('package: tsc', buildPackage),
  )
  await unlessSame('demo', hashOf([...PACKAGE_SOURCES, ...DEMO_SOURCES]), ['www/dist/countersign.html'], () =>
    step('demo page: esbuild', buildDemo, (outcome) => ({ good: true, outcome })),
  )
}

/**
 * Compiles the crate for JavaScript.
 *
 * @param {Module} module
 * @returns {Promise<{ module: Module, path: string }>} And where the Wasm is.
 */
async function compile(module) {
  // Panic messages name their source file; the same sources give the same bytes wherever they lie.
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
  const remap = [`${ROOT}=/countersign`, `${cargoHome}=/cargo`]
  const flags = remap.map((prefix) => `--remap-path-prefix=${prefix}`)
  await run('cargo', [...module.args, '--lib', '--target=wasm32-unknown-unknown'], {
    log: module.target.replace('target/wasm', 'core'),
    env: {
      CARGO_TARGET_DIR: join(ROOT, module.target),
      CARGO_ENCODED_RUSTFLAGS: [...flags, ...module.flags].join('\x1f'),
    },
  })
  const file = `${module.crate}.wasm`
  const path = join(ROOT, module.target, 'wasm32-unknown-unknown', module.profile ?? 'release', file)
  return { module, path }
}

/**
 * Writes the generated folder: the glue and its types, the bytes inlined, the bytes of each module.
 *
 * @param {Awaited<ReturnType<typeof compile>>[]} compiled
 * @param {Awaited<ReturnType<typeof compile>>} inspection
 * @returns {Promise<string>} The sizes, in words.
 */
async function generate(compiled, inspection) {
  const made = await Promise.all(compiled.map(finish))
  const [first] = made
  if (first === undefined || made.some(({ glue }) => glue !== first.glue)) {
    throw new Error('The modules want different JavaScript around them: they cannot share one glue.')
  }
  const out = join(ROOT, GENERATED)
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'glue.ts'), first.glue)
  writeFileSync(join(out, 'exports.ts'), first.exports)
  for (const { name, bytes } of made) writeFileSync(join(out, name), bytes)
  const { packed, unpacker } = await pack(join(out, first.name), await compile(UNPACKER))
  writeFileSync(
    join(out, 'bytes.ts'),
    `/** What unpacks the core: a module of WebAssembly, base64. */
export const UNPACKER =
  '${unpacker.toString('base64')}'

/** The compiled core: packed, base64; or its octets where they are at hand. */
export const BYTES: string | Uint8Array<ArrayBuffer> =
  '${packed.toString('base64')}'
`,
  )
  const kilobytes = (/** @type {number} */ octets) => `${(octets / 1000).toFixed(1)} kB`
  const script = await translate(inspection.path, out, features(INSPECTION))
  const files = [...made, { name: INSPECTION.name, bytes: Buffer.from(script) }]
  const sizes = files.map(({ name, bytes }) => {
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
    const gzipped = gzipSync(bytes, { level: 9 }).length
    return `${name}: ${kilobytes(bytes.length)}, gzip ${kilobytes(gzipped)}, sha256 ${digest}`
  })
  return sizes.join('; ')
}

/**
 * Packs the module that is inlined, and holds what unpacks it to the result.
 *
 * @param {string} path Of the module.
 * @param {Awaited<ReturnType<typeof compile>>} compiled What unpacks it.
 */
async function pack(path, compiled) {
  const work = mkdtempSync(join(tmpdir(), 'countersign-'))
  try {
    await run(join(ROOT, HOST_TOOL), ['pack', path, join(work, 'packed')], { log: 'pack' })
    await optimize(compiled.path, join(work, UNPACKER.name), UNPACKER)
    return { packed: readFileSync(join(work, 'packed')), unpacker: readFileSync(join(work, UNPACKER.name)) }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * What wasm-bindgen and wasm-opt make of a module.
 *
 * @param {Awaited<ReturnType<typeof compile>>} compiled
 */
async function finish({ module, path }) {
  const work = mkdtempSync(join(tmpdir(), 'countersign-'))
  try {
    await run(join(ROOT, HOST_TOOL), ['bindgen', path, work], { log: 'bindgen', env: { COUNTERSIGN_NAMES: '1' } })
    const trapping = join(work, 'trapping.wasm')
    writeFileSync(trapping, trapAtPanics(readFileSync(join(work, 'core_bg.wasm'))))
    await optimize(trapping, join(work, 'core.wasm'), module)
    const bytes = readFileSync(join(work, 'core.wasm'))
    const { glue, exports } = instantiable(
      readFileSync(join(work, 'core.js'), 'utf8'),
      readFileSync(join(work, 'core.d.ts'), 'utf8'),
    )
    return { name: module.name, bytes, glue, exports }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * Makes the module smaller, and refuses one that needs what it must not. `-O1`, because more brings nothing: measured
 * on a module of 956 kB (352 kB gzipped), `-O1` gives 932 (348) in 7 s, `-Os` 902 (349) in 16 s, `-O3` 905 (353) in
 * 30 s, and none of them is faster at verifying than what LLVM made. The removal of parameters that no caller varies, and
 * of results that none reads, comes first: 0.7 kB gzipped.
 *
 * @param {string} input
 * @param {string} output
 * @param {Module} module
 */
async function optimize(input, output, module) {
  const tool = join(ROOT, 'node_modules', 'binaryen', 'bin', 'wasm-opt')
  await run(process.execPath, [tool, input, ...features(module), '--dae-optimizing', '-O1', '-o', output], {
    log: 'wasm-opt',
  })
}

/**
 * The features of WebAssembly that a module may use, for binaryen.
 *
 * @param {Module} module
 */
function features({ simd }) {
  return ['--mvp-features', '--enable-bulk-memory', '--enable-nontrapping-float-to-int', '--enable-sign-ext']
    .concat(['--enable-mutable-globals', '--enable-reference-types', '--enable-multivalue'])
    .concat(['--enable-bulk-memory-opt', ...(simd ? ['--enable-simd'] : [])])
}

/** What a platform that imports `.wasm` files as modules makes of ours: workerd, and bundlers that follow it. */
const WASM_TYPES = `/** The compiled core, for init() or initSync() of countersign/slim. */
declare const module: WebAssembly.Module
export default module
`

/** The same with a query, which the bundler gives a meaning: `?module` a module, `?url` an address. */
const QUERY_TYPES = `/** What the bundler makes of the query: ?module is a WebAssembly.Module, ?url a string. */
declare const imported: any
export default imported
`

/**
 * The main entry where a `.wasm` file is imported as a module: it works at every compatibility date, and where the
 * package is evaluated inside a request, when workerd compiles nothing.
 */
const WORKERD = `import module from './countersign.wasm?module'
import { initSync } from './core/instance.js'

initSync(module)

export * from './public.js'
`

/** Both module systems from one source, each in the folder whose `type` says which it is. */
async function buildPackage() {
  const dist = join(ROOT, 'pkg', 'dist')
  rmSync(dist, { recursive: true, force: true })
  const tsc = createRequire(join(ROOT, 'package.json')).resolve('typescript/package.json')
  const bin = join(tsc, '..', JSON.parse(readFileSync(tsc, 'utf8')).bin.tsc)
  // Comments are for the declarations, which editors show; in the code they would be a fifth of what is installed.
  const emits = [
    ['js', '--declaration', 'false', '--removeComments'],
    ['types', '--emitDeclarationOnly'],
  ]
  await Promise.all(
    ['esm', 'cjs'].flatMap((kind) =>
      emits.map(([what, ...flags]) =>
        run(process.execPath, [bin, '-p', `tsconfig.${kind}.json`, ...flags], { log: `tsc-${kind}-${what}` }),
      ),
    ),
  )
  writeFileSync(join(dist, 'cjs', 'package.json'), '{ "type": "commonjs" }\n')
  readBesideInNode(join(dist, 'cjs', 'core', 'generated'))
  for (const [kind, name] of /** @type {const} */ ([
    ['', 'inspection.js'],
    ['cjs', 'inspection.cjs'],
  ])) {
    cpSync(join(ROOT, GENERATED, name), join(dist, kind, 'core', 'generated', 'inspection.js'))
  }
  for (const { name } of [INLINED, SCALAR]) {
    cpSync(join(ROOT, GENERATED, name), join(dist, name))
    writeFileSync(join(dist, `${name}.d.ts`), WASM_TYPES)
    writeFileSync(join(dist, `${name}.query.d.ts`), QUERY_TYPES)
  }
  writeFileSync(join(dist, 'workerd.js'), WORKERD)
  removeUnusedDeclarations(dist)
  for (const name of ['LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(ROOT, name), join(ROOT, 'pkg', name))
  await nodeEntries()
  subpathFolders()
}

/**
 * Lets Node read the bytes from the file beside. Where it is not there (bundled, or copied in part) the text of the ES
 * module serves, which bundlers and Node from 20.19 load by require(): there is one copy of it. Unpacking takes 20 ms, reading
 * the file 0.3 ms.
 *
 * @param {string} folder Of the generated modules, as CommonJS.
 */
function readBesideInNode(folder) {
  const { size } = statSync(join(ROOT, GENERATED, INLINED.name))
  writeFileSync(
    join(folder, 'bytes.js'),
    `'use strict'
Object.defineProperty(exports, '__esModule', { value: true })

/** Node's own module; before Node 20.16 through the class of \`module\`, which no bundler follows. */
function builtIn(name) {
  return process.getBuiltinModule?.(name) ?? module.constructor.createRequire(__filename)(name)
}

/** The file beside, where there is one of the right size. */
function beside() {
  try {
    const bytes = builtIn('node:fs').readFileSync(__dirname + '/../../../${INLINED.name}')
    return bytes.length === ${size} ? bytes : undefined
  } catch {
    return undefined
  }
}

const bytes = beside()
const packed = bytes === undefined ? require('../../../core/generated/bytes.js') : undefined
exports.BYTES = bytes ?? packed.BYTES
exports.UNPACKER = packed?.UNPACKER ?? ''
`,
  )
}

/** Declarations of modules that the demo page imports, and no entry exports. */
const IMPORTED_BY_PAGE = [
  'find-token.d.ts',
  'meanings.d.ts',
  'cli/sentences.d.ts',
  'cli/moments.d.ts',
  'http/challenge.d.ts',
]

/**
 * Removes the declarations that no entry of the package leads to.
 *
 * @param {string} dist
 */
function removeUnusedDeclarations(dist) {
  const manifest = readFileSync(join(ROOT, 'pkg', 'package.json'), 'utf8')
  const used = new Set(
    [...manifest.matchAll(/"\.\/dist\/([^"]+\.d\.ts)"/g)]
      .map(([, path]) => String(path))
      .concat(IMPORTED_BY_PAGE)
      .map((path) => join(dist, path)),
  )
  for (const path of used) {
    const text = readFileSync(path, 'utf8')
    const named = text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g)
    for (const [, name] of named) used.add(join(path, '..', `${name}.d.ts`))
  }
  for (const entry of readdirSync(dist, { recursive: true })) {
    const path = join(dist, String(entry))
    if (path.endsWith('.d.ts') && !used.has(path)) rmSync(path)
  }
}

/**
 * A folder for each subpath that names its files: TypeScript's resolution `node10` and Parcel read no exports map.
 */
function subpathFolders() {
  const pkg = join(ROOT, 'pkg')
  const manifest = JSON.parse(readFileSync(join(pkg, 'package.json'), 'utf8'))
  for (const [subpath, entry] of Object.entries(manifest.exports)) {
    if (subpath === '.' || entry.node === undefined) continue
    const up = subpath.slice(2).replace(/[^/]+/g, '..')
    const at = (/** @type {string} */ path) => `${up}/${path.slice(2)}`
    const { require } = entry
    const files = { main: at(require.default), module: at(entry.module.default), types: at(require.types) }
    mkdirSync(join(pkg, subpath), { recursive: true })
    writeFileSync(join(pkg, subpath, 'package.json'), `${JSON.stringify(files, null, 2)}\n`)
  }
}

/**
 * In Node, `import` gives the classes that `require` gives: an ES module that hands on the names of the CommonJS one.
 * With two sets, an error thrown by a library that requires the package would be no instance of the `TokenError`
 * that its user imports.
 */
async function nodeEntries() {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'pkg', 'package.json'), 'utf8'))
  const require = createRequire(import.meta.url)
  for (const entry of Object.values(manifest.exports)) {
    const file = entry?.node?.import?.default
    if (file === undefined) continue
    const common = entry.node.require.default
    const names = Object.keys(require(join(ROOT, 'pkg', common))).filter((name) => name !== '__esModule')
    const up = '../'.repeat(file.split('/').length - 3)
    mkdirSync(join(ROOT, 'pkg', file, '..'), { recursive: true })
    writeFileSync(
      join(ROOT, 'pkg', file),
      `import entry from '${up}${common.replace('./dist/', '')}'\n\nexport const { ${names.join(', ')} } = entry\n`,
    )
  }
}

/**
 * Hands the terminal over to a script until it ends; its exit code becomes ours.
 *
 * @param {string} script Relative to the root.
 * @param {readonly string[]} args
 */
function handOver(script, args) {
  const child = spawn(process.execPath, [script, ...args], { cwd: ROOT, stdio: 'inherit' })
  // Ctrl-C reaches the whole group: the script ends in its own way and this process with it.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    await build()
    const [flag, script, ...args] = process.argv.slice(2)
    if (flag === '--then' && script !== undefined) handOver(script, args)
  })
}
