import type { Db } from '../database.ts'
import type { OrderShape } from '../orders/order-schemas.ts'
import { isSettled } from '../orders/order.ts'
import { readOrder } from '../orders/read-orders.ts'
import type { OrderWatch } from '../signals.ts'

/** News may get lost between replicas, so whoever waits also looks now and then. */
const LOOK_EVERY_MS = 1_000

/**
 * The order once it is settled, or as it is when the time is over. `fresh` says that it was placed after the
 * watch began, so that there is no need to look before the first news.
 */
export const awaitSettled = async (
  db: Db,
  watch: OrderWatch,
  { orderId, seconds, fresh }: { orderId: string; seconds: number; fresh: boolean },
): Promise<OrderShape> => {
  const deadline = performance.now() + seconds * 1_000
  const left = () => deadline - performance.now()
  if (fresh && left() > 0) await watch.news(Math.min(left(), LOOK_EVERY_MS))
  for (;;) {
    const order = await readOrder(db, orderId)
    if (isSettled(order.status, order.payment.status) || left() <= 0) return order
    await watch.news(Math.min(left(), LOOK_EVERY_MS))
  }
}
