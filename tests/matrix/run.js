// @ts-check
/**
 * The matrix of environments: each row of `rows.js` is a fresh project that installs the packed tarball, is built as the
 * environment's users build, and runs every vector.
 *
 * `node tests/matrix/run.js [--write] [--core] [NAME…]`, after a build. A name selects the rows that contain it. `--write`
 * keeps the results in `results.json` and writes the table of `pkg/README.md`.
 *
 * @module
 */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { files as vectorFiles } from '../vectors/run.js'
import { drivers, environmentOf, startReports } from './drivers.js'
import { rows, unavailable } from './rows.js'
import { readTable, table, writeTable } from './table.js'

const HERE = dirname(fileURLToPath(import.meta.url))
const ROOT = join(HERE, '..', '..')
const CACHE = join(ROOT, '.cache', 'matrix')

/** The exact version of each tool. */
const TOOLS = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8')).dependencies

/** The versions of tools and runtimes, for the table. */
const { dependencies, optionalDependencies } = JSON.parse(
  readFileSync(join(HERE, '..', 'package', 'runtimes', 'package.json'), 'utf8'),
)
const VERSIONS = { ...TOOLS, ...dependencies, ...optionalDependencies }

const exec = promisify(execFile)

/** @typedef {import('./rows.js').Row} Row */

/** What every project can import: `verdicts` without the package, and programs around it. */
const SHARED = join(CACHE, 'shared')

/** @param {string} vectors */
async function writeShared(vectors) {
  rmSync(SHARED, { recursive: true, force: true })
  cpSync(join(HERE, 'programs'), SHARED, { recursive: true })
  writeFileSync(join(SHARED, 'vectors.json'), vectors)
  const entryPoints = [join(HERE, '..', 'package', 'runtimes', 'verdicts.js')]
  await build({ entryPoints, bundle: true, format: 'esm', outfile: join(SHARED, 'verdicts.js') })
  // Jest's jsdom hides TextDecoder: the vectors' runner has its own, the package must do without.
  const banner = { js: "const { TextDecoder } = require('node:util')" }
  await build({ entryPoints, bundle: true, format: 'cjs', outfile: join(SHARED, 'verdicts.cjs'), banner })
}

/** Every vector, by file name, as JSON. */
function vectorsText() {
  const folder = join(HERE, '..', 'vectors')
  return JSON.stringify(
    Object.fromEntries(vectorFiles.map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8'))])),
  )
}

/** The tools of a row, with their versions. @param {Row} row */
function dependenciesOf({ tools }) {
  return Object.fromEntries(
    tools.map((name) => {
      if (TOOLS[name] === undefined) throw new Error(`tests/matrix/package.json has no version of ${name}`)
      return [name, TOOLS[name]]
    }),
  )
}

/**
 * The tools of a row, installed once for all rows that have the same.
 *
 * @param {Row} row
 * @returns {Promise<string>} The folder with their `node_modules`.
 */
async function toolsOf(row) {
  const dependencies = dependenciesOf(row)
  const manifest = JSON.stringify({ private: true, type: 'module', dependencies })
  const folder = join(CACHE, 'tools', createHash('sha256').update(manifest).digest('hex').slice(0, 16))
  const done = join(folder, 'installed')
  if (existsSync(done)) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), manifest)
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--legacy-peer-deps']
  if (row.tools.length > 0) await exec('npm', args, { cwd: folder, env: environmentOf(folder), maxBuffer: 2 ** 26 })
  writeFileSync(done, '')
  return folder
}

/**
 * The project of a row: its tools, the package from the tarball, the shared programs, its own files.
 *
 * @param {Row} row
 * @param {string} tarball
 */
