// @ts-check
/**
 * `pkg/dist`, from TypeScript and the compiled core: what is installed.
 *
 * @module
 */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { commonJs } from './common.js'
import { keepReached } from './declarations.js'
import { minified } from './minify.js'
import { ROOT, run } from './steps.js'

/** Sources of `pkg/dist`, relative to the root. */
export const PACKAGE_SOURCES = [
  'pkg/src',
  'pkg/package.json',
  'tsconfig.json',
  'tsconfig.esm.json',
  'tsconfig.cjs.json',
  'pkg/build/common.js',
  'pkg/build/declarations.js',
  'pkg/build/dist.biome.json',
  'pkg/build/minify.js',
  'pkg/build/package.js',
  'package-lock.json',
]

/** What the build of the core writes, relative to the root. */
export const GENERATED = 'pkg/src/core/generated'

const PACKAGE = join(ROOT, 'pkg')
const DIST = join(PACKAGE, 'dist')

/** Modules of which the demo page takes the file, and no entry exports it. Beside them, none of the declarations is installed. */
const TAKEN_BY_PAGE = ['find-token', 'meanings', 'cli/sentences', 'cli/moments', 'http/challenge']

/** What Node loads through `require` alone, by the name of the folder: it imports modules of Node. */
const FOR_NODE_ALONE = ['sandbox']

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

/**
 * Writes both module systems from one source, each in the folder whose `type` says which it is.
 *
 * @param {readonly [string, ...string[]]} modules The names of the compiled modules, that which is inlined first.
 */
export async function buildPackage(modules) {
  rmSync(DIST, { recursive: true, force: true })
  await Promise.all([compile('tsconfig.esm.json'), compile('tsconfig.cjs.json')])
  const generated = join('core', 'generated')
  cpSync(join(ROOT, GENERATED, 'inspection.js'), join(DIST, generated, 'inspection.js'))
  for (const path of filesOf(DIST, '.js')) {
    // A module of types alone, which no module imports at run time.
    if (readFileSync(join(DIST, path), 'utf8') === 'export {};\n') rmSync(join(DIST, path))
  }
  const biome = ['format', '--write', '--config-path', join(ROOT, 'pkg', 'build', 'dist.biome.json'), '.']
  await run(process.execPath, [binOf('@biomejs/biome', 'biome'), ...biome], { log: 'biome-dist', cwd: DIST })
  const glue = join(DIST, generated, 'glue.js')
  writeFileSync(glue, await minified(readFileSync(glue, 'utf8')))
  writeCommonJs()
  writeFileSync(join(DIST, 'cjs', generated, 'bytes.js'), bytesInNode(modules[0]))
  writeFileSync(join(DIST, 'cjs', generated, 'inspection.js'), inspectionInNode())
  for (const name of modules) {
    cpSync(join(ROOT, GENERATED, name), join(DIST, name))
    writeFileSync(join(DIST, `${name}.d.ts`), WASM_TYPES)
    writeFileSync(join(DIST, `${name}.query.d.ts`), QUERY_TYPES)
  }
  writeFileSync(join(DIST, 'workerd.js'), WORKERD)
  writeDeclarations()
  nodeEntries()
  commandFromNode()
  for (const name of FOR_NODE_ALONE) removeCode(name)
  for (const name of ['LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(ROOT, name), join(PACKAGE, name))
  subpathFolders()
}

/** @param {string} project */
function compile(project) {
  return run(process.execPath, [binOf('typescript', 'tsc'), '-p', project], { log: project.replace('.json', '') })
}

/** The file of a development package's command. @param {string} name @param {string} command */
function binOf(name, command) {
  const path = createRequire(join(ROOT, 'package.json')).resolve(`${name}/package.json`)
  const { bin } = JSON.parse(readFileSync(path, 'utf8'))
  return join(path, '..', typeof bin === 'string' ? bin : bin[command])
}

/** The entries of the exports map that are JavaScript, by subpath. @returns {[string, Record<string, any>][]} */
function entries() {
  const { exports } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'))
  return Object.entries(/** @type {Record<string, any>} */ (exports)).filter(([, entry]) => entry.node !== undefined)
}

/** Every file of a folder whose name ends so, relative to it. @param {string} folder @param {string} end @returns {string[]} */
function filesOf(folder, end) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(end))
}

/** `dist/cjs`: the same modules for `require`, but for the command. */
function writeCommonJs() {
  for (const path of filesOf(DIST, '.js')) {
    if (/^(?:cjs|cli)\/|^core\/generated\/(?:bytes|inspection)\.js$/.test(path)) continue
    const file = join(DIST, 'cjs', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, commonJs(path, readFileSync(join(DIST, path), 'utf8')))
  }
  writeFileSync(join(DIST, 'cjs', 'package.json'), '{ "type": "commonjs" }\n')
}

/** Gives Node's own module; before Node 20.16 through the class of `module`, which no bundler follows. */
const BUILT_IN = `function builtIn(name) {
	return process.getBuiltinModule?.(name) ?? module.constructor.createRequire(__filename)(name)
}
`

/**
 * Lets Node read the bytes from the file beside. Where it is not there (bundled, or copied in part) the text of the ES
 * module serves, which bundlers and Node from 20.19 load by require(): there is one copy of it. Unpacking takes 28 ms, reading
 * the file 0.3 ms.
 *
 * @param {string} name Of the module.
 */
