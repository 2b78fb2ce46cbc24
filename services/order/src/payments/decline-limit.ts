import type { PaymentFailed } from '@storewright/contracts'
import { networkOf } from '@storewright/runtime/networks'
import { LRUCache } from 'lru-cache'
import { Problem } from '../problems.ts'

const WINDOW_MS = 600_000
const REMEMBERED = 20_000
/** Failures that are not about a card. */
const NOT_THE_CARD = new Set([
  'provider-unavailable',
  'provider-switched-off',
  'authorization-lost',
  'amount-not-chargeable',
])

export interface DeclineLimit {
  /** Notes that an order is about to be paid from an address; 429 where too many payments from there were declined. */
  payFrom(orderId: string, address: string): void
  /** A payment failed, whichever replica tried it; counted where the order's customer was served. */
  countFailure(failure: Pick<PaymentFailed, 'orderId' | 'kind' | 'reason'>): void
}

/** Counts declined payments by address (IPv6: by /64) in the memory of this process, for ten minutes from the first. */
export const createDeclineLimit = ({
  perAddress,
  clock,
}: {
  perAddress: number
  clock: () => Date
}): DeclineLimit => {
  const payers = new LRUCache<string, string>({ max: REMEMBERED })
  const windows = new LRUCache<string, { declines: number; endsAt: number }>({ max: REMEMBERED })

  return {
    payFrom: (orderId, address) => {
      const network = networkOf(address)
      const window = windows.get(network)
      const leftMs = window && window.declines >= perAddress ? window.endsAt - clock().getTime() : 0
      if (leftMs > 0) {
        throw new Problem('too-many-requests', 'Too many payments from here were declined.', {
          retryAfter: Math.ceil(leftMs / 1_000),
        })
      }
      payers.set(orderId, network)
    },
    countFailure: ({ orderId, kind = 'authorize', reason }) => {
      const network = payers.get(orderId)
      if (network === undefined || kind !== 'authorize' || NOT_THE_CARD.has(reason)) return
      payers.delete(orderId)
      const now = clock().getTime()
      const known = windows.get(network)
      const window = known && known.endsAt > now ? known : { declines: 0, endsAt: now + WINDOW_MS }
      windows.set(network, { ...window, declines: window.declines + 1 })
    },
  }
}
