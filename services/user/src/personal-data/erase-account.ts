import { randomUUID } from 'node:crypto'
import { UserErased } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { notFound, Problem } from '@storewright/service-kit/http'
import { lockAccount, requireAnotherAdmin } from '../accounts/accounts.ts'
import { requireScope, type Actor } from '../accounts/authorization.ts'
import { revokeKeysOf } from '../api-keys/revoke-key.ts'
import { clearFailures } from '../credentials/login-throttle.ts'
import type { Trx } from '../database.ts'
import { cancelResetRequest } from '../passwords/password-reset-queue.ts'
import { endSessionsOf } from '../sessions/end-session.ts'
import { otherServices } from './erasure.ts'
import {
  anonymiseAccount,
  deletePersonalRows,
  findErasureOf,
  insertErasure,
  type ErasureRow,
} from './queries.ts'

export interface EraseAccount {
  userId: string
  requestedBy: 'owner' | 'staff'
  by?: Actor
  /** The hash that the owner's password was checked against; it may have been changed since. */
  confirmedHash?: string
}

/** Erases the person behind an account and emits UserErased; a repeated or concurrent request returns the same erasure. */
export const eraseAccount = async (
  trx: Trx,
  { userId, requestedBy, by, confirmedHash }: EraseAccount,
  now: Date,
): Promise<ErasureRow> => {
  await requireAnotherAdmin(trx, userId)
  if (by) await requireScope(trx, by, userId)
  const account = (await lockAccount(trx, userId)) ?? notFound('user', userId)
  if (account.status === 'erased') {
    // A request that was under way may have left something behind.
    await deletePersonalRows(trx, userId, now)
    return found(await findErasureOf(trx, userId))
  }
  if (confirmedHash !== undefined && account.passwordHash !== confirmedHash) {
    throw new Problem('conflict', 'The password was changed just now; confirm with the new one.')
  }

  await endSessionsOf(trx, userId, 'account-erased', now)
  await revokeKeysOf(trx, userId, now)
  const records = await deletePersonalRows(trx, userId, now)
  await clearFailures(trx, account.email)
  await cancelResetRequest(trx, account.email)
  await anonymiseAccount(trx, userId)

  const erasureId = randomUUID()
  const receipts = [
    { service: 'user', records: records + 1, erasedAt: now },
    ...otherServices.map((service) => ({ service, records: null, erasedAt: null })),
  ]
  await insertErasure(trx, { id: erasureId, userId, requestedBy }, receipts, now)
  await emit(trx, UserErased, { userId, erasureId, erasedAt: now.toISOString() })
  return found(await findErasureOf(trx, userId))
}

const found = (erasure: ErasureRow | undefined): ErasureRow => {
  if (!erasure) throw new Error('an erased account has no erasure')
  return erasure
}
