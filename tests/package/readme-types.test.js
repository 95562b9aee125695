// @ts-check
/** Every program in the READMEs compiles as strict TypeScript. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { diagnose } from './compiler.js'
import { snippetsOf } from './snippets.js'

const HERE = dirname(fileURLToPath(import.meta.url))
const PACKAGE = dirname(createRequire(import.meta.url).resolve('countersign/package.json'))
const DOCUMENTS = [join(HERE, '..', '..', 'README.md'), join(PACKAGE, 'README.md')]

/** What programs import beside them, and globals of runtimes whose types are not installed. */
const NEIGHBOURS = {
  'keys.ts': `export const keys = { secret: 'a secret of at least thirty-two octets' }\n`,
  'license-manager.ts': `export declare function askLicenseManager(email: string, role: string): Promise<boolean>\n`,
  'orders.ts': `export declare function findOrder(account: string, id: unknown): Promise<{ userId: string } | undefined>\n`,
  'globals.d.ts': `
declare module '*?url' { const url: string; export default url }
type Handler<R> = (request: R) => Promise<Response>
declare const Deno: { serve(options: { port: number }, handler: Handler<Request>): unknown }
declare const Bun: {
  serve(options: { port: number; routes: Record<string, Handler<Request & { params: { id: string } }>> }): unknown
}
`,
}

for (const document of DOCUMENTS) {
  const snippets = snippetsOf(readFileSync(document, 'utf8'))
  const [name = ''] = /(?:countersign\/)?[A-Za-z]+\.md$/.exec(document) ?? []

  test(`every program in ${name} compiles as strict TypeScript`, async () => {
    assert.notEqual(snippets.length, 0)
    // Within this folder, so that the programs find the packages that these tests find.
    const folder = mkdtempSync(join(HERE, 'readme-types-'))
    try {
      mkdirSync(folder, { recursive: true })
      const files = Object.entries(NEIGHBOURS)
      for (const { name, source } of snippets) files.push([name, `${source}\nexport {}\n`])
      assert.equal(new Set(files.map(([file]) => file)).size, files.length, 'names are unique')
      for (const [file, text] of files) writeFileSync(join(folder, file), text)
      const options = { noUncheckedIndexedAccess: true, skipLibCheck: true, esModuleInterop: true, types: ['node'] }
      assert.equal(
        await diagnose(
          folder,
          files.map(([file]) => file),
          options,
        ),
        '',
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}
