import { NotificationPersonalDataErased, OrderPersonalDataErased } from '@storewright/contracts'
import { on } from '@storewright/messaging'
import type { Trx } from '../database.ts'
import { completeErasure, deletePersonalRows, lockErasure, saveReceipt } from './queries.ts'

/** Records that a service has erased its data. The erasure is complete once all have, in any order. */
const recordReceipt = async (
  trx: Trx,
  service: string,
  receipt: { erasureId: string; records: number; erasedAt: string },
  now: Date,
) => {
  const erasure = await lockErasure(trx, receipt.erasureId)
  const { erasureId, records, erasedAt } = receipt
  await saveReceipt(trx, { erasureId, service, records, erasedAt: new Date(erasedAt) })
  if (!erasure || erasure.completedAt !== null) return
  // Requests that were under way at the time have ended since, and may have left something behind.
  await deletePersonalRows(trx, erasure.userId, now)
  await completeErasure(trx, erasure.id, now)
}

export const orderReceiptSubscriptions = [
  on(OrderPersonalDataErased, (trx: Trx, { data }) => recordReceipt(trx, 'order', data, new Date())),
]

export const notificationReceiptSubscriptions = [
  on(NotificationPersonalDataErased, (trx: Trx, { data }) =>
    recordReceipt(trx, 'notification', data, new Date()),
  ),
]
