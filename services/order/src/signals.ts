import { afterCommit } from '@storewright/database'
import type { Trx } from './database.ts'

/** What this process tells itself once a transaction is durable. Losing one costs time, never an order. */
export interface Signals {
  /** The orders reached a state that somebody may be waiting for. */
  ordersSettled(trx: Trx, orderIds: readonly string[]): void
  /** There are payment attempts to work on. */
  paymentsDue(trx: Trx): void
  /** As `ordersSettled`, for what was committed elsewhere. */
  announceOrder(orderId: string): void
  onPaymentsDue(listener: () => void): void
  /** Listens from now on, so that nothing is missed between a commit and the wait for what follows it. */
  watchOrder(orderId: string): OrderWatch
}

export interface OrderWatch {
  /** Resolves at the next news of the order, or when the time is over. */
  news(timeoutMs: number): Promise<void>
  stop(): void
}

/** In-process wake-ups of waiting requests and of the payment workers. */
export const createSignals = (): Signals => {
  const watchers = new Map<string, Set<() => void>>()
  const paymentListeners: (() => void)[] = []

  const announceOrder = (orderId: string) => {
    for (const wake of watchers.get(orderId) ?? []) wake()
  }

  return {
    announceOrder,
    ordersSettled: (trx, orderIds) => afterCommit(trx, () => orderIds.forEach(announceOrder)),
    paymentsDue: (trx) => afterCommit(trx, () => paymentListeners.forEach((listener) => listener())),
    onPaymentsDue: (listener) => void paymentListeners.push(listener),
    watchOrder: (orderId) => {
      let news = Promise.withResolvers<void>()
      const wake = () => news.resolve()
      const ours = watchers.get(orderId) ?? new Set()
      watchers.set(orderId, ours.add(wake))
      return {
        news: async (timeoutMs) => {
          const timer = setTimeout(wake, timeoutMs)
          await news.promise
          clearTimeout(timer)
          news = Promise.withResolvers()
        },
        stop: () => {
          ours.delete(wake)
          if (ours.size === 0) watchers.delete(orderId)
        },
      }
    },
  }
}
