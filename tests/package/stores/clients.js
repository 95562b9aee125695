// @ts-check
/**
 * The clients that the stores are tested with, each connected to a server on loopback.
 *
 * @module
 */

import { postgresStore } from 'countersign/stores/postgres'
import { redisStore } from 'countersign/stores/redis'
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import pg from 'pg'
import postgres from 'postgres'
import { createClient } from 'redis'

/** @typedef {import('countersign').UseCounter & import('countersign').SeenStore} Store */

/** @typedef {{ store: Store, end: () => unknown }} Connected */

/** @type {Record<string, (port: number, options?: {}) => Promise<Connected>>} */
export const CLIENTS = {
  async redis(port, options = {}) {
    const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: 20 } })
    // Without a listener, a lost connection would end the process.
    client.on('error', () => {})
    await client.connect()
    return { store: redisStore(client, options), end: () => client.destroy() }
  },
  async ioredis(port, options = {}) {
    const client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 20 })
    client.on('error', () => {})
    return { store: redisStore(client, options), end: () => client.disconnect() }
  },
  async iovalkey(port, options = {}) {
    const client = new Valkey({ host: '127.0.0.1', port, retryStrategy: () => 20 })
    client.on('error', () => {})
    return { store: redisStore(client, options), end: () => client.disconnect() }
  },
  async function(port, options = {}) {
    const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: 20 } })
    client.on('error', () => {})
    await client.connect()
    const send = (/** @type {readonly string[]} */ command) => client.sendCommand([...command])
    return { store: redisStore(send, options), end: () => client.destroy() }
  },
  async pg(port, options = {}) {
    const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 4 })
    pool.on('error', () => {})
    return { store: postgresStore(pool, options), end: () => pool.end() }
  },
  async postgres(port, settings = {}) {
    // Its own first query, for types, is a rejection that nothing handles when the connection ends.
    const options = { fetch_types: false, max: 4, backoff: () => 0.02, onnotice: () => {} }
    const sql = postgres({ ...options, host: '127.0.0.1', port, user: 'postgres' })
    return { store: postgresStore(sql, settings), end: () => sql.end({ timeout: 1 }) }
  },
}
