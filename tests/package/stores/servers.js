// @ts-check
/**
 * Servers that the tests of the stores start on loopback, and a proxy that loses replies.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import pg from 'pg'

/**
 * A program of the machine: the one that `npm test` names in the environment, or else one in these folders.
 *
 * @param {string} variable
 * @param {string} name
 * @param {readonly string[]} folders
 * @returns {string | false}
 */
function program(variable, name, folders) {
  const named = process.env[variable]
  if (named !== undefined && named !== '') return named
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? false
}

/** The folders of Debian's PostgreSQL, the latest first. */
function postgresFolders() {
  const base = '/usr/lib/postgresql'
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map((version) => join(base, version, 'bin'))
}

/** Where Redis is; `false` where it is not installed. */
export const REDIS = program('REDIS', 'redis-server', (process.env.PATH ?? '').split(delimiter))

/** Where PostgreSQL is; `false` where it is not installed. */
export const POSTGRES = program('POSTGRES', 'postgres', postgresFolders())

/**
 * The options of a test that needs a program.
 *
 * @param {string | false} found
 * @param {string} remedy
 */
export const unless = (found, remedy) => (found === false ? { skip: `not installed: ${remedy}` } : {})

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

/** A folder that goes with the tests. @param {string} name */
export function folder(name) {
  const path = mkdtempSync(join(tmpdir(), `countersign-${name}-`))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Whether something listens there. @param {number} port */
async function isOpen(port) {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/**
 * A server that can be killed and started again on its data.
 *
 * @typedef {object} Server
 * @property {number} port
 * @property {() => Promise<void>} kill `kill -9`.
 * @property {() => Promise<void>} start
 * @property {(signal: NodeJS.Signals) => void} signal
 * @property {() => Promise<void>} stop Kills it, and removes its data.
 */

/** A program that ends early leaves no server and no data. @type {Set<() => void>} */
const kills = new Set()
process.on('exit', () => {
  for (const kill of kills) kill()
})

/**
 * @param {number} port
 * @param {() => import('node:child_process').ChildProcess} launch
 * @param {() => void} remove
 * @param {(port: number) => Promise<boolean>} [isReady]
 * @returns {Promise<Server>}
 */
async function serve(port, launch, remove, isReady = isOpen) {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child
  const server = {
    port,
    async start() {
      for (const start = performance.now(); performance.now() - start < 60_000; ) {
        // One that was killed may hold on to its data for a moment: its successor ends, and is started again.
        if (child === undefined || child.exitCode !== null || child.signalCode !== null) child = launch()
        if (await isReady(port)) return
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      throw new Error(`${child?.spawnfile} does not answer`)
    },
    async kill() {
      const { pid } = child ?? {}
      if (child === undefined || pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGCONT')
      child.kill('SIGKILL')
      await ended
    },
    /** @param {NodeJS.Signals} signal */
    signal: (signal) => void child?.kill(signal),
    async stop() {
      await server.kill()
      remove()
    },
  }
  kills.add(() => {
    child?.kill('SIGKILL')
    remove()
  })
  await server.start()
  return server
}

/**
 * Starts Redis.
 *
 * @param {readonly string[]} [settings] Default: every write reaches the disk before its reply.
 */
export async function startRedis(settings = ['--appendonly', 'yes', '--appendfsync', 'always']) {
  const port = await freePort()
  const { path, remove } = folder('redis')
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', path, ...settings]
  return serve(port, () => spawn(String(REDIS), args, { stdio: 'ignore' }), remove)
}

/** PostgreSQL refuses to run as root: then it runs as the user of Debian's package, by number. */
async function postgresUser() {
  if (process.getuid?.() !== 0) return {}
  const id = async (/** @type {string} */ flag) => {
    const child = spawn('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk))
    await once(child, 'close')
    return Number(text)
  }
  return { uid: await id('-u'), gid: await id('-g') }
}

/**
 * Starts PostgreSQL on data that a program makes.
 *
 * @param {string} name Of the program, beside the server's.
 * @param {(data: string) => string[]} args Its arguments.
 */
async function startPostgresOn(name, args) {
  const port = await freePort()
  const { path, remove } = folder('postgres')
  const user = await postgresUser()
  if (user.uid !== undefined && user.gid !== undefined) {
    chownSync(path, user.uid, user.gid)
    chmodSync(path, 0o700)
  }
  const data = join(path, 'data')
  const made = spawn(join(String(POSTGRES), '..', name), args(data), { ...user, cwd: path, stdio: 'ignore' })
  const [code] = await once(made, 'close')
  if (code !== 0) throw new Error(`${name} ended with ${code}`)
  const settings = ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', path, '-c', 'max_connections=60']
  const launch = () => {
    // Left behind by a postmaster that was killed.
    rmSync(join(data, 'postmaster.pid'), { force: true })
    return spawn(String(POSTGRES), settings, { ...user, cwd: path, stdio: 'ignore' })
  }
  return serve(port, launch, remove, answers)
}

/** Starts PostgreSQL, with its own defaults: every commit reaches the disk before its reply. */
export const startPostgres = () =>
  startPostgresOn('initdb', (data) => [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '--no-sync',
    '-E',
    'UTF8',
    '--locale=C',
  ])

/** Starts a standby of PostgreSQL, which follows its primary. @param {number} port The primary's. */
export const startStandby = (port) =>
  startPostgresOn('pg_basebackup', (data) => [
    '-D',
    data,
    '-h',
    '127.0.0.1',
    '-p',
    `${port}`,
    '-U',
    'postgres',
    '-R',
    '-X',
    'stream',
    '-c',
    'fast',
    '--no-sync',
  ])

/** Whether PostgreSQL answers a query there: it listens before it has recovered. @param {number} port */
async function answers(port) {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/**
 * A proxy that lets every command through, and loses every n-th reply: the connection ends in its place.
 *
 * @param {number} port The server's.
 * @param {number} n
 */
export async function startProxy(port, n) {
  let replies = 0
  let lost = 0
  const sockets = new Set()
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket)
          client.destroy()
          server.destroy()
        })
    }
    client.pipe(server)
    server.on('data', (reply) => {
      replies += 1
      if (replies % n !== 0) return void client.write(reply)
      lost += 1
      client.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: /** @type {import('node:net').AddressInfo} */ (proxy.address()).port,
    get lost() {
      return lost
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
