import { EmailChanged } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import { redeemToken, refuseToken } from '../auth/one-time-token.ts'
import { deleteTokensOf } from '../auth/token-queries.ts'
import type { Trx } from '../database.ts'
import { changeAccount } from './queries.ts'
import { tellChange } from './tell-change.ts'

/**
 * Takes a token for the proof that its mailbox is the account's: of the address that the account has, or of the one
 * that it is to have, which thereby becomes its address. Fails as a duplicate key where another account was faster.
 */
export const verifyEmail = async (
  trx: Trx,
  { token, origin }: { token: string; origin: Origin },
  now: Date,
) => {
  const { userId, email, account } = await redeemToken(trx, 'email', token, now)
  if (account.status === 'erased') throw refuseToken()
  if (email === account.pendingEmail) {
    await changeAccount(trx, userId, { email, pending_email: null, email_verified_at: now })
    // A reset that the old mailbox was sent must not open the account any more.
    await deleteTokensOf(trx, userId, 'password')
    const { email: previousEmail, name } = account
    await emit(trx, EmailChanged, { userId, previousEmail, email, name, changedAt: now.toISOString() })
    await insertActivity(trx, { userId, type: 'email-changed', origin }, now)
  } else if (email === account.email) {
    if (account.emailVerifiedAt !== null) return
    await changeAccount(trx, userId, { email_verified_at: now })
    await insertActivity(trx, { userId, type: 'email-verified', origin }, now)
  } else throw refuseToken()
  await tellChange(trx, userId, now)
}
