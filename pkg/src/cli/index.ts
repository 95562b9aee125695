#!/usr/bin/env node
/**
 * The command `countersign` and its subcommands.
 *
 * @module
 */

import { sandbox } from './sandbox.js'

const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<number>>> = { sandbox }

const USAGE = `Usage: countersign <command> [options]

Commands:
  sandbox   Imitate the token issuers of publiq, VTEX, Juspay and Cashfree on loopback

countersign <command> --help shows a command's options.
`

async function run([name = '', ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined) return await command(args)
  const asked = name === '--help' || name === '-h'
  const stream = asked ? process.stdout : process.stderr
  stream.write(USAGE)
  return asked ? 0 : 2
}

void run(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode
})
