import { sql } from 'kysely'
import type { Cause } from '../correlation.ts'
import type { Database, Db, Trx } from '../database.ts'

const attempt = [
  'id',
  'order_id as orderId',
  'kind',
  'authorization_id as authorizationId',
  'authorization_reference as authorizationReference',
  'shipment_id as shipmentId',
  'provider',
  'token',
  'amount_minor as amountMinor',
  'currency',
  'tries',
  'correlation_id as correlationId',
  'causation_id as causationId',
  'traceparent',
] as const

export type NewAttempt = {
  id: string
  orderId: string
  provider: string
  amountMinor: number
  currency: string
  cause: Cause
} & (
  | { kind: 'authorize'; token: string | null }
  | { kind: 'capture'; authorizationId: string; authorizationReference: string; shipmentId: string }
  | { kind: 'void'; authorizationId: string; authorizationReference: string }
)

/** What may exist only once while it is open or has succeeded; the schema's unique key. */
const uniquenessKeyOf = (attempt: NewAttempt) => {
  switch (attempt.kind) {
    case 'authorize':
      return `authorize:${attempt.orderId}`
    case 'capture':
      return `capture:${attempt.shipmentId}`
    case 'void':
      return `void:${attempt.authorizationId}`
  }
}

/** Due at once: a worker takes them as soon as they are committed. */
export const insertAttempts = (trx: Trx, attempts: readonly NewAttempt[], now: Date) =>
  trx
    .insertInto('payment_attempts')
    .values(
      attempts.map((attempt) => ({
        id: attempt.id,
        order_id: attempt.orderId,
        kind: attempt.kind,
        uniqueness_key: uniquenessKeyOf(attempt),
        authorization_id: attempt.kind === 'authorize' ? null : attempt.authorizationId,
        authorization_reference: attempt.kind === 'authorize' ? null : attempt.authorizationReference,
        shipment_id: attempt.kind === 'capture' ? attempt.shipmentId : null,
        provider: attempt.provider,
        token: attempt.kind === 'authorize' ? attempt.token : null,
        amount_minor: attempt.amountMinor,
        currency: attempt.currency,
        due_at: now,
        correlation_id: attempt.cause.correlationId,
        causation_id: attempt.cause.causationId ?? null,
        traceparent: attempt.cause.traceparent ?? null,
        created_at: now,
      })),
    )
    .execute()

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)

/** Takes what is due under a lease: when this process dies, another finds it due again once the lease is over. */
export const leaseAttempts = async (
  trx: Trx,
  { now, until, limit }: { now: Date; until: Date; limit: number },
) => {
  const due = await trx
    .selectFrom('payment_attempts')
    .select(attempt)
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
  if (due.length > 0) {
    await trx
      .updateTable('payment_attempts')
      .set({ due_at: until, tries: sql`tries + 1` })
      .where('id', 'in', idsOf(due))
      .execute()
  }
  return due
}
export type Attempt = Awaited<ReturnType<typeof leaseAttempts>>[number]

/** Postpones an open attempt, because the provider did not answer. */
export const postponeAttempt = (trx: Trx, id: string, until: Date) =>
  trx
    .updateTable('payment_attempts')
    .set({ due_at: until })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .execute()

export interface Resolution {
  id: string
  state: 'succeeded' | 'declined'
  reference: string | null
  reason: string | null
}

/** Records the outcomes of open attempts, and returns how many were open. A decline makes room for another try. */
export const resolveAttempts = async (trx: Trx, resolutions: readonly Resolution[], now: Date) => {
  const perAttempt = (value: (resolution: Resolution) => string | null) =>
    sql<never>`case id ${sql.join(
      resolutions.map((resolution) => sql`when ${resolution.id} then ${value(resolution)}`),
      sql` `,
    )} end`
  const result = await trx
    .updateTable('payment_attempts')
    .set({
      state: perAttempt(({ state }) => state),
      reference: perAttempt(({ reference }) => reference),
      reason: perAttempt(({ reason }) => reason),
      token: null,
      uniqueness_key: sql`if(state = 'declined', null, uniqueness_key)`,
      due_at: null,
      resolved_at: now,
    })
    .where('id', 'in', idsOf(resolutions))
    .where('state', '=', 'open')
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/** The authorizations of these orders that were not voided. */
export const listLiveAuthorizations = (trx: Trx, orderIds: readonly string[]) =>
  trx
    .selectFrom('payment_attempts')
    .select(['id', 'order_id as orderId', 'provider', 'reference', 'amount_minor as amountMinor', 'currency'])
    .where('order_id', 'in', orderIds)
    .where('kind', '=', 'authorize')
    .where('state', '=', 'succeeded')
    .execute()

/** For authorizations of which nothing was captured. */
export const markAuthorizationsVoided = (trx: Trx, ids: readonly string[]) =>
  trx
    .updateTable('payment_attempts')
    .set({ state: 'voided', uniqueness_key: null })
    .where('id', 'in', ids)
    .execute()

export type SandboxOperation = Omit<Database['sandbox_operations'], 'created_at'>

/** Inserts the sandbox provider's operations once per key, and returns how many of them were new. */
export const insertSandboxOperations = async (db: Db, operations: readonly SandboxOperation[], now: Date) => {
  const result = await db
    .insertInto('sandbox_operations')
    .ignore()
    .values(operations.map((operation) => ({ ...operation, created_at: now })))
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows)
}

export const listSandboxOperations = (db: Db, keys: readonly string[]) =>
  db
    .selectFrom('sandbox_operations')
    .select(['idempotency_key as key', 'outcome', 'reason'])
    .where('idempotency_key', 'in', keys)
    .execute()
