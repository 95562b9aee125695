// @ts-check
/**
 * TypeScript's compiler, in a fresh project that installed the package.
 *
 * @module
 */

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const { resolve } = createRequire(import.meta.url)
const tsc = join(
  dirname(resolve('typescript/package.json')),
  JSON.parse(readFileSync(resolve('typescript/package.json'), 'utf8')).bin.tsc,
)

const COMPILER = {
  strict: true,
  exactOptionalPropertyTypes: true,
  target: 'es2022',
  lib: ['es2022', 'dom', 'esnext.disposable'],
  module: 'nodenext',
  noEmit: true,
  types: [],
}

/**
 * What tsc says of a program in a project of its own, with nothing but these packages installed.
 *
 * @param {string} program
 * @param {object} options
 * @param {readonly string[]} packages Besides countersign.
 * @returns {Promise<string>} '' if nothing.
 */
export async function compile(program, options, packages) {
  const project = mkdtempSync(join(tmpdir(), 'countersign-types-'))
  try {
    const modules = join(project, 'node_modules')
    mkdirSync(join(modules, '@types'), { recursive: true })
    const installed = dirname(resolve('countersign/package.json'))
    cpSync(realpathSync(installed), join(modules, 'countersign'), {
      recursive: true,
      filter: (path) => !/[\\/](?:build|src|node_modules)$/.test(path),
    })
    for (const name of packages) symlinkSync(realpathSync(folderOf(name)), join(modules, name))
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(project, 'program.ts'), program)
    const compilerOptions = { ...COMPILER, ...options }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
    return await new Promise((done) => {
      execFile(process.execPath, [tsc, '-p', project], (_error, stdout, stderr) => done(stdout + stderr))
    })
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

/** The folder of a package, which may export no file of its own name. @param {string} name */
function folderOf(name) {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? []
  for (const path of paths) {
    try {
      return realpathSync(join(path, name))
    } catch {}
  }
  throw new Error(`${name} is not installed`)
}
