import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Server } from '@storewright/service-kit/http'

/** One may begin until the last request was read. */
const CUT_EVERY_MS = 50

export interface Drain {
  /** From here on every answer asks the client to go elsewhere. */
  readonly draining: boolean
  /** Event streams have no end of their own; they are cut. */
  watchEventStream(raw: ServerResponse): void
  stop(): Promise<void>
}

/**
 * Goes away without anybody noticing: first it says that it is not ready, and asks to be left with every answer;
 * after `waitMs` it takes no new connections, and what is on its way is finished.
 */
export const addDrain = (server: Server, { waitMs }: { waitMs: number }): Drain => {
  const streams = new Set<ServerResponse>()
  let draining = false

  server.addHook('onRequest', (_request, { raw }, done) => {
    if (draining) raw.shouldKeepAlive = false
    done()
  })

  return {
    get draining() {
      return draining
    },
    watchEventStream: (raw) => {
      streams.add(raw)
      raw.once('close', () => streams.delete(raw))
    },
    stop: async () => {
      draining = true
      await pause(waitMs)
      const cutting = setInterval(() => {
        for (const raw of streams) raw.destroy()
      }, CUT_EVERY_MS)
      try {
        await server.close()
      } finally {
        clearInterval(cutting)
      }
    },
  }
}
