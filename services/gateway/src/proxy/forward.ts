import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Agent, type Dispatcher } from 'undici'
import { failureOf, Problem, toFailureProblem } from '../problems.ts'
import type { Drain } from './drain.ts'
import { clientAddress, forwardedHeaders, publicReadHeaders } from './headers.ts'
import { proxyRequest, type Collect, type Collected } from './proxy-request.ts'
import type { Upstreams } from './upstreams.ts'

const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

export interface ForwardOptions {
  /** Where the route has its own. */
  timeoutMs?: number | undefined
  /** For public reads: what it accepts is returned and not sent. */
  collect?: Collect | undefined
}

export interface Forwarder {
  /** Passes the request on to one of the replicas and its response back. */
  forward(
    request: FastifyRequest,
    reply: FastifyReply,
    upstreams: Upstreams,
    options?: ForwardOptions,
  ): Promise<Collected | undefined>
  close(): Promise<void>
}

interface Sending {
  agent: Dispatcher
  drain: Drain
  body: Buffer | Readable | null
  timeoutMs: number
  collect?: Collect | undefined
}

const refuseWhileOpen = ({ breaker }: Upstreams) => {
  const wait = breaker.waitMs()
  if (wait > 0) throw new Problem('unavailable', 'Try again in a moment.', { retryAfter: wait / 1_000 })
}

const send = async (
  { agent, drain, body, timeoutMs, collect }: Sending,
  request: FastifyRequest,
  reply: FastifyReply,
  upstreams: Upstreams,
) => {
  refuseWhileOpen(upstreams)
  const ours = { requestId: request.id, address: clientAddress(request), protocol: request.protocol }
  const headers = (collect ? publicReadHeaders : forwardedHeaders)(request.raw.headers, ours)
  const length = request.raw.headers['content-length']
  if (body !== null && !Buffer.isBuffer(body) && length !== undefined) headers['content-length'] = length
  const method = request.method
  const replayable = body === null || Buffer.isBuffer(body)

  const path = request.raw.url ?? '/'
  const report = upstreams.breaker.enter()

  for (let attempt = 1; ; attempt++) {
    const origin = upstreams.next()
    try {
      return await proxyRequest(
        agent,
        { origin, path, method, headers, body, headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
        reply,
        { report, drain, collect },
      )
    } catch (error) {
      const failure = failureOf(error)
      if (failure === 'not-sent') upstreams.markUnhealthy(origin)
      const again =
        replayable &&
        (failure === 'not-sent'
          ? attempt < upstreams.origins.length
          : failure === 'broken' && IDEMPOTENT.has(method) && attempt <= upstreams.origins.length)
      if (again) continue
      const problem = toFailureProblem(error)
      report(problem.status >= 500 ? 'failed' : 'unknown')
      throw problem
    }
  }
}

/** For requests that are read whole; another replica is tried where that is safe. */
export const createForwarder = ({ timeoutMs, drain }: { timeoutMs: number; drain: Drain }): Forwarder => {
  const agent = new Agent({
    connections: 128,
    pipelining: 1,
    connect: { timeout: 2_000 },
  })
  return {
    forward: (request, reply, upstreams, { timeoutMs: ownTimeoutMs = timeoutMs, collect } = {}) => {
      const read = request.body as Buffer | undefined
      const body = read && read.length > 0 ? read : null
      return send({ agent, drain, body, timeoutMs: ownTimeoutMs, collect }, request, reply, upstreams)
    },
    close: () => agent.destroy(),
  }
}

/** For imports, exports and event streams: no time-out, and a pool without a limit, so that streams block nothing. */
export const createStreamForwarder = ({ drain }: { drain: Drain }): Forwarder => {
  const agent = new Agent({
    pipelining: 1,
    connect: { timeout: 2_000 },
  })
  return {
    forward: (request, reply, upstreams) => {
      const body = (request.body as Readable | undefined) ?? null
      return send({ agent, drain, body, timeoutMs: 0 }, request, reply, upstreams)
    },
    close: () => agent.destroy(),
  }
}
