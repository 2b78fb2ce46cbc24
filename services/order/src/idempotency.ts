import { IdempotencyKey } from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Problem } from './problems.ts'

export const IdempotencyHeader = { 'idempotency-key': IdempotencyKey }
export const OptionalIdempotencyHeader = { 'idempotency-key': Type.Optional(IdempotencyKey) }

/** An onRequest hook: without a key, a repeat after a lost answer would do the work twice. */
export const requireIdempotencyKey = (
  request: FastifyRequest,
  _reply: FastifyReply,
  done: (error?: Error) => void,
) => {
  if (request.headers['idempotency-key']) return done()
  done(
    new Problem('idempotency-key-required', 'Send an Idempotency-Key, a new one for each new request.', {
      errors: [{ path: 'idempotency-key', message: 'is required' }],
    }),
  )
}

/** Puts a kept outcome's status on the answer, and says so where it is a repeat. */
export const answerOutcome = (
  reply: FastifyReply,
  { status, replayed }: { status: number; replayed: boolean },
) => {
  if (replayed) void reply.header('idempotency-replayed', 'true')
  void reply.code(status)
}
