import type { Trx } from '../database.ts'
import { lockOrderRows, type LockedOrder } from './queries.ts'

export type { LockedOrder } from './queries.ts'

/** What was decided about an order, and what it follows from, rolls back together: the lock lasts till commit. */
export const lockOrders = async (
  trx: Trx,
  orderIds: Iterable<string>,
): Promise<(id: string) => LockedOrder> => {
  const ids = [...new Set(orderIds)]
  const rows = ids.length > 0 ? await lockOrderRows(trx, ids) : []
  const orders = new Map(rows.map((row) => [row.id, row]))
  return (id) => {
    const order = orders.get(id)
    // Every order is committed before anybody hears of it: this one was lost, and an operator must know.
    if (!order) throw new Error(`there is no order ${id}`)
    return order
  }
}
