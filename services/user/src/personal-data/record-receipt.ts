import type { Trx } from '../database.ts'
import { completeErasure, deletePersonalRows, lockErasure, saveReceipt } from './queries.ts'

/** A service has forgotten the person. The erasure is over once all have, in whatever order they say so. */
export const recordReceipt = async (
  trx: Trx,
  service: string,
  receipt: { erasureId: string; records: number; erasedAt: string },
  now: Date,
) => {
  const erasure = await lockErasure(trx, receipt.erasureId)
  await saveReceipt(trx, { ...receipt, service, erasedAt: new Date(receipt.erasedAt) })
  if (!erasure || erasure.completedAt !== null) return
  // Requests that were under way at the time have ended since, and may have left something behind.
  await deletePersonalRows(trx, erasure.userId, now)
  await completeErasure(trx, erasure.id, now)
}
