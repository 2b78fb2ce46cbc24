import type { Envelope } from '@storewright/contracts'
import type { Cause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import type { OrderNotifier } from '../order-notifier.ts'
import { lockOrderRows, lockOrdersAndLines, type LockedOrder } from './transition-queries.ts'

export type { LockedOrder } from './transition-queries.ts'

export interface AuthorizationRequest {
  orderId: string
  provider: string
  token: string | null
  amountMinor: number
  currency: string
  cause: Cause
}

export interface UnansweredAttempt {
  orderId: string
  provider: string
  amountMinor: number
  currency: string
  cause: Cause
  authorizationId: string
  authorizationReference: string
}

export interface VoidRequest {
  orderId: string
  /** The amount that is captured, which is not voided. */
  keepMinor: number
  cause: Cause
}

/** How orders start payments; `app.ts` passes it in. All insert attempts, which workers take after the commit. */
export interface PaymentStarter {
  authorize(trx: Trx, requests: readonly AuthorizationRequest[], context: StepContext): Promise<void>
  /** A shipment's part of what is authorized for its order. */
  capture(
    trx: Trx,
    capture: { orderId: string; shipmentId: string; amountMinor: number; cause: Cause },
    context: StepContext,
  ): Promise<void>
  /** What is authorized for these orders and was not captured. */
  void(trx: Trx, requests: readonly VoidRequest[], context: StepContext): Promise<void>
  /** What the customers of these orders have not completed; an approval that comes after this changes nothing. */
  withdraw(
    trx: Trx,
    orders: readonly { orderId: string; cause: Cause }[],
    context: StepContext,
  ): Promise<void>
  /** How often it was tried to authorize this order's payment. */
  countTries(trx: Trx, orderId: string): Promise<number>
  /** Authorizations that the provider never answered: what it may have made of them is withdrawn later. */
  giveUp(trx: Trx, attempts: readonly UnansweredAttempt[], context: StepContext): Promise<void>
}

/** What every step of an order needs beside its transaction. */
export interface StepContext {
  now: Date
  notifier: OrderNotifier
  payments: PaymentStarter
  /** How long the carts are kept that orders leave behind. */
  cartTtlDays: number
}

/** Locks the orders until the commit, in the order of their ids, and returns how to find each; `withLines` costs no statement. */
export const lockAndIndexOrders = async (
  trx: Trx,
  orderIds: Iterable<string>,
  { withLines = false }: { withLines?: boolean } = {},
): Promise<(id: string) => LockedOrder> => {
  const ids = [...new Set(orderIds)]
  const lock = withLines ? lockOrdersAndLines : lockOrderRows
  const rows = ids.length > 0 ? await lock(trx, ids) : []
  const orders = new Map(rows.map((row) => [row.id, row]))
  return (id) => {
    const order = orders.get(id)
    // Every order is committed before its event is published: this one was lost, and an operator must know.
    if (!order) throw new Error(`there is no order ${id}`)
    return order
  }
}

/** What a batch of one event does to the orders that it is about. */
export type HandleEvents<Data, Context = StepContext> = (
  trx: Trx,
  events: readonly Envelope<Data>[],
  context: Context,
) => Promise<void>

/** As `lockAndIndexOrders`, for the orders that a batch of events is about. */
export const lockOrdersOf = (trx: Trx, events: readonly { data: { orderId: string } }[]) =>
  lockAndIndexOrders(
    trx,
    events.map(({ data }) => data.orderId),
  )
