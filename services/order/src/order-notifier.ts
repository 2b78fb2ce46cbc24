import { afterCommit } from '@storewright/database'
import type { Trx } from './database.ts'
import type { Order } from './orders/order-schemas.ts'

/** An order after a step, from the order before it: what the API shows, without a read. */
export type Change = (order: Order) => Order

/** In-process notifications, sent once a transaction is durable. Losing one costs time, never an order. */
export interface OrderNotifier {
  /** After the commit: the orders reached a state that somebody may be waiting for. */
  notifyOrders(trx: Trx, orderIds: readonly string[]): void
  /** As `notifyOrders`, and passes on what changed, so that nobody has to read it. */
  notifyChanges(trx: Trx, changes: readonly { orderId: string; change: Change }[]): void
  /** At once, for what another replica committed. */
  notifyOrder(orderId: string): void
  /** Listens from now on, so that nothing is missed between a commit and the wait for what follows it. */
  watchOrder(orderId: string): OrderWatch
}

export interface OrderWatch {
  /** Reads at once and after every notification, until the result is `done` or the time is over; `change` is what the
   * notification brought. */
  readUntil<T>(
    read: (earlier?: T, change?: Change) => Promise<T>,
    done: (result: T) => boolean,
    timeoutMs: number,
  ): Promise<T>
  stop(): void
}

/** Notifications between replicas may get lost, so whoever waits also reads now and then. */
const READ_EVERY_MS = 1_000

/** Notifies waiting requests of this process. */
export const createOrderNotifier = (): OrderNotifier => {
  const watchers = new Map<string, Set<(change?: Change) => void>>()

  const notifyOrder = (orderId: string, change?: Change) => {
    for (const notify of watchers.get(orderId) ?? []) notify(change)
  }

  return {
    notifyOrder: (orderId) => notifyOrder(orderId),
    notifyOrders: (trx, orderIds) => afterCommit(trx, () => orderIds.forEach((id) => notifyOrder(id))),
    notifyChanges: (trx, changes) =>
      afterCommit(trx, () => changes.forEach(({ orderId, change }) => notifyOrder(orderId, change))),
    watchOrder: (orderId) => {
      let notified = Promise.withResolvers<Change | undefined>()
      const notify = (change?: Change) => notified.resolve(change)
      const ours = watchers.get(orderId) ?? new Set()
      watchers.set(orderId, ours.add(notify))

      const nextNotification = async (timeoutMs: number) => {
        const timer = setTimeout(notify, timeoutMs)
        const change = await notified.promise
        clearTimeout(timer)
        notified = Promise.withResolvers()
        return change
      }
      return {
        readUntil: async (read, done, timeoutMs) => {
          const deadline = performance.now() + timeoutMs
          let result = await read()
          for (;;) {
            const left = deadline - performance.now()
            if (done(result) || left <= 0) return result
            const change = await nextNotification(Math.min(left, READ_EVERY_MS))
            result = await read(result, change)
          }
        },
        stop: () => {
          ours.delete(notify)
          if (ours.size === 0) watchers.delete(orderId)
        },
      }
    },
  }
}