function bytesInNode(name) {
  const { size } = statSync(join(ROOT, GENERATED, name))
  return `'use strict'
${BUILT_IN}
/** The file beside, where there is one of the right size. */
function beside() {
	try {
		const bytes = builtIn('node:fs').readFileSync(__dirname + '/../../../${name}')
		return bytes.length === ${size} ? bytes : undefined
	} catch {
		return undefined
	}
}

const bytes = beside()
const packed = bytes === undefined ? require('../../../core/generated/bytes.js') : undefined

module.exports = { BYTES: bytes ?? packed.BYTES, UNPACKER: packed?.UNPACKER ?? '' }
`
}

/**
 * Lets `require` load the ES module of the inspection, as bundlers and Node from 20.19 do. Older Node and Jest cannot: they
 * compile the same file as the body of a function.
 */
function inspectionInNode() {
  const name = /\bexport\{([\w$]+) as instantiate\};\s*$/.exec(
    readFileSync(join(ROOT, GENERATED, 'inspection.js'), 'utf8'),
  )?.[1]
  if (name === undefined) throw new Error('inspection.js ends in another statement than its one export.')
  return `'use strict'
${BUILT_IN}
/** The ES module as a script: its one export is its last statement. */
function compiled() {
	const filename = __dirname + '/../../../core/generated/inspection.js'
	const script = builtIn('node:fs').readFileSync(filename, 'utf8').replace(/export\\{[^}]+\\};\\s*$/, 'return ${name}')
	return builtIn('node:vm').compileFunction(script, [], { filename })()
}

function loaded() {
	try {
		return require('../../../core/generated/inspection.js').instantiate
	} catch {
		return compiled()
	}
}

module.exports = { instantiate: loaded() }
`
}

/**
 * One set of declarations, in the folder of CommonJS; those of the ES modules hand them on. Indentation is by tabs, as in
 * the code.
 */
function writeDeclarations() {
  const cjs = join(DIST, 'cjs')
  for (const [, { node, module }] of entries()) handOn(module.types, node.require.types)
  for (const name of TAKEN_BY_PAGE) handOn(`./dist/${name}.d.ts`, `./dist/cjs/${name}.d.ts`)
  for (const path of filesOf(cjs, '.d.ts')) {
    const text = readFileSync(join(cjs, path), 'utf8')
    const indented = text.replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4))
    // What a module imports for its effect declares nothing.
    writeFileSync(join(cjs, path), indented.replace(/^import '[^']+';\n/gm, ''))
  }
  const roots = entries().map(([, { node }]) => join(PACKAGE, node.require.types))
  keepReached(cjs, [...roots, ...TAKEN_BY_PAGE.map((name) => join(cjs, `${name}.d.ts`))])
}

/** Writes an ES module that hands on what another exports. @param {string} from @param {string} to Both relative to the package. */
function handOn(from, to) {
  const path = `${'../'.repeat(from.split('/').length - 3)}${to.replace('./dist/', '')}`
  mkdirSync(join(PACKAGE, from, '..'), { recursive: true })
  const relative = path.startsWith('.') ? path : `./${path}`
  writeFileSync(join(PACKAGE, from), `export * from '${relative.replace(/\.d\.ts$/, '.js')}';\n`)
}

/**
 * In Node, `import` gives the classes that `require` gives: an ES module that hands on the names of the CommonJS one.
 * With two sets, an error thrown by a library that requires the package would be no instance of the `TokenError`
 * that its user imports.
 */
function nodeEntries() {
  const require = createRequire(import.meta.url)
  for (const [, { node }] of entries()) {
    const { default: file } = node.import
    const { default: common } = node.require
    const names = Object.keys(require(join(PACKAGE, common)))
    const up = '../'.repeat(file.split('/').length - 3)
    mkdirSync(join(PACKAGE, file, '..'), { recursive: true })
    writeFileSync(
      join(PACKAGE, file),
      `import entry from '${up}${common.replace('./dist/', '')}'\n\nexport const { ${names.join(', ')} } = entry\n`,
    )
  }
}

/**
 * Lets the command load what Node loads, which reads the module from its file: entries through `dist/node`, parts through
 * `dist/cjs`.
 */
function commandFromNode() {
  for (const path of filesOf(join(DIST, 'cli'), '.js')) {
    const file = join(DIST, 'cli', path)
    const text = readFileSync(file, 'utf8').replace(/ from '\.\.\/([^']+)'/g, (_, name) => {
      const kind = existsSync(join(DIST, 'node', name)) ? 'node' : 'cjs'
      return ` from '../${kind}/${name}'`
    })
    writeFileSync(file, text)
  }
}

/** Removes the ES modules of a folder, which none loads. @param {string} folder */
function removeCode(folder) {
  for (const path of filesOf(join(DIST, folder), '.js')) rmSync(join(DIST, folder, path))
}

/**
 * A folder for each subpath that names its files: TypeScript's resolution `node10` and Parcel read no exports map.
 */
function subpathFolders() {
  for (const [subpath, { module, require }] of entries()) {
    if (subpath === '.') continue
    const up = subpath.slice(2).replace(/[^/]+/g, '..')
    const at = (/** @type {string} */ path) => `${up}/${path.slice(2)}`
    const files = { main: at(require.default), module: at(module.default), types: at(require.types) }
    mkdirSync(join(PACKAGE, subpath), { recursive: true })
    writeFileSync(join(PACKAGE, subpath, 'package.json'), `${JSON.stringify(files)}\n`)
  }
}
