import { PasswordResetRequested } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import type { Logger, Step } from '@storewright/service-kit'
import { findByEmail } from '../accounts/queries.ts'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import { countMail, issueToken } from '../auth/one-time-token.ts'
import { lockCredentials } from '../auth/queries.ts'
import { fingerprint } from '../auth/secret.ts'
import type { Db, Trx } from '../database.ts'
import { insertResetRequest, takeResetRequests } from './queries.ts'

const AT_ONCE = 20
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

/** Sends what those get who forgot their password and have an account; false once nobody waits. */
const answerForgotten = (db: Db, now: Date): Promise<boolean> =>
  inTransaction(db, async (trx) => {
    const requests = await takeResetRequests(trx, AT_ONCE)
    for (const { email, address, device } of requests) {
      await answer(trx, { email, origin: { address: address ?? 'unknown', device } }, now)
    }
    return requests.length === AT_ONCE
  })

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
        while (await answerForgotten(db, new Date()));
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
