import compress, { type FastifyCompressOptions } from '@fastify/compress'
import type { Server } from './server-types.ts'

const OPTIONS = {
  /** Bytes; below this a packet or two go out either way. */
  threshold: 8_192,
  encodings: ['gzip'],
  // Bodies are read as they are, so that none unfolds in here.
  globalDecompression: false,
} satisfies FastifyCompressOptions

/** Packs long JSON for those who take it so. Exports and events go out as they come, and as soon. */
export const addCompression = (app: Server) => {
  app.addHook('onSend', (request, reply, payload, done) => {
    // The library would compress every type on its list, event streams among them.
    if (!String(reply.getHeader('content-type')).startsWith('application/json')) {
      delete request.headers['accept-encoding']
    }
    done(null, payload)
  })
  // Called instead of registered: a registered plugin loads later and would miss routes that are added right away.
  compress(app, OPTIONS, () => undefined)
}
