import { PasswordResetRequested } from '@storewright/contracts'
import { DatabaseBusy, DatabaseUnavailable, inTransaction } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import type { Logger, Step } from '@storewright/service-kit/run'
import { findByEmail } from '../accounts/queries.ts'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import { countMail, issueToken } from '../auth/one-time-token.ts'
import { lockCredentials } from '../auth/queries.ts'
import { fingerprint } from '../auth/secret.ts'
import type { Db, Trx } from '../database.ts'
import { deleteResetRequest, insertResetRequest, takeResetRequest } from './queries.ts'

const EVERY_MS = 5_000

const answer = async (trx: Trx, { email, origin }: { email: string; origin: Origin }, now: Date) => {
  const userId = (await findByEmail(trx, email))?.id
  const account = userId && (await lockCredentials(trx, userId))
  if (!userId || !account || account.status !== 'active' || account.email !== email) return
  if ((await countMail(trx, userId, 'password', now)) > 0) return
  const { token, expiresAt } = await issueToken(trx, { userId, purpose: 'password', email }, now)
  await insertActivity(trx, { userId, type: 'password-reset-requested', origin }, now)
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
 * Takes requests for a password reset. Whether there is such an account is looked up afterwards, by a worker, and not
 * while somebody waits: neither the answer nor its time can tell. What was taken is not lost: another replica, or the
 * next start, finds it within seconds.
 */
export const createForgottenPasswords = ({ db, logger }: { db: Db; logger: Logger }) => {
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | undefined
  let again = false

  const work = async () => {
    do {
      again = false
      try {
        while (await answerNext(db, logger, new Date()));
      } catch (error) {
        logger.warn({ err: error }, 'password resets wait; the next try is in a few seconds')
      }
    } while (again)
    working = undefined
  }
  const wake = () => {
    if (working) again = true
    else working = work()
  }

  const step: Step = {
    name: 'forgotten passwords',
    start: () => {
      timer = setInterval(wake, EVERY_MS)
      wake()
    },
    stop: async () => {
      clearInterval(timer)
      await working
    },
  }
  return {
    step,
    ask: async (email: string, origin: Origin, now = new Date()) => {
      await insertResetRequest(db, { email, emailHash: fingerprint(email), origin }, now)
      wake()
    },
  }
}
export type ForgottenPasswords = ReturnType<typeof createForgottenPasswords>
