// @ts-check
/**
 * `npm run bench`: every benchmark in turn, or `npm run bench -- NAME [its own options]`.
 *
 * @module
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Each a program of its own, beside this one. */
const BENCHMARKS = new Map([
  ['http', 'http.js'],
  ['kernels', 'kernels/kernels.js'],
])

const [name, ...options] = process.argv.slice(2)
if (name !== undefined && !BENCHMARKS.has(name)) {
  process.stderr.write(`No such benchmark. There are: ${[...BENCHMARKS.keys()].join(', ')}\n`)
  process.exit(2)
}
for (const [benchmark, file] of BENCHMARKS) {
  if (name !== undefined && name !== benchmark) continue
  process.stdout.write(`\n${benchmark}\n`)
  const path = fileURLToPath(new URL(file, import.meta.url))
  const { status } = spawnSync(process.execPath, [path, ...options], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
