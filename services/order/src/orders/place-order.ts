import { OrderPlaced, type Money } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { priceCartLine } from '../carts/cart.ts'
import { checkoutCart } from '../carts/checkout-cart.ts'
import { contactFor, emitOrderContact, listContacts } from '../contacts/contacts.ts'
import { causedByRequest, emitWithCause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import {
  isTooLarge,
  lineMoney,
  money,
  sumTotals,
  totalsView,
  type PricedLine,
  type Totals,
} from '../pricing/totals.ts'
import { Problem } from '../problems.ts'
import type { Address } from '../schemas.ts'
import type { ShippingMethod } from '../shipping/shipping-methods.ts'
import { recordSteps } from '../timeline/timeline.ts'
import type { Order } from './order-schemas.ts'
import { orderNumber } from './order.ts'
import { insertOrder, insertOrderLines, NOTHING_PAID, type NewOrder } from './queries.ts'
import { orderView } from './read-orders.ts'

export interface PlaceOrder {
  orderId: string
  cartId: string
  userId: string | null
  accessTokenHash: string | null
  email: string | null
  shippingAddress: Address
  billingAddress: Address | null
  shippingMethod: ShippingMethod
  payment: { provider: string; token: string | null }
  expectedTotal: Money | undefined
  now: Date
  expiresAt: Date
}

const checkTotals = (totals: Totals, currency: string, expected: Money | undefined) => {
  if (isTooLarge(totals)) {
    throw new Problem('unprocessable', 'The total is more than an order may cost.', {
      errors: [{ path: 'cartId', message: 'names a cart that costs too much' }],
    })
  }
  if (!expected) return
  if (expected.currency !== currency) {
    throw new Problem('currency-mismatch', `The cart is in ${currency}.`, {
      errors: [{ path: 'expectedTotal.currency', message: `must be ${currency}` }],
    })
  }
  if (expected.amount !== totals.totalMinor) {
    throw new Problem('total-changed', 'The total has changed; show it to the customer first.', {
      totals: totalsView(totals, currency),
    })
  }
}

/** A new order as the API shows it, without reading back what has just been written. */
const placedOrder = (order: NewOrder, seq: bigint, lines: readonly (PricedLine & { id: string })[]): Order =>
  orderView(
    {
      ...order,
      ...order.totals,
      seq: Number(seq),
      status: 'pending',
      reason: null,
      shortages: null,
      ...NOTHING_PAID,
      paymentProvider: order.payment.provider,
      version: 1,
    },
    lines.map((line) => ({ ...line, orderId: order.id, shippedQuantity: 0 })),
    [],
  )

/** Turns a cart into an order, priced from the own copy of the offers, and emits OrderPlaced in one transaction. */
export const placeOrder = async (trx: Trx, command: PlaceOrder): Promise<Order> => {
  const { orderId, cartId, userId, now, shippingMethod, payment } = command
  const { currency, lines: cartLines } = await checkoutCart(trx, { cartId, userId, orderId, now })
  const lines = cartLines.map((line) => ({ ...priceCartLine(line, currency), id: newId() }))
  const totals = sumTotals(lines, shippingMethod.priceMinor)
  checkTotals(totals, currency, command.expectedTotal)

  const contact = contactFor(command, (await listContacts(trx, [userId])).get(userId ?? ''))
  const cause = causedByRequest()
  const { correlationId } = cause
  const order: NewOrder = {
    id: orderId,
    cartId,
    userId,
    accessTokenHash: command.accessTokenHash,
    email: contact.email,
    currency,
    shippingAddress: command.shippingAddress,
    billingAddress: command.billingAddress,
    shippingMethod: shippingMethod.id,
    payment,
    totals,
    correlationId,
    placedAt: now,
    expiresAt: command.expiresAt,
  }
  const seq = await insertOrder(trx, order)
  if (!(await insertOrderLines(trx, { orderId, userId }, lines))) {
    throw new Problem('invalid-token', 'This account was erased.')
  }
  const total = money(totals.totalMinor, currency)
  const summary = 'The order was placed.'
  await recordSteps(
    trx,
    [{ orderId, type: OrderPlaced.type, by: 'customer', summary, data: { total }, correlationId }],
    now,
  )
  await emitWithCause(trx, cause, OrderPlaced, {
    orderId,
    number: orderNumber(seq),
    userId,
    country: command.shippingAddress.country,
    lines: lines.map((line) => ({
      lineId: line.id,
      sku: line.sku,
      name: line.name,
      quantity: line.quantity,
      ...lineMoney(line, currency),
    })),
    totals: totalsView(totals, currency),
    placedAt: now.toISOString(),
  })
  await emitOrderContact(trx, cause, orderId, contact)
  return placedOrder(order, seq, lines)
}
