import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Server } from '@storewright/service-kit'
import { cutEventStreams } from '../proxy/event-streams.ts'

/** One may begin until the last request was read. */
const CUT_EVERY_MS = 50

/**
 * Goes away without anybody noticing: first it says that it is not ready, and asks to be left with every answer;
 * after `waitMs` it takes no new connections, and what is on its way is finished. Event streams have no end, so
 * they are cut.
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

  return {
    get draining() {
      return draining
    },
    stop: async () => {
      draining = true
      for (const raw of open) raw.shouldKeepAlive = false
      await pause(waitMs)
      const cutting = setInterval(() => cutEventStreams(open), CUT_EVERY_MS)
      try {
        await server.close()
      } finally {
        clearInterval(cutting)
      }
    },
  }
}
