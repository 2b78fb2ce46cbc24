import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Agent, type Dispatcher } from 'undici'
import { exchange } from './exchange.ts'
import { failureOf, problemOfFailure } from './failure.ts'
import { forwardedHeaders } from './headers.ts'
import type { Upstreams } from './upstreams.ts'

const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

export interface Forwarder {
  /** Passes the request on to one of the replicas and its answer back. */
  forward(request: FastifyRequest, reply: FastifyReply, upstreams: Upstreams): Promise<void>
  close(): Promise<void>
}

const send = async (
  agent: Dispatcher,
  request: FastifyRequest,
  reply: FastifyReply,
  upstreams: Upstreams,
  body: Buffer | Readable | null,
) => {
  const headers = forwardedHeaders(request.raw.headers, {
    requestId: request.id,
    address: request.ip,
    protocol: request.protocol,
  })
  const length = request.raw.headers['content-length']
  if (body !== null && !Buffer.isBuffer(body) && length !== undefined) headers['content-length'] = length
  const method = request.method
  const replayable = body === null || Buffer.isBuffer(body)

  for (let attempt = 1; ; attempt++) {
    const origin = upstreams.next()
    try {
      return await exchange(agent, { origin, path: request.raw.url ?? '/', method, headers, body }, reply)
    } catch (error) {
      const failure = failureOf(error)
      if (failure === 'not-sent') upstreams.setAside(origin)
      const again =
        replayable &&
        (failure === 'not-sent'
          ? attempt < upstreams.origins.length
          : failure === 'broken' && IDEMPOTENT.has(method) && attempt <= upstreams.origins.length)
      if (!again) throw problemOfFailure(error)
    }
  }
}

/** For requests that arrived whole and are answered in one go; another replica is tried where that is safe. */
export const createForwarder = ({ timeoutMs }: { timeoutMs: number }): Forwarder => {
  const agent = new Agent({
    connections: 128,
    pipelining: 1,
    connect: { timeout: 2_000 },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return {
    forward: (request, reply, upstreams) => {
      const body = request.body as Buffer | undefined
      return send(agent, request, reply, upstreams, body && body.length > 0 ? body : null)
    },
    close: () => agent.destroy(),
  }
}

/**
 * For imports, exports and event streams: passed through as they come, for as long as they take. A pool of its
 * own, without a limit: a thousand open streams must not keep others from a connection.
 */
export const createStreamForwarder = (): Forwarder => {
  const agent = new Agent({
    pipelining: 1,
    connect: { timeout: 2_000 },
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    forward: (request, reply, upstreams) =>
      send(agent, request, reply, upstreams, (request.body as Readable | undefined) ?? null),
    close: () => agent.destroy(),
  }
}
