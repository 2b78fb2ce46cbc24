import { PaymentFailed } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { createPeriodicJob, type JobLogger } from '@storewright/runtime/jobs'
import { emitWithCause } from '../correlation.ts'
import type { Db, Trx } from '../database.ts'
import { money } from '../pricing/totals.ts'
import { recordSteps } from '../timeline/timeline.ts'
import type { AttemptQueue } from './attempt-queue.ts'
import {
  deleteNotices,
  findWithdrawal,
  insertNotice,
  lockAuthorization,
  markStuck,
  setReference,
  withdrawNow,
  type LockedAuthorization,
} from './notice-queries.ts'
import type { Notice } from './provider.ts'
import { insertAttempts, postponeAttempts } from './queries.ts'

/** `nudged`: the provider is asked again; the state in a notice is not believed. */
export type NoticeResult = 'repeated' | 'ignored' | 'noted' | 'nudged'

/** An authorization that came too late, or that a refused customer brought about after all: it is voided. */
const withdrawLate = async (
  trx: Trx,
  attempt: LockedAuthorization,
  reference: string,
  now: Date,
): Promise<NoticeResult> => {
  const withdrawal = await findWithdrawal(trx, attempt.id)
  if (withdrawal) {
    const isNeeded =
      withdrawal.kind === 'cancel' && (withdrawal.state === 'open' || withdrawal.reference === 'nothing')
    if (!isNeeded) return 'ignored'
    await withdrawNow(trx, withdrawal.id, reference, now)
    return 'nudged'
  }
  if (attempt.state !== 'declined') return 'ignored'
  const { id, orderId, provider, amountMinor, currency, correlationId } = attempt
  const cancel = {
    id: newId(),
    kind: 'cancel' as const,
    ...{ orderId, provider, amountMinor, currency },
    authorizationId: id,
    authorizationReference: reference,
    cause: { correlationId },
  }
  await insertAttempts(trx, [cancel], { now, dueAt: now, leased: false })
  return 'nudged'
}

/** The provider gave up what it had authorized, before it was captured: its order cannot be shipped so. */
const noteLost = async (trx: Trx, attempt: LockedAuthorization, now: Date): Promise<NoticeResult> => {
  if (await findWithdrawal(trx, attempt.id)) return 'ignored'
  const { id, orderId, provider, correlationId } = attempt
  const amount = money(attempt.amountMinor, attempt.currency)
  const reason = 'authorization-lost'
  await markStuck(trx, id, now, reason)
  const fact = { attemptId: id, provider, amount, reason, kind: 'authorize' as const }
  const summary = 'The provider gave up the authorized payment; a capture will be refused.'
  const step = {
    orderId,
    type: PaymentFailed.type,
    by: 'system' as const,
    summary,
    data: fact,
    correlationId,
  }
  await recordSteps(trx, [step], now)
  await emitWithCause(trx, { correlationId }, PaymentFailed, { orderId, ...fact })
  return 'noted'
}

/** What a provider's webhook reports, once; of another order, or repeated, it changes nothing. */
export const applyNotice = async (
  trx: Trx,
  { provider, notice }: { provider: string; notice: Notice },
  { now, queue }: { now: Date; queue: AttemptQueue },
): Promise<NoticeResult> => {
  const { attemptId, orderId, reference } = notice
  if (!(await insertNotice(trx, { ...notice, provider }, now))) return 'repeated'
  const attempt = attemptId === null ? undefined : await lockAuthorization(trx, attemptId)
  if (!attempt || attempt.provider !== provider || attempt.orderId !== orderId) return 'ignored'
  if (attempt.reference !== null && attempt.reference !== reference) return 'ignored'

  queue.notify(trx)
  switch (attempt.state) {
    case 'waiting':
      await postponeAttempts(trx, [attempt.id], now)
      return 'nudged'
    case 'open':
      // Its call is under way; should the answer get lost, this is what to ask for.
      await setReference(trx, attempt.id, reference)
      return 'noted'
    case 'succeeded':
      return notice.means === 'canceled' ? noteLost(trx, attempt, now) : 'ignored'
    default:
      return notice.means === 'authorized' ? withdrawLate(trx, attempt, reference, now) : 'ignored'
  }
}

/** Longer than providers repeat a webhook: Stripe does for three days. */
const KEPT_MS = 30 * 86_400_000
const AT_ONCE = 1_000

export const createNoticePurge = ({ db, clock, logger }: { db: Db; clock: () => Date; logger: JobLogger }) =>
  createPeriodicJob({
    name: 'purge of payment notices',
    intervalMs: 3_600_000,
    run: async () => (await deleteNotices(db, new Date(clock().getTime() - KEPT_MS), AT_ONCE)) === AT_ONCE,
    repeatWhileBusy: true,
    logger,
  })
