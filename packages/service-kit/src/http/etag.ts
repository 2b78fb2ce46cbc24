import { etag } from 'etag'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fresh from 'fresh'
import type { Server } from './server-types.ts'

/** Beside a version alone the body counts too, since it may show stock or today's prices; what has a revision, or
 * another tag, is taken as it is. */
const tagOf = (payload: string, given: unknown): string => {
  if (typeof given !== 'string') return etag(payload, { weak: true })
  return /^"\d+"$/.test(given) ? `${given.slice(0, -1)}-${etag(payload).slice(1)}` : given
}

const isData = (reply: FastifyReply) => String(reply.getHeader('content-type')).startsWith('application/json')

/** RFC 9110, 13.1.2. */
export const addEtags = (app: Server, privatePaths: readonly string[] = []) => {
  const isPrivate = ({ headers, url }: FastifyRequest) =>
    headers.authorization !== undefined || privatePaths.some((path) => url.startsWith(path))

  app.addHook('onSend', (request, reply, payload, done) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const isAnswer = reply.statusCode === 200 && typeof payload === 'string' && isData(reply)
    // Without a word browsers keep a permanent redirect for ever.
    const isKept = isRead && (isAnswer || reply.statusCode === 308)
    if (isKept && !reply.hasHeader('cache-control')) {
      void reply.header('cache-control', isPrivate(request) ? 'private, no-cache' : 'no-cache')
    }
    if (!isRead || !isAnswer) {
      done(null, payload)
      return
    }
    const tag = tagOf(payload, reply.getHeader('etag'))
    void reply.header('etag', tag)
    // `fetch` sends "no-cache" with every tag, which this comparison satisfies.
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

/** Lets the gateway keep an answer that every guest gets alike, until an event is about one of these subjects or for
 * a second. With permissions a caller may have been shown more: such an answer is not marked. */
export const setSurrogateKey = (
  { auth }: FastifyRequest,
  reply: FastifyReply,
  subjects: readonly string[],
) => {
  if (auth === null || auth.permissions.length === 0) void reply.header('surrogate-key', subjects.join(' '))
}
