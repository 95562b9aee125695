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
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildDemo } from './demo.js'
import { instantiable } from './glue.js'
import { HOST_TOOL, setUp } from './setup.js'
import { hashOf, unlessSame } from './stamps.js'
import { ROOT, main, run, step } from './steps.js'

/** Sources of the Wasm, relative to the root. */
const WASM_SOURCES = [
  'Cargo.toml',
  'Cargo.lock',
  '.cargo',
  'src',
  'pkg/build/Cargo.lock',
  'pkg/build/src',
  'pkg/build/build.js',
  'pkg/build/glue.js',
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

/** Sources of `www/dist` beside the package, relative to the root. */
const DEMO_SOURCES = ['www/index.html', 'www/js', 'www/css', 'www/fonts', 'pkg/build/demo.js']

/** Sets up and builds whatever changed. */
export async function build() {
  const { rustc } = await setUp()
  await unlessSame('wasm', hashOf(WASM_SOURCES, [rustc]), [`${GENERATED}/countersign.wasm`], async () => {
    const compiled = await step('core: cargo build for wasm32', () => compile('target/wasm', {}))
    await step(
      'core: wasm-bindgen and wasm-opt',
      () => generate(compiled, GENERATED),
      (outcome) => ({ good: true, outcome }),
    )
  })
  await unlessSame('package', hashOf(PACKAGE_SOURCES), ['pkg/dist/index.js'], () =>
    step('package: tsc', buildPackage),
  )
  await unlessSame('demo', hashOf([...PACKAGE_SOURCES, ...DEMO_SOURCES]), ['www/dist/countersign.html'], () =>
    step('demo page: esbuild', buildDemo, (outcome) => ({ good: true, outcome })),
  )
}

/**
 * Compiles the crate for JavaScript.
 *
 * @param {string} target Cargo's target folder, relative to the root.
 * @param {{ optLevel?: string, features?: string, rustflags?: string[] }} variant
 * @returns {Promise<string>} Where the Wasm is.
 */
export async function compile(target, { optLevel, features = 'wasm', rustflags = [] }) {
  // Panic messages name their source file; the same sources give the same bytes wherever they lie.
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
  const remap = [`${ROOT}=/countersign`, `${cargoHome}=/cargo`]
  const flags = [...remap.map((prefix) => `--remap-path-prefix=${prefix}`), ...rustflags]
  await run(
    'cargo',
    ['build', '--lib', '--release', '--target=wasm32-unknown-unknown', '--features', features],
    {
      log: 'core',
      env: {
        CARGO_TARGET_DIR: join(ROOT, target),
        CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'),
        ...(optLevel === undefined ? {} : { CARGO_PROFILE_RELEASE_OPT_LEVEL: optLevel }),
      },
    },
  )
  return join(ROOT, target, 'wasm32-unknown-unknown', 'release', 'countersign.wasm')
}

/**
 * Writes the four files of the generated folder: the glue and its types, the bytes inlined, the bytes.
 *
 * @param {string} compiled The Wasm as cargo made it.
 * @param {string} folder Relative to the root.
 * @returns {Promise<string>} The size, in words.
 */
export async function generate(compiled, folder) {
  const work = mkdtempSync(join(tmpdir(), 'countersign-'))
  try {
    await run(join(ROOT, HOST_TOOL), ['bindgen', compiled, work], { log: 'bindgen' })
    await optimize(join(work, 'core_bg.wasm'), join(work, 'core.wasm'))
    const bytes = readFileSync(join(work, 'core.wasm'))
    const { glue, exports } = instantiable(
      readFileSync(join(work, 'core.js'), 'utf8'),
      readFileSync(join(work, 'core.d.ts'), 'utf8'),
    )
    const out = join(ROOT, folder)
    rmSync(out, { recursive: true, force: true })
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'glue.ts'), glue)
    writeFileSync(join(out, 'exports.ts'), exports)
    writeFileSync(
      join(out, 'bytes.ts'),
      `/** The compiled core: base64, or octets where they are at hand. */
export const BYTES: string | Uint8Array<ArrayBuffer> =
  '${bytes.toString('base64')}'
`,
    )
    writeFileSync(join(out, 'countersign.wasm'), bytes)
    const kilobytes = (/** @type {number} */ octets) => `${(octets / 1000).toFixed(1)} kB`
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
    return `countersign.wasm: ${kilobytes(bytes.length)}, gzip ${kilobytes(gzipSync(bytes, { level: 9 }).length)}, sha256 ${digest}`
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * Makes the module smaller. `-O1`, because more brings nothing: measured on a module of 956 kB (352 kB gzipped),
 * `-O1` gives 932 (348) in 7 s, `-Os` 902 (349) in 16 s, `-O3` 905 (353) in 30 s, and none of them is faster
 * at verifying than what LLVM made.
 *
 * @param {string} input
 * @param {string} output
 */
async function optimize(input, output) {
  const features = ['--enable-bulk-memory', '--enable-nontrapping-float-to-int', '--enable-sign-ext']
    .concat(['--enable-mutable-globals', '--enable-reference-types', '--enable-multivalue'])
    .concat(['--enable-simd', '--enable-bulk-memory-opt'])
  const tool = join(ROOT, 'node_modules', 'binaryen', 'bin', 'wasm-opt')
  await run(process.execPath, [tool, input, '-O1', ...features, '-o', output], { log: 'wasm-opt' })
}

/** What a platform that imports `.wasm` files as modules makes of ours: workerd, and bundlers that follow it. */
const WASM_TYPES = `/** The compiled core, for init() or initSync() of countersign/slim. */
declare const module: WebAssembly.Module
export default module
`

/** Both module systems from one source, each in the folder whose `type` says which it is. */
async function buildPackage() {
  const dist = join(ROOT, 'pkg', 'dist')
  rmSync(dist, { recursive: true, force: true })
  const tsc = createRequire(join(ROOT, 'package.json')).resolve('typescript/package.json')
  const bin = join(tsc, '..', JSON.parse(readFileSync(tsc, 'utf8')).bin.tsc)
  await Promise.all(
    ['esm', 'cjs'].map((kind) =>
      run(process.execPath, [bin, '-p', `tsconfig.${kind}.json`], { log: `tsc-${kind}` }),
    ),
  )
  writeFileSync(join(dist, 'cjs', 'package.json'), '{ "type": "commonjs" }\n')
  readBesideInNode(join(dist, 'cjs', 'core', 'generated'))
  cpSync(join(ROOT, GENERATED, 'countersign.wasm'), join(dist, 'countersign.wasm'))
  writeFileSync(join(dist, 'countersign.wasm.d.ts'), WASM_TYPES)
  for (const name of ['LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(ROOT, name), join(ROOT, 'pkg', name))
  await nodeEntries()
}

/**
 * Lets Node read the bytes from the file beside, and keeps the inlined ones for when it is not there: bundled, or copied
 * in part. Parsing a literal of 1.3 million characters takes 8 ms, reading the file 0.3 ms.
 *
 * @param {string} folder Of the generated modules, as CommonJS.
 */
function readBesideInNode(folder) {
  renameSync(join(folder, 'bytes.js'), join(folder, 'base64.js'))
  const { size } = statSync(join(ROOT, GENERATED, 'countersign.wasm'))
  writeFileSync(
    join(folder, 'bytes.js'),
    `'use strict'
Object.defineProperty(exports, '__esModule', { value: true })

/** The file beside, where there is one of the right size. */
function beside() {
  try {
    const fs = process.getBuiltinModule('node:fs')
    const bytes = fs.readFileSync(__dirname + '/../../../countersign.wasm')
    return bytes.length === ${size} ? bytes : undefined
  } catch {
    return undefined
  }
}

exports.BYTES = beside() ?? require('./base64.js').BYTES
`,
  )
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
