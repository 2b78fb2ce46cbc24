import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from '@storewright/runtime/networks'
import { withTimeout } from '@storewright/runtime/timeout'
import type { CheckToken } from '@storewright/service-kit/auth'
import { requestDuration, requestIdOf } from '@storewright/service-kit/http'
import type { Logger } from '@storewright/service-kit/run'
import type { Cors } from '../cors.ts'
import { rateLimitHeaders, type Limits } from '../limits/limit-requests.ts'
import type { Limiter } from '../limits/limiter.ts'
import type { Drain } from '../proxy/drain.ts'
import { addResponseHeaders, clientAddress } from '../proxy/headers.ts'
import { securityHeaders } from '../proxy/security-headers.ts'
import { MAX_AGE_MS, type Cache, type Entry } from './cache.ts'
import {
  cacheControlFor,
  countAnswer,
  hasBody,
  isUnchanged,
  keyOf,
  OF_THE_BODY,
  seesWhatGuestsSee,
  serverTiming,
} from './public-reads.ts'

/** The network that a guest's requests count on. Without proxies it is the socket's, which is kept with it. */
const createNetworkOf = (ipOf: ((request: IncomingMessage) => string) | undefined) => {
  if (ipOf) {
    return (request: IncomingMessage) =>
      networkOf(clientAddress({ ip: ipOf(request), socket: request.socket }))
  }
  const known = new WeakMap<Socket, string>()
  return ({ socket }: IncomingMessage) => {
    const network = known.get(socket) ?? networkOf(socket.remoteAddress ?? '')
    known.set(socket, network)
    return network
  }
}

/** Answers a request from memory before fastify sees it, also with an answer that is under way. It is the next one's
 * where there is none, where a count or a token has to be waited for, and where a request is to be refused. */
export const createMemoryAnswers = ({
  cache,
  limiter,
  limits,
  checkToken,
  ipOf,
  cors,
  drain,
  logger,
}: {
  cache: Cache
  limiter: Limiter
  limits: Limits
  checkToken: CheckToken
  ipOf: ((request: IncomingMessage) => string) | undefined
  cors: Cors
  drain: Drain
  logger: Logger
}) => {
  const networkOfClient = createNetworkOf(ipOf)
  const duration = requestDuration()

  const count = (request: IncomingMessage, authorization: string | undefined) => {
    if (authorization === undefined)
      return limiter.consumeNow(`address:${networkOfClient(request)}`, limits.address)
    const auth = checkToken.known(authorization)
    return auth && seesWhatGuestsSee(auth)
      ? limiter.consumeNow(`account:${auth.userId}`, limits.account)
      : undefined
  }

  const rawHeadersOf = (entry: Entry): string[] =>
    (entry.rawHeaders ??= Object.entries(
      addResponseHeaders(entry.headers, { ...securityHeaders, ...cors.vary }),
    ).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, String(one)])))

  /** False where it is another's to answer: nothing was sent or counted then. */
  const answer = (
    request: IncomingMessage,
    response: ServerResponse,
    { entry, source, began }: { entry: Entry; source: 'hit' | 'shared'; began: number },
  ): boolean => {
    const { method = 'GET', headers } = request
    const counted = count(request, headers.authorization)
    if (!counted) return false

    const requestId = requestIdOf(request)
    const status = isUnchanged(entry, headers['if-none-match']) ? 304 : 200
    const raw = [
      ...rawHeadersOf(entry),
      ...cors.rawHeadersFor(headers.origin),
      'x-request-id',
      requestId,
      ...rateLimitHeaders(counted),
      'cache-control',
      cacheControlFor(headers.authorization),
      'server-timing',
      serverTiming(source, performance.now() - entry.beganAt),
    ]
    if (status === 304) {
      for (const name of OF_THE_BODY) {
        const at = raw.indexOf(name)
        if (at >= 0) raw.splice(at, 2)
      }
      response.writeHead(304, raw).end()
    } else {
      raw.push('content-length', String(entry.body.length))
      response.writeHead(200, raw).end(entry.body)
    }

    countAnswer(source)
    const ms = performance.now() - began
    duration.observe({ method, route: entry.route, status }, ms / 1_000)
    if (logger.isLevelEnabled('debug')) {
      const fields = { requestId, correlationId: requestId, method, route: entry.route, status }
      logger.debug({ ...fields, ms: Math.round(ms * 10) / 10 }, 'request completed')
    }
    return true
  }

  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const began = performance.now()
    const { method, headers } = request
    if ((method !== 'GET' && method !== 'HEAD') || headers['x-api-key'] !== undefined) return next()
    if (drain.draining || hasBody(request)) return next()
    const key = keyOf(request)
    const entry = cache.get(key)
    if (entry) {
      if (!answer(request, response, { entry, source: 'hit', began })) next()
      return
    }
    const running = cache.join(key)
    if (!running) return next()
    void withTimeout(running, MAX_AGE_MS)
      .catch(() => undefined)
      .then((joined) => {
        const isAnswered =
          joined && !drain.draining && answer(request, response, { entry: joined, source: 'shared', began })
        if (!isAnswered) next()
      })
  }
}
