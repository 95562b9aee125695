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
    return await diagnose(project, ['program.ts'], options)
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

/**
 * What tsc says of files in a folder, which gets a `tsconfig.json`.
 *
 * @param {string} folder
 * @param {readonly string[]} files
 * @param {object} options
 * @returns {Promise<string>} '' if nothing.
 */
export async function diagnose(folder, files, options) {
  const compilerOptions = { ...COMPILER, ...options }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  return await new Promise((done) => {
    execFile(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], (_error, stdout, stderr) =>
      done(stdout + stderr),
    )
  })
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
