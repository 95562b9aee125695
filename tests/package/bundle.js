// @ts-check
/**
 * A bundle for Workers, by esbuild: what it holds, and how large it is.
 *
 * @module
 */

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const HERE = dirname(fileURLToPath(import.meta.url))

/**
 * Bundles a program, minified.
 *
 * @param {string} contents
 * @returns {Promise<{ files: string[], octets: number, gzipped: number }>} `files`: of which something is in the bundle.
 */
export async function bundled(contents) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: HERE },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    conditions: ['worker'],
  })
  const [output] = Object.values(metafile.outputs)
  const held = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  const text = outputFiles[0]?.contents ?? new Uint8Array()
  return { files: held.map(([path]) => path), octets: text.length, gzipped: gzipSync(text).length }
}
