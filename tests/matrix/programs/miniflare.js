// Runs the modules named by the argument in workerd, with one request that carries standard input.
import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, relative } from 'node:path'
import { text } from 'node:stream/consumers'

const { modules, date, flags, runtimes } = JSON.parse(process.argv[2])
const { Miniflare } = createRequire(`${runtimes}/`)('miniflare')
const folder = dirname(modules[0])
const paths = [...new Set(modules.flatMap((path) => globSync(path)))]
const worker = new Miniflare({
  cf: false,
  compatibilityDate: date,
  compatibilityFlags: flags,
  modules: paths.map((path) => ({
    type: path.endsWith('.wasm') ? 'CompiledWasm' : 'ESModule',
    path: relative(folder, path),
    contents: readFileSync(path, path.endsWith('.wasm') ? undefined : 'utf8'),
  })),
})
try {
  const body = await text(process.stdin)
  const response = await worker.dispatchFetch('http://worker.invalid/', { method: 'POST', body })
  process.stdout.write(await response.text())
} finally {
  await worker.dispose()
}
