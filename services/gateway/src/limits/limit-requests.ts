import { counter } from '@storewright/runtime/metrics'
import { networkOf } from '@storewright/runtime/networks'
import { Problem } from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identify } from '../identity/api-keys.ts'
import { clientAddress } from '../proxy/headers.ts'
import type { Limit, Limiter, RateLimitResult } from './limiter.ts'

type LimitKind = 'address' | 'account' | 'api-key' | 'credentials' | 'webhooks'
export type Limits = Record<LimitKind, Limit>

const MAX_LEASE = 1_000
/** A lease is at most this part of a limit, so that little is lost where several replicas hold leases of one key. */
const LEASES_PER_LIMIT = 40

const refusals = counter('storewright_rate_limited_total', 'Requests refused by a rate limit, by limit', [
  'limit',
])

const leased = (perMinute: number): Limit => ({
  perMinute,
  lease: Math.max(1, Math.min(MAX_LEASE, Math.floor(perMinute / LEASES_PER_LIMIT))),
})

/** With their leases, from requests a minute. */
export const createLimits = (perMinute: Record<LimitKind, number>): Limits => ({
  address: leased(perMinute.address),
  account: leased(perMinute.account),
  'api-key': leased(perMinute['api-key']),
  credentials: { perMinute: perMinute.credentials, lease: 1 },
  webhooks: leased(perMinute.webhooks),
})

const secondsUntil = (resetMs: number) => Math.ceil(resetMs / 1_000)

/** As pairs of name and value. */
export const rateLimitHeaders = ({ limit, remaining, resetMs }: RateLimitResult): string[] => [
  'ratelimit-limit',
  String(limit),
  'ratelimit-remaining',
  String(remaining),
  'ratelimit-reset',
  String(secondsUntil(resetMs)),
]

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Takes credentials: counted one by one, on the stricter limit. */
    credentials?: boolean
    webhooks?: boolean
    /** Tokens and API keys of the request are checked. */
    identifies?: boolean
  }
}

// Requested often by whatever supervises this process.
const UNLIMITED = new Set(['/live', '/ready'])

const claimsIdentity = ({ headers }: FastifyRequest) =>
  headers.authorization !== undefined || headers['x-api-key'] !== undefined

/** Counts a request on one limit. A refused token counts on its address, a refused key as a credential: guessing costs. */
export const limitRequests = ({
  limiter,
  limits: of,
  identify,
}: {
  limiter: Limiter
  limits: Limits
  identify: Identify
}) => {
  const apply = (reply: FastifyReply, kind: LimitKind, result: RateLimitResult) => {
    const pairs = rateLimitHeaders(result)
    for (let at = 0; at < pairs.length; at += 2) void reply.header(pairs[at]!, pairs[at + 1])
    if (result.allowed) return
    refusals.inc({ limit: kind })
    throw new Problem('too-many-requests', 'Slow down.', { retryAfter: secondsUntil(result.resetMs) })
  }

  /** Returns a promise only where the store is queried. */
  const count = (reply: FastifyReply, kind: LimitKind, key: string): Promise<void> | undefined => {
    const result = limiter.consume(`${kind}:${key}`, of[kind])
    if (result instanceof Promise) return result.then((late) => apply(reply, kind, late))
    apply(reply, kind, result)
    return undefined
  }

  const identifyAndCount = async (
    request: FastifyRequest,
    reply: FastifyReply,
    address: string,
    counted: boolean,
  ) => {
    const refuseGuesses = () => {
      const spent = limiter.refusal(`credentials:${address}`, of.credentials)
      if (spent) apply(reply, 'credentials', spent)
    }
    try {
      request.auth = await identify(request, refuseGuesses)
    } catch (error) {
      const guessed = error instanceof Problem && error.status === 401
      const key = request.headers['x-api-key'] !== undefined
      if (!counted && !reply.hasHeader('ratelimit-limit')) {
        await count(reply, guessed && key ? 'credentials' : 'address', address)
      }
      throw error
    }
    if (counted || request.auth === null) return
    if (request.auth.kind === 'api-key') await count(reply, 'api-key', request.auth.sessionId)
    else await count(reply, 'account', request.auth.userId)
  }

  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
    const { url, config } = request.routeOptions
    if (url !== undefined && UNLIMITED.has(url)) return done()
    const address = networkOf(clientAddress(request))
    const claims = config.identifies === true && claimsIdentity(request)
    let counting: Promise<void> | undefined
    try {
      if (config.credentials) {
        counting = count(reply, 'credentials', address)
        if (claims) {
          counting = (counting ?? Promise.resolve()).then(() =>
            identifyAndCount(request, reply, address, true),
          )
        }
      } else {
        counting = claims
          ? identifyAndCount(request, reply, address, false)
          : count(reply, config.webhooks ? 'webhooks' : 'address', address)
      }
    } catch (error) {
      return done(error as Error)
    }
    if (counting) counting.then(() => done(), done)
    else done()
  }
}
