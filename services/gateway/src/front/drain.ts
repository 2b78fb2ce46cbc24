import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Server } from '@storewright/service-kit'

/** Connections that became idle in the meantime are looked for this often. */
const LOOK_EVERY_MS = 50

/**
 * Goes away without anybody noticing: first it says that it is not ready, and asks to be left with every answer;
 * after `DRAIN_MS` it takes no new connections, and what is on its way is finished. Event streams have no end, so
 * they are cut and come back elsewhere.
 */
export const addDrain = (server: Server, { waitMs }: { waitMs: number }) => {
  const open = new Set<ServerResponse>()
  let draining = false

  server.addHook('onRequest', (_request, { raw }, done) => {
    if (draining) raw.shouldKeepAlive = false
    open.add(raw)
    raw.once('close', () => open.delete(raw))
    done()
  })

  const cutEventStreams = () => {
    for (const raw of open) {
      if (raw.headersSent && String(raw.getHeader('content-type')).startsWith('text/event-stream'))
        raw.destroy()
    }
  }

  return {
    get draining() {
      return draining
    },
    stop: async () => {
      draining = true
      for (const raw of open) raw.shouldKeepAlive = false
      await pause(waitMs)
      const looking = setInterval(() => {
        cutEventStreams()
        server.server.closeIdleConnections()
      }, LOOK_EVERY_MS)
      try {
        await server.close()
      } finally {
        clearInterval(looking)
      }
    },
  }
}