async function projectOf(row, tarball) {
  const tools = await toolsOf(row)
  // Outside of the repository, whose packages would be found from inside.
  const folder = mkdtempSync(join(tmpdir(), 'countersign-matrix-'))
  const copied = [join(tools, 'node_modules'), folder]
  // Links where the file system is the same.
  await exec('cp', ['-al', ...copied]).catch(() => exec('cp', ['-a', ...copied]))
  const installed = join(folder, 'node_modules', 'countersign')
  mkdirSync(installed)
  await exec('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  cpSync(SHARED, folder, { recursive: true })
  const dependencies = { ...dependenciesOf(row), countersign: `file:${tarball}` }
  const manifest = { name: 'project', private: true, type: 'module', dependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  for (const [path, text] of Object.entries(row.files ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text.replaceAll('TARBALL', tarball))
  }
  return folder
}

/**
 * @param {Row} row
 * @param {{ tarball: string, vectors: string, reports: Awaited<ReturnType<typeof startReports>> }} context
 * @returns {Promise<string>} 'ok', or what went wrong.
 */
async function outcomeOf(row, { tarball, vectors, reports }) {
  const folder = await projectOf(row, tarball)
  try {
    const env = environmentOf(folder, row)
    for (const [command = '', ...args] of row.build ?? []) {
      await exec(
        command,
        args.map((arg) => arg.replaceAll('TARBALL', tarball)),
        { cwd: folder, env, timeout: 900_000, maxBuffer: 2 ** 26 },
      )
    }
    const kinds = /** @type {(keyof typeof drivers)[]} */ (Object.keys(row.run))
    const texts = []
    for (const kind of kinds) {
      texts.push(...(await drivers[kind](/** @type {any} */ (row.run)[kind], { folder, env, vectors, reports })))
    }
    return texts.map((text) => judged(text, vectors)).find((said) => said !== 'ok') ?? 'ok'
  } finally {
    if (process.env.KEEP === undefined) rmSync(folder, { recursive: true, force: true })
    else console.log(folder)
  }
}

/** @param {string} text What a program printed: JSON of the verdicts, or 'compiled'. @param {string} vectors */
function judged(text, vectors) {
  if (text === 'compiled') return 'ok'
  let found
  try {
    found = JSON.parse(text)
  } catch {
    return `no verdicts: ${text.slice(0, 2000)}`
  }
  if (found.error !== undefined) return String(found.error)
  const wanted = Object.values(JSON.parse(vectors)).flat().length
  const [first] = found.differences
  return found.held === wanted ? 'ok' : `${found.held} of ${wanted} vectors held, such as: ${first}`
}

/** The packed tarball. */
async function pack() {
  const folder = join(CACHE, 'tarball')
  mkdirSync(folder, { recursive: true })
  const args = ['pack', '--json', '--pack-destination', folder]
  const { stdout } = await exec('npm', args, { cwd: join(ROOT, 'pkg') })
  return join(folder, JSON.parse(stdout)[0].filename)
}

const words = process.argv.slice(2)
const names = words.filter((word) => !word.startsWith('--'))
const chosen = rows.filter(
  (row) =>
    (!words.includes('--core') || row.core === true) &&
    (names.length === 0 || names.some((name) => row.name.toLowerCase().includes(name.toLowerCase()))),
)
const RESULTS = join(HERE, 'results.json')
/** @type {Record<string, string>} */
const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {}
const vectors = vectorsText()
const context = { tarball: await pack(), vectors, reports: await startReports(vectors) }
await writeShared(vectors)
let passed = 0
let failed = 0
for (const row of chosen) {
  const start = performance.now()
  const said = await outcomeOf(row, context).catch((error) =>
    `${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`.slice(-3000),
  )
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.log(`${said === 'ok' ? '✓' : '✗'} ${row.name} (${seconds} s)${said === 'ok' ? '' : `\n${said}`}`)
  results[row.name] = said === 'ok' ? 'ok' : 'fails'
  if (said === 'ok') passed += 1
  else failed += 1
}
await context.reports.close()
const README = join(ROOT, 'pkg', 'README.md')
const known = Object.fromEntries(rows.flatMap(({ name }) => (name in results ? [[name, String(results[name])]] : [])))
if (words.includes('--write')) {
  writeFileSync(RESULTS, `${JSON.stringify(known, null, 2)}\n`)
  writeTable(README, table(rows, unavailable, known, VERSIONS))
} else if (readTable(README) !== table(rows, unavailable, known, VERSIONS)) {
  failed += 1
  console.log('✗ the table of pkg/README.md: it is not that of the results; run this with --write')
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1
