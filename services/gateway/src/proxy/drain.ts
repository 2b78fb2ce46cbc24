import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Server } from '@storewright/service-kit/http'

// A stream may begin until the last request was read.
const CUT_EVERY_MS = 50

export interface Drain {
  readonly draining: boolean
  /** Event streams do not end by themselves; they are cut. */
  watchEventStream(raw: ServerResponse): void
  stop(): Promise<void>
}

/** Stops without a failed request: not ready but still serving for `waitMs`, then finishing what is under way. */
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
