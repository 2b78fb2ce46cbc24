import { IdempotencyKey, Problem } from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'

export const IdempotencyHeaders = Type.Object({ 'idempotency-key': IdempotencyKey })

/** An onRequest hook: without a key, a repeat after a lost answer would do the work twice. */
export const requireIdempotencyKey = (
  request: FastifyRequest,
  _reply: unknown,
  done: (error?: Error) => void,
) => {
  if (request.headers['idempotency-key']) return done()
  done(
    new Problem('idempotency-key-required', 'Send an Idempotency-Key, a new one for each new request.', {
      errors: [{ path: 'idempotency-key', message: 'is required' }],
    }),
  )
}
