import type { Auth } from '@storewright/service-kit/auth'
import { Problem } from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressName, clientAddress } from './address.ts'
import type { Limit, Limiter, Standing } from './limiter.ts'
import { refusals } from './metrics.ts'

/** What a request is counted on. */
type Counted = 'address' | 'account' | 'api-key' | 'credentials'
/** How many of each a minute. */
export type RequestLimits = Record<Counted, number>

/** The largest lease: one question in so many requests of somebody busy. */
const MOST_LEASED = 100
/** And never more than this part of a limit, so that little is lost where several replicas hold leases of one name. */
const LEASED_PART = 40

const leased = (perMinute: number): Limit => ({
  perMinute,
  lease: Math.max(1, Math.min(MOST_LEASED, Math.floor(perMinute / LEASED_PART))),
})

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Credentials are given here: counted one by one, on the stricter limit. */
    credentials?: boolean
    /** Whoever asks may say who they are. */
    identifies?: boolean
  }
}

/** Who asks, by token or key; null for guests. Rejects with the Problem to answer. */
export type Identify = (request: FastifyRequest, unknownKey: () => void) => Promise<Auth | null>

/** Asked by whoever supervises this process, often, and from one address. */
const UNLIMITED = new Set(['/live', '/ready'])

const claimsIdentity = ({ headers }: FastifyRequest) =>
  headers.authorization !== undefined || headers['x-api-key'] !== undefined

/**
 * An onRequest hook that counts each request on one limit: credentials by address, people by account, machines by
 * key, guests by address. An office behind one address thus shares a limit only where nobody says who they are.
 * A refused token counts on its address, a refused key as a credential: guessing is never free.
 */
export const limitRequests = ({
  limiter,
  limits,
  identify,
}: {
  limiter: Limiter
  limits: RequestLimits
  identify: Identify
}) => {
  const of: Record<Counted, Limit> = {
    address: leased(limits.address),
    account: leased(limits.account),
    'api-key': leased(limits['api-key']),
    credentials: { perMinute: limits.credentials, lease: 1 },
  }

  const settle = (
    reply: FastifyReply,
    counted: Counted,
    { allowed, limit, remaining, resetMs }: Standing,
  ) => {
    const seconds = Math.ceil(resetMs / 1_000)
    void reply.headers({
      'ratelimit-limit': String(limit),
      'ratelimit-remaining': String(remaining),
      'ratelimit-reset': String(seconds),
    })
    if (allowed) return
    refusals.inc({ limit: counted })
    throw new Problem('too-many-requests', 'Slow down.', { retryAfter: seconds })
  }

  /** Answers a promise only where the store had to be asked. */
  const count = (reply: FastifyReply, counted: Counted, whose: string): Promise<void> | undefined => {
    const standing = limiter.take(`${counted}:${whose}`, of[counted])
    if (standing instanceof Promise) return standing.then((settled) => settle(reply, counted, settled))
    settle(reply, counted, standing)
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
      if (spent) settle(reply, 'credentials', spent)
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
    const address = addressName(clientAddress(request))
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
          : count(reply, 'address', address)
      }
    } catch (error) {
      return done(error as Error)
    }
    if (counting) counting.then(() => done(), done)
    else done()
  }
}
