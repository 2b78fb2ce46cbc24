import type { Db } from '../database.ts'
import type { OrderWatch } from '../order-notifier.ts'
import { isSettled } from './order.ts'
import type { Order } from './order-schemas.ts'
import { readOrder } from './read-orders.ts'

const MAX_WAIT_SECONDS = 30

/** The seconds that a `Prefer: wait=…` header asks for, bounded; 0 without one (RFC 7240). */
export const waitSecondsOf = (prefer: string | string[] | undefined): number => {
  const preferences = [prefer ?? []].flat().join(',')
  const seconds = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(preferences)?.[1]
  return Math.min(Number(seconds ?? 0), MAX_WAIT_SECONDS)
}

/** The order once it is settled, or when the time is over. A `known` one is not read again where the notification
 * passes on what has changed. */
export const awaitSettled = (
  db: Db,
  watch: OrderWatch,
  { orderId, seconds, known }: { orderId: string; seconds: number; known: Order | undefined },
): Promise<Order> =>
  watch.readUntil<Order>(
    async (earlier, change) => {
      if (earlier === undefined && known) return known
      return earlier && change ? change(earlier) : readOrder(db, orderId, earlier)
    },
    ({ status, payment }) => isSettled(status, payment.status),
    seconds * 1_000,
  )
