import { randomUUID } from 'node:crypto'
import { UserErased } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { notFound, Problem } from '@storewright/service-kit/http'
import { requireReach, type Changer } from '../accounts/held-by.ts'
import { requireAnotherAdmin } from '../accounts/require-another-admin.ts'
import { revokeKeysOf } from '../api-keys/revoke-key.ts'
import { endSessionsOf } from '../auth/end-session.ts'
import { forgetFailuresOf } from '../auth/guesses.ts'
import { fingerprint } from '../auth/secret.ts'
import type { Trx } from '../database.ts'
import { otherHolders, type ErasureRow } from './erasure.ts'
import {
  anonymiseAccount,
  deletePersonalRows,
  deleteResetRequests,
  findErasureOf,
  insertErasure,
  lockAccountRow,
} from './queries.ts'

export interface EraseAccount {
  userId: string
  requestedBy: 'owner' | 'staff'
  /** The staff who do it. */
  by?: Changer
  /** What the owner's password was checked against; by now it may be another one. */
  confirmedHash?: string
}

/**
 * Forgets the person behind an account and tells all who hold something about them. Whoever asks again, or at the
 * same moment, finds the erasure that there is.
 */
export const eraseAccount = async (
  trx: Trx,
  { userId, requestedBy, by, confirmedHash }: EraseAccount,
  now: Date,
): Promise<ErasureRow> => {
  await requireAnotherAdmin(trx, userId)
  if (by) await requireReach(trx, by, userId)
  const account = (await lockAccountRow(trx, userId)) ?? notFound('user', userId)
  if (account.status === 'erased') {
    // What a request that was under way has left behind meanwhile.
    await deletePersonalRows(trx, userId, now)
    return found(await findErasureOf(trx, userId))
  }
  if (confirmedHash !== undefined && account.passwordHash !== confirmedHash) {
    throw new Problem('conflict', 'The password was changed just now; confirm with the new one.')
  }

  await endSessionsOf(trx, userId, 'account-erased', now)
  await revokeKeysOf(trx, userId, now)
  const records = await deletePersonalRows(trx, userId, now)
  await forgetFailuresOf(trx, account.email)
  await deleteResetRequests(trx, fingerprint(account.email))
  await anonymiseAccount(trx, userId)

  const erasureId = randomUUID()
  const receipts = [
    { service: 'user', records: records + 1 },
    ...otherHolders.map((service) => ({ service, records: null })),
  ]
  await insertErasure(trx, { id: erasureId, userId, requestedBy }, receipts, now)
  await emit(trx, UserErased, { userId, erasureId, erasedAt: now.toISOString() })
  return found(await findErasureOf(trx, userId))
}

const found = (erasure: ErasureRow | undefined): ErasureRow => {
  if (!erasure) throw new Error('an erased account has no erasure')
  return erasure
}
