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
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildDemo } from './demo.js'
import { instantiable } from './glue.js'
import { INSPECTION_FILES, INSPECTION_FLAGS, translate } from './inspection.js'
import { buildPackage, GENERATED, PACKAGE_SOURCES } from './package.js'
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
  'pkg/build/minify.js',
  'pkg/build/panics.js',
  'package-lock.json',
]

/** What makes the compiler use the vectors of WebAssembly 2.0. */
export const SIMD = '-Ctarget-feature=+simd128'

/** @typedef {{ name: string, crate: string, profile?: string, target: string, flags: string[], args: string[], simd: boolean }} Module */

/** The crate of the modules for the whole package. */
const CORE = 'countersign_core'

/** What that crate is compiled with. */
const BOUNDARY = ['build', '--package=countersign-core']

/** The module that is inlined. @type {Module} */
const INLINED = {
  name: 'countersign.wasm',
  crate: CORE,
  target: 'target/wasm',
  flags: [SIMD],
  args: [...BOUNDARY, '--release'],
  simd: true,
}

/** For engines without `simd128`, which refuse to compile the other: the same sources, compiled for size. @type {Module} */
const SCALAR = {
  name: 'countersign-scalar.wasm',
  crate: CORE,
  profile: 'scalar',
  target: 'target/wasm-scalar',
  flags: [],
  args: [...BOUNDARY, '--profile=scalar'],
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
  const modules = /** @type {const} */ ([INLINED, SCALAR])
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
    step('package: tsc', () => buildPackage([INLINED.name, SCALAR.name])),
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
    // It imports a package that the first step installs.
    const { trapAtPanics } = await import('./panics.js')
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
