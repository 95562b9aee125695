// @ts-check
/**
 * One of many processes that spend uses in one file of Deno KV: a program for Deno.
 *
 * Its arguments are the file, the id and the number of spends. It prints what was left after each, as JSON.
 *
 * @module
 */

import { denoKvStore } from 'countersign/stores/deno-kv'

const { Deno } = /** @type {any} */ (globalThis)
const [file = '', id = '', times = '1'] = Deno.args
const kv = await Deno.openKv(file)
const store = denoKvStore(kv, { timeoutSeconds: 60 })
const expiresAt = Date.now() / 1000 + 600
const left = await Promise.all(Array.from({ length: Number(times) }, () => store.spend(id, 30, expiresAt)))
const seen = await Promise.all(Array.from({ length: 5 }, (_, index) => store.add(`seen ${index}`, expiresAt)))
kv.close()
console.log(JSON.stringify({ left, seen: seen.filter(Boolean).length }))
