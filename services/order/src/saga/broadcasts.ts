import {
  OrderCancelled,
  OrderConfirmed,
  OrderRejected,
  OrderShipped,
  PaymentFailed,
} from '@storewright/contracts'
import { onEveryReplica } from '@storewright/messaging'
import type { Signals } from '../signals.ts'

/** Wakes requests that wait here for what another replica committed. */
export const settledBroadcasts = ({ announceOrder }: Signals) => [
  onEveryReplica(OrderConfirmed, ({ data }) => announceOrder(data.orderId)),
  onEveryReplica(OrderRejected, ({ data }) => announceOrder(data.orderId)),
  onEveryReplica(OrderCancelled, ({ data }) => announceOrder(data.orderId)),
  onEveryReplica(PaymentFailed, ({ data }) => announceOrder(data.orderId)),
  onEveryReplica(OrderShipped, ({ data }) => announceOrder(data.orderId)),
]
