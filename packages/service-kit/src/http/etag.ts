import { etag } from 'etag'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fresh from 'fresh'
import type { Server } from './server.ts'

/**
 * A version says when a resource was edited, and an answer may show more than that (stock, prices of today): both
 * go into the tag, so that "not changed" is never said of what has. `requireMatch` looks at the version alone.
 */
const tagOf = (payload: string, given: unknown): string => {
  if (typeof given !== 'string') return etag(payload, { weak: true })
  return /^"\d+"$/.test(given) ? `${given.slice(0, -1)}-${etag(payload).slice(1)}` : given
}

const isData = (reply: FastifyReply) => String(reply.getHeader('content-type')).startsWith('application/json')

/** A secret opens these, in the path or behind `?token=`. */
const OPENED_BY_URL = /^\/v1\/(?:carts|orders)\//

/** Whoever may not read it may not be given a copy that somebody else's request left on the way. */
const isPersonal = ({ headers, url }: FastifyRequest) =>
  headers.authorization !== undefined || headers['x-order-token'] !== undefined || OPENED_BY_URL.test(url)

/** Gives what is read a tag, and answers 304 to who has it already (RFC 9110, 13.1.2). */
export const addConditionalReads = (app: Server) => {
  app.addHook('onSend', (request, reply, payload, done) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || reply.statusCode !== 200 || typeof payload !== 'string' || !isData(reply)) {
      done(null, payload)
      return
    }
    const tag = tagOf(payload, reply.getHeader('etag'))
    void reply.header('etag', tag)
    // To be asked about before each use; without it a cache may guess for how long it is good.
    if (!reply.hasHeader('cache-control')) {
      void reply.header('cache-control', isPersonal(request) ? 'private, no-cache' : 'no-cache')
    }
    // Its other headers do not count: `fetch` says "no-cache" beside every tag, and asking us is what that demands.
    const known = request.headers['if-none-match']
    if (known === undefined || !fresh({ 'if-none-match': known }, { etag: tag })) {
      done(null, payload)
      return
    }
    void reply.code(304).removeHeader('content-type')
    // Null and not empty: a length of 0 would be taken for that of what the client has (RFC 9110, 8.6).
    done(null, null)
  })
}
