import type { Trx } from '../database.ts'
import type { Address } from '../orders/address.ts'
import type { PricedLine, Totals } from '../orders/totals.ts'

export interface NewOrder {
  id: string
  cartId: string
  userId: string | null
  accessTokenHash: string | null
  email: string | null
  currency: string
  shippingAddress: Address
  billingAddress: Address | null
  shippingMethod: string
  payment: { provider: string; token: string | null }
  totals: Totals
  correlationId: string
  placedAt: Date
  expiresAt: Date
}

/** Returns the order's place in the sequence of numbers. */
export const insertOrder = async (trx: Trx, order: NewOrder): Promise<bigint> => {
  const { totals, payment } = order
  const result = await trx
    .insertInto('orders')
    .values({
      id: order.id,
      cart_id: order.cartId,
      user_id: order.userId,
      access_token_hash: order.accessTokenHash,
      email: order.email,
      currency: order.currency,
      shipping_address: JSON.stringify(order.shippingAddress),
      billing_address: order.billingAddress && JSON.stringify(order.billingAddress),
      shipping_method: order.shippingMethod,
      subtotal_minor: totals.subtotalMinor,
      discount_minor: totals.discountMinor,
      shipping_minor: totals.shippingMinor,
      tax_minor: totals.taxMinor,
      total_minor: totals.totalMinor,
      payment_provider: payment.provider,
      payment_token: payment.token,
      correlation_id: order.correlationId,
      placed_at: order.placedAt,
      expires_at: order.expiresAt,
    })
    .executeTakeFirstOrThrow()
  if (result.insertId === undefined) throw new Error('the order got no number')
  return result.insertId
}

export const insertOrderLines = (
  trx: Trx,
  orderId: string,
  lines: readonly (PricedLine & { id: string })[],
) =>
  trx
    .insertInto('order_lines')
    .values(
      lines.map((line, position) => ({
        order_id: orderId,
        position,
        id: line.id,
        sku: line.sku,
        name: line.name,
        quantity: line.quantity,
        unit_price_minor: line.unitPriceMinor,
        discount_minor: line.discountMinor,
        tax_minor: line.taxMinor,
        total_minor: line.totalMinor,
      })),
    )
    .execute()
