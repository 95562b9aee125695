// @ts-check
/**
 * What each entry of the package adds to a bundle: minified by esbuild, then gzip -9, in octets.
 *
 * `node tests/package/weights.js` prints the table; with `--write` it replaces the one in README.md and in pkg/README.md.
 *
 * @module
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const HERE = dirname(fileURLToPath(import.meta.url))

/**
 * An entry, what a row of the table says of it, and the most that it may weigh, in kB gzipped. A budget is the weight at
 * the time of writing and about 5 %: a feature that needs more has to say so here.
 *
 * @type {readonly { entry: string, imports?: string, holds: string, budget: number }[]}
 */
export const ENTRIES = [
  { entry: 'countersign', holds: 'everything, the module inlined', budget: 228 },
  { entry: 'countersign', imports: 'Verifier', holds: 'verification alone, the module inlined', budget: 218 },
  { entry: 'countersign/slim', holds: 'everything but the module, which you load', budget: 32.6 },
  { entry: 'countersign/inspect', holds: '`inspect` alone, as JavaScript', budget: 40 },
  { entry: 'countersign/fetch', holds: 'the guard for handlers of Request and Response', budget: 13.4 },
  { entry: 'countersign/node', holds: 'the guard for Node and Express', budget: 14 },
  { entry: 'countersign/hono', holds: 'the guard for Hono', budget: 13.4 },
  { entry: 'countersign/fastify', holds: 'the guard for Fastify', budget: 14.1 },
  { entry: 'countersign/profiles', imports: 'auth0', holds: 'one profile', budget: 4.3 },
  { entry: 'countersign/mcp', holds: 'the adapter for the SDK of MCP', budget: 4 },
  { entry: 'countersign/client', imports: 'clientCredentials', holds: 'tokens by client credentials', budget: 11.7 },
  { entry: 'countersign/client', holds: 'every request for a token, the module inlined', budget: 216 },
  { entry: 'countersign/stores/redis', holds: 'a store', budget: 6.6 },
  { entry: 'countersign/stores/postgres', holds: 'a store', budget: 6.1 },
  { entry: 'countersign/stores/sqlite', holds: 'a store', budget: 6 },
  { entry: 'countersign/stores/durable-object', holds: 'a store', budget: 6 },
  { entry: 'countersign/stores/deno-kv', holds: 'a store', budget: 6 },
]

/**
 * What an import adds to a bundle for a page or a Worker, in octets, gzipped.
 *
 * @param {string} entry
 * @param {string} [imports] Names, with commas. Default: all.
 */
export async function weightOf(entry, imports) {
  const contents = `export ${imports === undefined ? '*' : `{ ${imports} }`} from '${entry}'`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: HERE },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['node:*', 'hono', 'hono/*', 'fastify', 'fastify-plugin'],
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error('esbuild wrote nothing')
  return gzipSync(file.contents, { level: 9 }).length
}

/** As the table has it: whole kB from 10 on. @param {number} octets */
const kilobytes = (octets) => (octets < 10_000 ? (octets / 1000).toFixed(1) : (octets / 1000).toFixed(0))

/** The rows of the table, each with the entry's weight. */
export async function weights() {
  const rows = []
  for (const row of ENTRIES) rows.push({ ...row, octets: await weightOf(row.entry, row.imports) })
  return rows
}

/** The lines around the table in a README. */
const [START, END] = ['<!-- weights: node tests/package/weights.js --write -->', '<!-- /weights -->']

/** @param {Awaited<ReturnType<typeof weights>>} rows */
function table(rows) {
  const lines = rows.map(({ entry, imports, holds, octets }) => {
    const statement = imports === undefined ? `\`${entry}\`` : `\`{ ${imports} }\` of \`${entry}\``
    return `| ${statement} | ${holds} | ${kilobytes(octets)} kB |`
  })
  return ['| import | holds | gzipped |', '| --- | --- | --- |', ...lines].join('\n')
}

/**
 * What a README says that each row weighs, in kB.
 *
 * @param {string} readme Its text.
 * @returns {number[]} In the order of {@link ENTRIES}.
 */
export function stated(readme) {
  const [, rest = ''] = readme.split(START)
  const [text = ''] = rest.split(END)
  return [...text.matchAll(/\| ([\d.]+) kB \|$/gm)].map(([, weight]) => Number(weight))
}

/** The READMEs that hold the table, in the repository. */
function readmes() {
  const manifest = createRequire(import.meta.url).resolve('countersign/package.json')
  return [new URL('README.md', pathToFileURL(manifest)), new URL('../../README.md', import.meta.url)]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = table(await weights())
  console.log(text)
  for (const readme of process.argv.includes('--write') ? readmes() : []) {
    const before = readFileSync(readme, 'utf8')
    const [head, rest] = before.split(START)
    const tail = rest?.split(END)[1]
    if (tail === undefined) throw new Error(`${readme.pathname} has no place for the table`)
    writeFileSync(readme, `${head}${START}\n${text}\n${END}${tail}`)
  }
}
