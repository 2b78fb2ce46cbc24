import { idempotent, inTransaction, type Db, type Trx } from '@storewright/database'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Problem } from './problem.ts'

export const IdempotencyKey = Type.String({
  minLength: 1,
  maxLength: 255,
  description:
    'new for each new request; the same key and body again return the first outcome and do nothing new',
  examples: ['7d1f3c7e-1f0b-4a36-9a53-2f3f6a1f1c55'],
})

/** The server answers 400 `idempotency-key-required` by itself where it is absent. */
export const IdempotencyHeaders = Type.Object({ 'idempotency-key': IdempotencyKey })

export const OptionalIdempotencyHeaders = Type.Object({ 'idempotency-key': Type.Optional(IdempotencyKey) })

/** An onRequest hook: without a key, a repeat after a lost response would do the work twice. */
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

interface Outcome<Made> {
  status: number
  resourceId: string
  /** Only the first response has it; it is not kept with the key. */
  made?: Made
}

export interface IdempotentCall {
  request: FastifyRequest
  reply: FastifyReply
  /** E.g. `placeOrder|<user id>`; null for callers that cannot be distinguished: no key counts. */
  scope: string | null
  /** The request's body by default. Add path parameters that the scope lacks. */
  body?: unknown
  /** Known before `work`: then recorded with the key, in one statement. */
  expected?: { status: number; resourceId: string }
}

/** Runs `work` once per Idempotency-Key and sets the status; the route then reads the resource again by its id. */
export const withIdempotency = async <DB, Made = undefined>(
  db: Db<DB>,
  { request, reply, scope, body = request.body, expected }: IdempotentCall,
  work: (trx: Trx<DB>) => Promise<Outcome<Made>>,
): Promise<Outcome<Made> & { replayed: boolean }> => {
  const key = request.headers['idempotency-key']
  const outcome = await inTransaction(db, async (trx) => {
    if (scope === null || typeof key !== 'string') return { ...(await work(trx)), replayed: false }
    let first: Outcome<Made> | undefined
    const recorded = await idempotent(trx, { scope, key, body, ...(expected && { expected }) }, async () => {
      first = await work(trx)
      return first
    })
    return { ...first, ...recorded }
  })
  if (outcome.replayed) void reply.header('idempotency-replayed', 'true')
  void reply.code(outcome.status)
  return outcome
}
