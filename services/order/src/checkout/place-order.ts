import { OrderPlaced, type Money } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { Problem } from '@storewright/service-kit'
import { priceCartLine } from '../carts/cart.ts'
import { takeCart } from '../carts/take-cart.ts'
import { causedByRequest, emitFor } from '../cause.ts'
import type { Trx } from '../database.ts'
import { money } from '../money.ts'
import type { Address } from '../orders/address.ts'
import type { OrderShape } from '../orders/order-schemas.ts'
import { orderNumber } from '../orders/order.ts'
import { totalsView } from '../orders/totals-view.ts'
import { addUp, isTooLarge, type Totals } from '../orders/totals.ts'
import type { PaymentMethod } from '../payments/payment-method.ts'
import type { ShippingMethod } from '../shipping/shipping-methods.ts'
import { recordSteps } from '../timeline/record-steps.ts'
import { placedView } from './placed-view.ts'
import { insertOrder, insertOrderLines, type NewOrder } from './queries.ts'

export interface PlaceOrder {
  orderId: string
  cartId: string
  userId: string | null
  accessTokenHash: string | null
  email: string | null
  shippingAddress: Address
  billingAddress: Address | null
  shippingMethod: ShippingMethod
  payment: PaymentMethod
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
    throw new Problem('total-changed', 'The total is another by now; show it to the customer first.', {
      totals: totalsView(totals, currency),
    })
  }
}

/**
 * Turns a cart into an order, priced from the service's own copy of the offers. One transaction: cart, order,
 * lines, timeline and the event that makes inventory reserve are there together or not at all. Returns the order
 * as a read would find it.
 */
export const placeOrder = async (trx: Trx, command: PlaceOrder): Promise<OrderShape> => {
  const { orderId, cartId, userId, now, shippingMethod, payment } = command
  const { currency, lines: cartLines } = await takeCart(trx, { cartId, userId, orderId, now })
  const lines = cartLines.map((line) => ({ ...priceCartLine(line, currency), id: newId() }))
  const totals = addUp(lines, shippingMethod.priceMinor)
  checkTotals(totals, currency, command.expectedTotal)

  const cause = causedByRequest()
  const { correlationId } = cause
  const order: NewOrder = {
    id: orderId,
    cartId,
    userId,
    accessTokenHash: command.accessTokenHash,
    email: command.email,
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
  await recordSteps(
    trx,
    [{ orderId, type: OrderPlaced.type, by: 'customer', summary: 'The order was placed.', correlationId }],
    now,
  )
  await emitFor(trx, cause, OrderPlaced, {
    orderId,
    number: orderNumber(seq),
    userId,
    country: command.shippingAddress.country,
    lines: lines.map((line) => ({
      lineId: line.id,
      sku: line.sku,
      name: line.name,
      quantity: line.quantity,
      unitPrice: money(line.unitPriceMinor, currency),
      discount: money(line.discountMinor, currency),
      tax: money(line.taxMinor, currency),
      total: money(line.totalMinor, currency),
    })),
    totals: totalsView(totals, currency),
    placedAt: now.toISOString(),
  })
  return placedView(order, seq, lines)
}
