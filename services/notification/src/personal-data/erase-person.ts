import { NotificationPersonalDataErased, type UserErased } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import type { Trx } from '../database.ts'
import { deleteMessages, markErased } from './queries.ts'

/** Deletes for good what was sent to a person and emits the receipt. Doing it again is harmless. */
export const erasePerson = async (trx: Trx, { userId, erasureId }: UserErased, now: Date) => {
  await markErased(trx, userId, now)
  const records = await deleteMessages(trx, userId)
  await emit(trx, NotificationPersonalDataErased, {
    erasureId,
    userId,
    records,
    erasedAt: now.toISOString(),
  })
}
