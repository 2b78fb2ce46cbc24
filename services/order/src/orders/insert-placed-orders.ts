import { OrderPlaced } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { emitOrderContact, refuseLateContacts, type Reachable } from '../contacts/contacts.ts'
import { emitWithCause, type Cause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import { isAnyErased } from '../erased-users/erased-users.ts'
import type { PricedOrder } from '../pricing/price-order.ts'
import { lineMoney, money, totalsView } from '../pricing/totals.ts'
import { Problem } from '../problems.ts'
import { recordSteps } from '../timeline/timeline.ts'
import type { Order } from './order-schemas.ts'
import { orderNumber } from './order.ts'
import { insertOrders, NOTHING_PAID, type NewOrder } from './queries.ts'
import { orderView } from './read-orders.ts'

/** An order that may be placed as it is. */
export interface PlacedOrder extends Omit<
  NewOrder,
  'email' | 'totals' | 'discounts' | 'lines' | 'correlationId'
> {
  contact: Reachable
  priced: PricedOrder
  cause: Cause
}

const newOrderOf = ({ priced, cause, contact, ...order }: PlacedOrder): NewOrder => ({
  ...order,
  email: contact.email,
  correlationId: cause.correlationId,
  totals: priced.totals,
  discounts: priced.discounts.map(({ promotionId, name, code, amountMinor }) => ({
    promotionId,
    name,
    code,
    amountMinor,
  })),
  lines: priced.lines.map((line) => ({ ...line, id: newId() })),
})

/** A new order as the API shows it, without reading back what has just been written. */
const viewOf = (order: NewOrder, seq: number): Order =>
  orderView(
    {
      ...order,
      ...order.totals,
      seq,
      status: 'pending',
      reason: null,
      shortages: null,
      ...NOTHING_PAID,
      paymentProvider: order.payment.provider,
      retryCartId: null,
      version: 1,
    },
    order.lines.map((line) => ({ ...line, orderId: order.id, shippedQuantity: 0 })),
    [],
  )

const emitPlaced = (trx: Trx, order: NewOrder, seq: number, cause: Cause) =>
  emitWithCause(trx, cause, OrderPlaced, {
    orderId: order.id,
    number: orderNumber(seq),
    userId: order.userId,
    country: order.shippingAddress.country,
    lines: order.lines.map((line) => ({
      lineId: line.id,
      sku: line.sku,
      name: line.name,
      quantity: line.quantity,
      ...lineMoney(line, order.currency),
    })),
    totals: totalsView(order.totals, order.currency),
    promotions: order.discounts.map(({ promotionId, code, amountMinor }) => ({
      promotionId,
      code,
      amount: money(amountMinor, order.currency),
    })),
    shippingMethod: order.shippingMethod,
    channel: order.channel,
    placedAt: order.placedAt.toISOString(),
  })

/** Writes orders with their lines and first steps, and emits OrderPlaced for each; the same few statements for one or many. */
export const insertPlacedOrders = async (
  trx: Trx,
  placed: readonly PlacedOrder[],
  { wait }: { wait: boolean },
): Promise<Order[]> => {
  if (placed.length === 0) return []
  const orders = placed.map((one) => ({ ...newOrderOf(one), cause: one.cause, contact: one.contact }))
  const seqs = await insertOrders(trx, orders)
  if (await isAnyErased(trx, [...new Set(orders.flatMap(({ userId }) => userId ?? []))], { wait }))
    throw new Problem('invalid-token', 'This account was erased.')
  const unreachable = orders.flatMap(({ userId, email }) => (email === null && userId !== null ? userId : []))
  await refuseLateContacts(trx, [...new Set(unreachable)], { wait })

  const views: Order[] = []
  for (const { cause, contact, ...order } of orders) {
    const seq = seqs.get(order.id)
    if (seq === undefined) throw new Error(`order ${order.id} has no number`)
    await recordSteps(
      trx,
      [
        {
          orderId: order.id,
          type: OrderPlaced.type,
          by: 'customer',
          summary: 'The order was placed.',
          data: { total: money(order.totals.totalMinor, order.currency) },
          correlationId: order.correlationId,
        },
      ],
      order.placedAt,
    )
    await emitPlaced(trx, order, seq, cause)
    await emitOrderContact(trx, cause, order.id, contact)
    views.push(viewOf(order, seq))
  }
  return views
}
