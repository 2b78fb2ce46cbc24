import { errnoOf } from '@storewright/database'
import type { Trx } from '../database.ts'
import type { Address } from '../orders/address.ts'
import type { PricedLine, Totals } from '../orders/totals.ts'
import { unlessErased } from '../personal-data/tombstone-queries.ts'

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

const COLUMN_CANNOT_BE_NULL = 1048

/**
 * False where the customer was erased meanwhile: then nothing is inserted, and the order must not last. Asked after
 * the order's own row is there, so that an erasure either waits for that or has left its tombstone before.
 */
export const insertOrderLines = async (
  trx: Trx,
  { orderId, userId }: { orderId: string; userId: string | null },
  lines: readonly (PricedLine & { id: string })[],
): Promise<boolean> => {
  try {
    await trx
      .insertInto('order_lines')
      .values(
        lines.map((line, position) => ({
          order_id: position === 0 ? unlessErased(userId, orderId) : orderId,
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
    return true
  } catch (error) {
    if (errnoOf(error) === COLUMN_CANNOT_BE_NULL) return false
    throw error
  }
}
