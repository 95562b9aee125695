// @ts-check
/** The same requests get the same answers, whatever the guarded server is built with. */

import { test } from 'node:test'
import { holds } from './http/cases.js'
import { SERVERS } from './http/servers.js'

for (const [name, start] of Object.entries(SERVERS)) {
  test(`a guard answers every request as it must: ${name}`, async () => {
    const server = await start()
    try {
      await holds(server.origin, name)
    } finally {
      await server.close()
    }
  })
}
