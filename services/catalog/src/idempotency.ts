import { DatabaseBusy, idempotent, inTransaction, isDuplicateKey } from '@storewright/database'
import { authOf } from '@storewright/service-kit/auth'
import { IdempotencyKey } from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Db, Trx } from './database.ts'

/** For creating requests, which may be sent again. */
export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(IdempotencyKey),
})

type Work = (trx: Trx) => Promise<{ status: number; resourceId: string }>

/** Runs a creating request once per `Idempotency-Key`, if sent; returns the id of what it or the first one created. */
export const withIdempotency = async (
  request: FastifyRequest,
  reply: FastifyReply,
  db: Db,
  route: string,
  work: Work,
): Promise<string> => {
  const key = request.headers['idempotency-key']
  const { resourceId } = await retryOnDuplicateKey(() =>
    inTransaction(db, async (trx) => {
      if (typeof key !== 'string') return work(trx)
      const scope = `${route}|${authOf(request).userId}`
      const outcome = await idempotent(trx, { scope, key, body: request.body }, () => work(trx))
      if (outcome.replayed) void reply.header('idempotency-replayed', 'true')
      return outcome
    }),
  )
  return resourceId
}

const ATTEMPTS = 4

/** Runs a transaction again when it lost a race for a unique key: the second try finds the winner's row. */
export const retryOnDuplicateKey = async <T>(transaction: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      if (attempt === ATTEMPTS)
        throw new DatabaseBusy('lost several races for a unique key', { cause: error })
    }
  }
}
