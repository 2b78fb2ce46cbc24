import type { Db } from '../database.ts'
import type { OrderShape } from '../orders/order-schemas.ts'
import { isSettled } from '../orders/order.ts'
import { readOrder } from '../orders/read-orders.ts'
import type { OrderWatch } from '../signals.ts'

/** News may get lost between replicas, so whoever waits also looks now and then. */
const LOOK_EVERY_MS = 1_000

/**
 * The order once it is settled, or as it is when the time is over. `known` is what it was when the watch began:
 * until there is news there is no need to look, and its lines never change.
 */
export const awaitSettled = async (
  db: Db,
  watch: OrderWatch,
  { orderId, seconds, known }: { orderId: string; seconds: number; known: OrderShape | undefined },
): Promise<OrderShape> => {
  const deadline = performance.now() + seconds * 1_000
  const left = () => deadline - performance.now()
  for (let order = known ?? (await readOrder(db, orderId)); ; order = await readOrder(db, orderId, order)) {
    if (isSettled(order.status, order.payment.status) || left() <= 0) return order
    await watch.news(Math.min(left(), LOOK_EVERY_MS))
  }
}
