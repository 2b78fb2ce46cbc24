import type { IncomingMessage } from 'node:http'
import { counter } from '@storewright/runtime/metrics'
import { withTimeout } from '@storewright/runtime/timeout'
import type { Auth } from '@storewright/service-kit/auth'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fresh from 'fresh'
import type { Drain } from '../proxy/drain.ts'
import { addResponseHeaders, type Headers, type ReceivedHeaders } from '../proxy/headers.ts'
import type { Collect, Collected } from '../proxy/proxy-request.ts'
import type { AnswerRead } from '../proxy/proxy-routes.ts'
import { MAX_AGE_MS, type Answer, type Cache, type Entry, type Fill } from './cache.ts'

const ONE = '(?:/[^/]+)'
const PATHS = new RegExp(
  `^/v1/(?:shop|categories${ONE}?|products${ONE}?|stock${ONE}?|variants${ONE}/price-history)$`,
)

const hits = counter('storewright_cache_hits_total', 'Public reads answered from memory')
const misses = counter('storewright_cache_misses_total', 'Public reads that a service answered')
const shared = counter(
  'storewright_cache_shared_total',
  'Public reads answered with the answer to one that was under way',
)

/** All that the answer may depend on, and as it was sent: nothing that a service could distinguish is normalised. */
export const keyOf = ({ url, headers }: IncomingMessage): string =>
  `${url ?? ''}\n${String(headers['accept-encoding'] ?? '')}`

/** A token without permissions shows nothing that a guest does not see. */
export const seesWhatGuestsSee = (auth: Auth | null): boolean =>
  auth === null || (auth.kind === 'user' && auth.permissions.length === 0)

export const cacheControlFor = (authorization: string | undefined): string =>
  authorization === undefined ? 'no-cache' : 'private, no-cache'

/** What a 304 leaves out. */
export const OF_THE_BODY = ['content-type', 'content-encoding']

const NOT_KEPT = new Set(['cache-control', 'content-length', 'date', 'server-timing', 'x-request-id'])
const KEPT_AS = new Set([undefined, cacheControlFor(undefined), cacheControlFor('')])

/** Only what the service marked with a Surrogate-Key, so that no answer is kept by mistake. */
const isKept = (status: number, headers: ReceivedHeaders, maxBytes: number): boolean =>
  status === 200 &&
  typeof headers['surrogate-key'] === 'string' &&
  headers['set-cookie'] === undefined &&
  KEPT_AS.has(headers['cache-control'] as string | undefined) &&
  Number(headers['content-length'] ?? 0) <= maxBytes

const toAnswer = ({ headers, body }: Collected, route: string): Answer => {
  const kept = addResponseHeaders(headers, {}) as Headers
  return {
    route,
    headers: Object.fromEntries(Object.entries(kept).filter(([name]) => !NOT_KEPT.has(name))),
    body,
    subjects: String(headers['surrogate-key']).split(' '),
  }
}

export const isUnchanged = ({ headers: { etag } }: Entry, known: string | undefined): boolean =>
  known !== undefined && typeof etag === 'string' && fresh({ 'if-none-match': known }, { etag })

/** What browsers show of the answer: where it came from and, from memory, its age in milliseconds. */
export const serverTiming = (source: 'hit' | 'miss' | 'shared', ageMs: number): string =>
  source === 'miss' ? 'cache;desc=miss' : `cache;desc=${source}, age;dur=${Math.round(ageMs)}`

export const hasBody = ({ headers }: IncomingMessage) =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

const isPublicRead = ({ raw, auth }: FastifyRequest): boolean =>
  (raw.method === 'GET' || raw.method === 'HEAD') &&
  !hasBody(raw) &&
  PATHS.test((raw.url ?? '').split('?', 1)[0]!) &&
  raw.headers['x-api-key'] === undefined &&
  seesWhatGuestsSee(auth)

/** The reads of those paths that every guest sees alike; misses, and hits that had to wait for a count or a token. */
export const createPublicReads = ({ cache, drain }: { cache: Cache; drain: Drain }): AnswerRead => {
  const collectFor = (fill: Fill): Collect => ({
    accepts: (status, headers) => isKept(status, headers, cache.maxBody),
    maxBytes: cache.maxBody,
    onPassedOn: fill.end,
  })

  /** What is kept or under way; otherwise the caller is to fill it. Looks twice, so that of those who waited for
   * nothing one asks the service, and does not wait for long: the service may be frozen. */
  const find = async (key: string): Promise<{ entry: Entry; source: 'hit' | 'shared' } | Fill> => {
    for (let attempt = 1; ; attempt += 1) {
      const known = cache.get(key)
      if (known) return { entry: known, source: 'hit' }
      const running = attempt <= 2 ? cache.join(key) : undefined
      if (!running) return cache.begin(key)
      const entry = await withTimeout(running, MAX_AGE_MS).catch(() => null)
      if (entry) return { entry, source: 'shared' }
      if (entry === null) return cache.begin(key)
    }
  }

  const send = (
    { raw: request }: FastifyRequest,
    reply: FastifyReply,
    entry: Entry,
    source: Parameters<typeof serverTiming>[0],
  ) => {
    const { 'if-none-match': known, authorization } = request.headers
    const headers = addResponseHeaders(entry.headers, reply.getHeaders())
    headers['cache-control'] = cacheControlFor(authorization)
    headers['server-timing'] = serverTiming(source, performance.now() - entry.beganAt)
    if (drain.draining) headers['connection'] = 'close'
    reply.hijack()
    if (isUnchanged(entry, known)) {
      for (const name of OF_THE_BODY) delete headers[name]
      reply.raw.writeHead(304, headers).end()
    } else {
      headers['content-length'] = entry.body.length
      reply.raw.writeHead(200, headers).end(entry.body)
    }
  }

  return async (request, reply, forward) => {
    if (!isPublicRead(request)) return forward()
    const key = keyOf(request.raw)
    if (request.raw.method === 'HEAD') {
      const known = cache.get(key)
      if (!known) return forward()
      hits.inc()
      return send(request, reply, known, 'hit')
    }
    const found = await find(key)
    if ('entry' in found) {
      countAnswer(found.source)
      return send(request, reply, found.entry, found.source)
    }
    misses.inc()
    const fill = found
    try {
      const collected = await forward(collectFor(fill))
      if (!collected) return undefined
      const entry = fill.keep(toAnswer(collected, request.routeOptions.url ?? 'none'))
      return send(request, reply, entry, 'miss')
    } finally {
      fill.end()
    }
  }
}

export const countAnswer = (source: 'hit' | 'shared') => (source === 'hit' ? hits : shared).inc()
