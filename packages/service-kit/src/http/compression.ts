import compress, { type FastifyCompressOptions } from '@fastify/compress'
import type { Server } from './server-types.ts'

const OPTIONS = {
  /** Bytes; below this a packet or two go out either way. */
  threshold: 8_192,
  encodings: ['gzip'],
  globalDecompression: false,
} satisfies FastifyCompressOptions

/** Exports and events go out as they come, and as soon. */
export const addCompression = (app: Server) => {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!String(reply.getHeader('content-type')).startsWith('application/json')) {
      delete request.headers['accept-encoding']
    }
    done(null, payload)
  })
  // Called instead of registered: a registered plugin loads later and would miss routes that are added right away.
  compress(app, OPTIONS, () => undefined)
}
