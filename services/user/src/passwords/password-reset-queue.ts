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

/** Answers the oldest request; false once none is left. One that fails is dropped, since it would block the others. */
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

/** Queues reset requests; a worker looks up the account afterwards, so that no response's time reveals whether it exists. */
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
