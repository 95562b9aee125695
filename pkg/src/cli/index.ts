#!/usr/bin/env node
/**
 * The command `countersign`: finds the subcommand, runs it and ends with its exit code.
 *
 * @module
 */

import { readFileSync } from 'node:fs'

import { closest } from './arguments.js'
import { countersign } from './countersign.js'
import { escaped } from './escape.js'
import type { ExitCode } from './exit.js'
import { EXIT, UsageError } from './exit.js'
import { explain } from './explain.js'
import { inspect } from './inspect.js'
import { keys } from './keys.js'
import { sandbox } from './sandbox.js'
import type { Output } from './terminal.js'
import { output, paragraph } from './terminal.js'
import { verify } from './verify.js'

/** A subcommand. It writes results to `out` and everything else to `err`. */
type Command = (args: readonly string[], out: Output, err: Output) => Promise<ExitCode>

const COMMANDS: Readonly<Record<string, Command>> = { inspect, verify, keys, explain, countersign, sandbox }

const USAGE = `Usage: countersign COMMAND [options]

Commands:
  inspect      Show what a token says, without verifying it
  verify       Verify a token against a policy and keys
  keys         List the keys of an issuer, each usable or why not
  explain      Explain a refusal: what failed, why, and what to change
  countersign  Make the receipt of an opaque token
  sandbox      Imitate token issuers on loopback, for development

countersign COMMAND --help shows the options; countersign --version the version.
Exit: 0 accepted, 1 refused, 2 wrong call, 3 undecidable.
`

async function run([name = '', ...args]: readonly string[], out: Output, err: Output): Promise<ExitCode> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    if (name === '--help' || name === '-h' || name === 'help') {
      await out.write(USAGE)
      return EXIT.accepted
    }
    if (name === '--version' || name === '-V') {
      await out.write(`${version()}\n`)
      return EXIT.accepted
    }
    if (name === '') {
      await err.write(USAGE)
      return EXIT.wrongCall
    }
    await err.write(unknownCommand(name, err))
    return EXIT.wrongCall
  }
  try {
    return await command(args, out, err)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    // What of a message is not this program's own is escaped where the message is made; escaping again changes nothing.
    await err.write(`${paragraph(`countersign ${name}: ${error.message}`, err)}`)
    await err.write(`countersign ${name} --help shows the options.\n`)
    return EXIT.wrongCall
  }
}

/** The version in the manifest of the package. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String((manifest as { version: unknown }).version)
}

/** What was given is not repeated unless it is a word: it may be a token. */
function unknownCommand(name: string, err: Output): string {
  const meant = closest(name, Object.keys(COMMANDS))
  const word = /^[a-z-]{1,24}$/i.test(name) ? ` “${escaped(name)}”` : ''
  const hint = meant === undefined ? `: one of ${Object.keys(COMMANDS).join(', ')}` : `, did you mean ${meant}?`
  return `${paragraph(`countersign: unknown command${word}${hint}`, err)}countersign --help shows the commands.\n`
}

const out = output(process.stdout)
const err = output(process.stderr)
const exitCode = await run(process.argv.slice(2), out, err).catch(async (error: unknown) => {
  // A defect. Its stack names files and lines, and none of the input.
  await err.write(
    `countersign: internal error, no verdict: ${escaped(error instanceof Error ? error.name : typeof error)}\n`,
  )
  return EXIT.undecidable
})
process.exitCode = exitCode
// What is still waiting for an answer (a fetch that was given up) must not keep the process.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))
