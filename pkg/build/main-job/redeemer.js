// @ts-check
/**
 * One of two processes that redeem the same token: a child of the main job, which tells it when.
 *
 * @module
 */

import { profiles, Verifier } from 'countersign'

import { sharedStore } from './shared-store.js'

/**
 * @typedef {object} Start
 * @property {import('./shared-store.js').Shared} store
 * @property {import('countersign').JuspayOptions} options
 * @property {string} secret In base64.
 * @property {string} token
 * @property {string} id The order's.
 */

const start = /** @type {Start} */ (JSON.parse(process.argv[2] ?? ''))
const { store, close } = await sharedStore(start.store)
const verifier = new Verifier({
  profile: profiles.juspay(start.options),
  keys: { secret: Buffer.from(start.secret, 'base64'), kid: 'backend' },
  uses: store,
})

process.on('message', async () => {
  try {
    const { uses } = await verifier.redeem(start.token, { bind: { order_id: start.id } })
    process.send?.({ left: uses?.left })
  } catch (error) {
    process.send?.({ code: /** @type {{ code?: string }} */ (error).code ?? String(error) })
  }
})
process.on('disconnect', () => void close())
process.send?.({ isReady: true })
