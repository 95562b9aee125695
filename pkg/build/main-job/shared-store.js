// @ts-check
/**
 * The counter that two processes of the main job share: in Redis where one is on the PATH, else in a SQLite file.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

import { redisStore } from 'countersign/stores/redis'
import { sqliteStore } from 'countersign/stores/sqlite'

/** @typedef {{ kind: 'redis', port: number } | { kind: 'sqlite', file: string }} Shared */

/**
 * The store at `shared`, connected.
 *
 * @param {Shared} shared
 * @returns {Promise<{ store: import('countersign').UseCounter, close: () => unknown }>}
 */
export async function sharedStore(shared) {
  if (shared.kind === 'redis') {
    const { createClient } = await import('redis')
    const client = createClient({ socket: { host: '127.0.0.1', port: shared.port } })
    client.on('error', () => {})
    await client.connect()
    return { store: redisStore(client), close: () => client.destroy() }
  }
  const { DatabaseSync } = await sqlite()
  const database = new DatabaseSync(shared.file)
  return { store: sqliteStore(database), close: () => database.close() }
}

/** The types of Node 20 do not know it. @returns {Promise<any>} */
function sqlite() {
  const name = 'node:sqlite'
  return import(name)
}

/**
 * Starts what two processes can share; nothing where the machine has neither.
 *
 * @returns {Promise<{ name: string, shared: Shared, stop: () => Promise<void> } | undefined>}
 */
export async function startShared() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-uses-'))
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  const server = (process.env.PATH ?? '')
    .split(delimiter)
    .map((path) => join(path, 'redis-server'))
    .find(existsSync)
  if (server !== undefined) {
    const port = await freePort()
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes']
    const child = spawn(server, [...args, '--appendfsync', 'always'], { stdio: 'ignore' })
    const stop = async () => {
      const ended = once(child, 'exit')
      if (child.kill()) await ended
      remove()
    }
    return { name: 'Redis', shared: { kind: 'redis', port }, stop }
  }
  const hasSqlite = await sqlite().then(
    () => true,
    () => false,
  )
  if (hasSqlite) {
    const file = join(folder, 'uses.db')
    return { name: 'a SQLite file', shared: { kind: 'sqlite', file }, stop: async () => remove() }
  }
  remove()
  return undefined
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}
