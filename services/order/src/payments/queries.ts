import { sql } from 'kysely'
import type { Cause } from '../correlation.ts'
import type { Db, Trx } from '../database.ts'

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
  'state',
  'reference',
  'tries',
  'stuck_at as stuckAt',
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
  | { kind: 'void' | 'cancel'; authorizationId: string; authorizationReference: string }
)

/** What may exist only once while it is open or has succeeded; the schema's unique key. */
const uniquenessKeyOf = (attempt: NewAttempt) => {
  switch (attempt.kind) {
    case 'authorize':
      return `authorize:${attempt.orderId}`
    case 'capture':
      return `capture:${attempt.shipmentId}`
    case 'void':
    case 'cancel':
      return `void:${attempt.authorizationId}`
  }
}

/** Due at `dueAt`. With `leased` that is when the lease of this process is over, and the attempts count as tried once. */
export const insertAttempts = async (
  trx: Trx,
  attempts: readonly NewAttempt[],
  { now, dueAt, leased }: { now: Date; dueAt: Date; leased: boolean },
) => {
  await trx
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
        due_at: dueAt,
        tries: leased ? 1 : 0,
        correlation_id: attempt.cause.correlationId,
        causation_id: attempt.cause.causationId ?? null,
        traceparent: attempt.cause.traceparent ?? null,
        created_at: now,
      })),
    )
    .execute()
}

/** As a claim would return an attempt that has just been inserted. */
export const asClaimed = ({ cause, ...attempt }: NewAttempt): Attempt => ({
  authorizationId: null,
  authorizationReference: null,
  shipmentId: null,
  token: null,
  ...attempt,
  state: 'open',
  reference: null,
  tries: 0,
  stuckAt: null,
  correlationId: cause.correlationId,
  causationId: cause.causationId ?? null,
  traceparent: cause.traceparent ?? null,
})

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)

const dueOf = (db: Db | Trx, provider: string, now: Date) =>
  db.selectFrom('payment_attempts').where('provider', '=', provider).where('due_at', '<=', now)

/** Whether a claim would find anything, in one statement and without a lock. */
export const hasDueAttempts = async (db: Db, { provider, now }: { provider: string; now: Date }) =>
  (await dueOf(db, provider, now).select('id').limit(1).executeTakeFirst()) !== undefined

/** Takes what is due under a lease: when this process dies, another finds it due again once the lease is over. */
export const leaseAttempts = async (
  trx: Trx,
  { provider, now, until, limit }: { provider: string; now: Date; until: Date; limit: number },
) => {
  const due = await dueOf(trx, provider, now)
    .select(attempt)
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

/** When attempts without an outcome are due again: later, or now for one whose customer may have finished. */
export const postponeAttempts = (db: Db | Trx, ids: readonly string[], until: Date) =>
  db
    .updateTable('payment_attempts')
    .set({ due_at: until })
    .where('id', 'in', ids)
    .where('state', 'in', ['open', 'waiting'])
    .execute()

export interface Resolution {
  id: string
  state: 'succeeded' | 'declined' | 'waiting' | 'failed' | 'open'
  reference: string | null
  reason: string | null
  /** When it is due again, where it stays open or waits for the customer. */
  dueAt: Date | null
}

/** Records the outcomes of attempts without one, and returns how many these were. A decline makes room for another try. */
export const resolveAttempts = async (trx: Trx, resolutions: readonly Resolution[], now: Date) => {
  const perAttempt = (value: (resolution: Resolution) => string | Date | null) =>
    sql<never>`case id ${sql.join(
      resolutions.map((resolution) => sql`when ${resolution.id} then ${value(resolution)}`),
      sql` `,
    )} end`
  const result = await trx
    .updateTable('payment_attempts')
    .set({
      state: perAttempt(({ state }) => state),
      // What a webhook brought meanwhile stays.
      reference: sql`coalesce(${perAttempt(({ reference }) => reference)}, reference)`,
      reason: perAttempt(({ reason }) => reason),
      token: null,
      uniqueness_key: sql`if(state in ('declined', 'failed'), null, uniqueness_key)`,
      due_at: perAttempt(({ dueAt }) => dueAt),
      stuck_at: sql`if(state in ('open', 'failed'), coalesce(stuck_at, ${now}), null)`,
      resolved_at: sql`if(state in ('open', 'waiting'), null, ${now})`,
    })
    .where('id', 'in', idsOf(resolutions))
    .where('state', 'in', ['open', 'waiting'])
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

export const countAuthorizations = async (trx: Trx, orderId: string) => {
  const { tries } = await trx
    .selectFrom('payment_attempts')
    .select(({ fn }) => fn.countAll<number>().as('tries'))
    .where('order_id', '=', orderId)
    .where('kind', '=', 'authorize')
    .executeTakeFirstOrThrow()
  return Number(tries)
}

/** The payments of these orders that their customers have not completed. */
export const listWaiting = (trx: Trx, orderIds: readonly string[]) =>
  trx
    .selectFrom('payment_attempts')
    .select(['id', 'order_id as orderId', 'provider', 'reference', 'amount_minor as amountMinor', 'currency'])
    .where('order_id', 'in', orderIds)
    .where('state', '=', 'waiting')
    .execute()

export const markReplaced = (trx: Trx, ids: readonly string[], now: Date) =>
  trx
    .updateTable('payment_attempts')
    .set({ state: 'replaced', uniqueness_key: null, due_at: null, resolved_at: now })
    .where('id', 'in', ids)
    .execute()

/** For authorizations of which nothing was captured, and for what never became one. */
export const markAuthorizationsVoided = (trx: Trx, ids: readonly string[]) =>
  trx
    .updateTable('payment_attempts')
    .set({ state: 'voided', uniqueness_key: null, stuck_at: null })
    .where('id', 'in', ids)
    .execute()
