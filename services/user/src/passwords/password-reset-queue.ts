import { PasswordResetRequested } from '@storewright/contracts'
import { DatabaseBusy, DatabaseUnavailable, inTransaction } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import type { Logger } from '@storewright/service-kit/run'
import { findUserByEmail, lockAccount } from '../accounts/accounts.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import { countMail, issueToken } from '../credentials/one-time-tokens.ts'
import type { Db, Trx } from '../database.ts'
import { hashSecret } from '../secrets.ts'
import { deleteResetRequest, insertResetRequest, takeResetRequest } from './queries.ts'

const EVERY_MS = 5_000

const answer = async (trx: Trx, { email, origin }: { email: string; origin: Origin }, now: Date) => {
  const userId = (await findUserByEmail(trx, email))?.user.id
  const account = userId && (await lockAccount(trx, userId))
  if (!userId || !account || account.status !== 'active' || account.email !== email) return
  if ((await countMail(trx, userId, 'password', now)) > 0) return
  const { token, expiresAt } = await issueToken(trx, { userId, purpose: 'password', email }, now)
  await recordActivity(trx, { userId, type: 'password-reset-requested', origin }, now)
  await emit(trx, PasswordResetRequested, {
    userId,
    email,
    name: account.name,
    token,
    expiresAt: expiresAt.toISOString(),
  })
}

/**
 * Answers the oldest request, in a transaction of its own; false once none is left. One that cannot be answered is
 * dropped, since it would fail again and hold up those behind it.
 */
const answerNext = async (db: Db, logger: Logger, now: Date): Promise<boolean> => {
  let emailHash: string | undefined
  try {
    await inTransaction(db, async (trx) => {
      const request = await takeResetRequest(trx)
      emailHash = request?.emailHash
      if (!request) return
      const { email, address, device } = request
      await answer(trx, { email, origin: { address: address ?? 'unknown', device } }, now)
    })
  } catch (error) {
    if (emailHash === undefined || error instanceof DatabaseBusy || error instanceof DatabaseUnavailable) {
      throw error
    }
    await deleteResetRequest(db, emailHash)
    logger.error({ err: error }, 'a password reset request failed and was dropped')
  }
  return emailHash !== undefined
}

/**
 * Queues requests for a password reset. A worker looks up afterwards whether there is such an account, so that neither
 * the answer nor its time reveals it. A request survives a restart: any replica finds it within seconds.
 */
export const createPasswordResetQueue = ({ db, logger }: { db: Db; logger: Logger }) => {
  const component = createPeriodicJob({
    name: 'password reset queue',
    intervalMs: EVERY_MS,
    run: () => answerNext(db, logger, new Date()),
    repeatWhileBusy: true,
    immediately: true,
    logger,
  })
  return {
    component,
    add: async (email: string, origin: Origin, now = new Date()) => {
      await insertResetRequest(db, { email, emailHash: hashSecret(email), origin }, now)
      component.notify()
    },
  }
}
export type PasswordResetQueue = ReturnType<typeof createPasswordResetQueue>

/** Removes a request that is not answered yet: it names the address. */
export const cancelResetRequest = (trx: Trx, email: string) => deleteResetRequest(trx, hashSecret(email))
