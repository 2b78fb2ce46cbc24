import type { Socket } from 'node:net'
import type { Server } from './server-types.ts'

const LOOK_EVERY_MS = 50
/** A connection that was just made may still be about to send its first request. */
const SILENT_FOR_MS = 500

/** Clients keep connections that were busy when it began to close, and open some that they never use. */
export const addGracefulShutdown = (app: Server) => {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.addHook('preClose', (done) => {
    if (app.server.listening) {
      const began = performance.now()
      const looking = setInterval(() => {
        app.server.closeIdleConnections()
        if (performance.now() - began < SILENT_FOR_MS) return
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
      }, LOOK_EVERY_MS)
      app.server.once('close', () => clearInterval(looking))
    }
    done()
  })
}
