import { OrderPersonalDataErased, UserErased, type Envelope } from '@storewright/contracts'
import { deleteContact } from '../contacts/contacts.ts'
import { causedBy, emitWithCause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import { countErasedRecords, leaveTombstone } from '../erased-users/erased-users.ts'
import { recordSteps } from '../timeline/timeline.ts'
import { anonymiseOrders, deleteCartsOf, lockOrdersOf } from './queries.ts'

const BATCH = 500

/** Forgets a person: orders stay, in whatever state they are, without them; carts go. Statements are bounded and the
 * commit is one, so that there is a receipt for all of it or for nothing. Doing it again finds what came since. */
export const erasePerson = async (trx: Trx, event: Envelope<UserErased>, now: Date) => {
  const { userId, erasureId } = event.data
  const { correlationId } = event
  await leaveTombstone(trx, { userId, erasureId }, now)

  let records = await deleteContact(trx, userId)
  for (;;) {
    const orders = await lockOrdersOf(trx, userId, BATCH)
    if (orders.length === 0) break
    await anonymiseOrders(
      trx,
      orders.map(({ id }) => id),
      now,
    )
    await recordSteps(
      trx,
      orders.map(({ id }) => ({
        orderId: id,
        type: UserErased.type,
        by: 'system',
        summary: 'The customer had their personal data erased; nobody knows any more whose order this was.',
        data: {},
        correlationId,
      })),
      now,
    )
    records += orders.length
  }
  for (;;) {
    const carts = await deleteCartsOf(trx, userId, BATCH)
    if (carts === 0) break
    records += carts
  }
  await emitWithCause(trx, causedBy(event), OrderPersonalDataErased, {
    erasureId,
    userId,
    records: await countErasedRecords(trx, userId, records),
    erasedAt: now.toISOString(),
  })
}
