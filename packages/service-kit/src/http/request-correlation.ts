import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { newId } from '@storewright/database'
import { runWithCorrelation, type Correlation } from '@storewright/messaging/correlation'
import type { FastifyRequest } from 'fastify'
import type { Server } from './server-types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    correlation: Correlation
  }
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

const newTraceparent = () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`

const correlationOf = (request: FastifyRequest): Correlation => {
  const { traceparent } = request.headers
  let trace = typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? traceparent : undefined
  return {
    correlationId: request.id,
    causationId: request.id,
    // Made when an event asks for it: randomness is expensive, and most requests emit nothing.
    get traceparent() {
      return (trace ??= newTraceparent())
    },
  }
}

export const requestIdOf = (raw: IncomingMessage): string => {
  const given = raw.headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId()
}

export const addCorrelation = (app: Server) => {
  app.decorateRequest('correlation')
  app.addHook('onRequest', (request, reply, done) => {
    request.correlation = correlationOf(request)
    void reply.header('x-request-id', request.id)
    runWithCorrelation(request.correlation, done)
  })
  // Reading the body continues in the socket's context, so the request's own is entered once more.
  app.addHook('preValidation', (request, _reply, done) => {
    runWithCorrelation(request.correlation, done)
  })
}
