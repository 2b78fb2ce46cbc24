import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from '@storewright/runtime/networks'
import type { CheckToken } from '@storewright/service-kit/auth'
import { requestDuration, requestIdOf } from '@storewright/service-kit/http'
import type { Logger } from '@storewright/service-kit/run'
import type { Cors } from '../cors.ts'
import { rateLimitHeaders, type Limits } from '../limits/limit-requests.ts'
import type { Limiter } from '../limits/limiter.ts'
import type { Drain } from '../proxy/drain.ts'
import { addResponseHeaders, clientAddress } from '../proxy/headers.ts'
import { securityHeaders } from '../proxy/security-headers.ts'
import type { Cache, Entry } from './cache.ts'
import {
  cacheControlFor,
  countHit,
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

/**
 * Answers a request from memory before fastify sees it, or returns false: where nothing is kept, where a count or a token
 * has to be waited for, and where a request is to be refused.
 */
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

  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const began = performance.now()
    const { method, headers } = request
    if ((method !== 'GET' && method !== 'HEAD') || drain.draining) return false
    const entry = cache.get(keyOf(request))
    if (!entry || headers['x-api-key'] !== undefined || hasBody(request)) return false
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
      serverTiming('hit', began - entry.beganAt),
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

    countHit()
    const ms = performance.now() - began
    duration.observe({ method, route: entry.route, status }, ms / 1_000)
    if (logger.isLevelEnabled('debug')) {
      const fields = { requestId, correlationId: requestId, method, route: entry.route, status }
      logger.debug({ ...fields, ms: Math.round(ms * 10) / 10 }, 'request completed')
    }
    return true
  }
}
