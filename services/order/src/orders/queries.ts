import { insertRows } from '@storewright/database'
import type { Db, Trx } from '../database.ts'
import type { PricedLine, Totals } from '../pricing/totals.ts'
import type { Address } from '../schemas.ts'
import type { OrderStatus } from './order.ts'

export interface NewOrder {
  id: string
  cartId: string
  userId: string | null
  accessTokenHash: string | null
  email: string | null
  channel: string | null
  currency: string
  shippingAddress: Address
  billingAddress: Address | null
  shippingMethod: string
  payment: { provider: string; token: string | null }
  totals: Totals
  discounts: readonly StoredDiscount[]
  lines: readonly (PricedLine & { id: string })[]
  correlationId: string
  placedAt: Date
  expiresAt: Date
}

/** What a promotion took off an order, lines and shipping. */
export interface StoredDiscount {
  promotionId: string
  name: string
  code: string | null
  amountMinor: number
}

const rowOf = ({ totals, payment, ...order }: NewOrder) => ({
  id: order.id,
  cart_id: order.cartId,
  user_id: order.userId,
  access_token_hash: order.accessTokenHash,
  email: order.email,
  channel: order.channel,
  currency: order.currency,
  shipping_address: JSON.stringify(order.shippingAddress),
  billing_address: order.billingAddress && JSON.stringify(order.billingAddress),
  shipping_method: order.shippingMethod,
  subtotal_minor: totals.subtotalMinor,
  discount_minor: totals.discountMinor,
  discounts: order.discounts.length > 0 ? JSON.stringify(order.discounts) : null,
  shipping_minor: totals.shippingMinor,
  tax_minor: totals.taxMinor,
  tax_included_minor: totals.taxIncludedMinor,
  shipping_tax_minor: totals.shippingTaxMinor,
  total_minor: totals.totalMinor,
  payment_provider: payment.provider,
  payment_token: payment.token,
  correlation_id: order.correlationId,
  placed_at: order.placedAt,
  expires_at: order.expiresAt,
})

const lineRowsOf = ({ id: orderId, lines }: NewOrder) =>
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
    tax_included_minor: line.taxIncludedMinor,
    tax_basis_points: line.taxBasisPoints,
    total_minor: line.totalMinor,
  }))

/** Inserts orders with their lines, and returns each order's place in the sequence of numbers. */
export const insertOrders = async (
  trx: Trx,
  orders: readonly NewOrder[],
): Promise<ReadonlyMap<string, number>> => {
  const { insertId } = await insertRows(trx, 'orders', orders.map(rowOf))
  await insertRows(trx, 'order_lines', orders.flatMap(lineRowsOf))
  const [only, ...others] = orders
  if (only && others.length === 0 && insertId !== undefined) return new Map([[only.id, Number(insertId)]])
  const ids = orders.map(({ id }) => id)
  // Not reckoned from the first: servers may count up in steps.
  const rows = await trx.selectFrom('orders').select(['id', 'seq']).where('id', 'in', ids).execute()
  return new Map(rows.map(({ id, seq }) => [id, Number(seq)]))
}

const ORDER = [
  'id',
  'seq',
  'cart_id as cartId',
  'user_id as userId',
  'access_token_hash as accessTokenHash',
  'email',
  'channel',
  'status',
  'reason',
  'shortages',
  'currency',
  'shipping_address as shippingAddress',
  'billing_address as billingAddress',
  'shipping_method as shippingMethod',
  'subtotal_minor as subtotalMinor',
  'discount_minor as discountMinor',
  'discounts',
  'retry_cart_id as retryCartId',
  'shipping_minor as shippingMinor',
  'tax_minor as taxMinor',
  'tax_included_minor as taxIncludedMinor',
  'total_minor as totalMinor',
  'payment_status as paymentStatus',
  'payment_reason as paymentReason',
  'payment_provider as paymentProvider',
  'payment_action as paymentAction',
  'authorized_minor as authorizedMinor',
  'captured_minor as capturedMinor',
  'refunded_minor as refundedMinor',
  'received_minor as receivedMinor',
  'version',
  'placed_at as placedAt',
  'expires_at as expiresAt',
] as const

export const findOrderRow = (db: Db, id: string) =>
  db.selectFrom('orders').select(ORDER).where('id', '=', id).executeTakeFirst()
export type OrderRow = NonNullable<Awaited<ReturnType<typeof findOrderRow>>>

/** What a placed order has before anything was paid. */
export const NOTHING_PAID = {
  paymentStatus: 'pending',
  paymentReason: null,
  paymentAction: null,
  authorizedMinor: 0,
  capturedMinor: 0,
  refundedMinor: 0,
  receivedMinor: 0,
} as const

export const findOrderAccess = (db: Db, id: string) =>
  db
    .selectFrom('orders')
    .select(['id', 'user_id as userId', 'access_token_hash as accessTokenHash'])
    .where('id', '=', id)
    .executeTakeFirst()
export type OrderAccess = NonNullable<Awaited<ReturnType<typeof findOrderAccess>>>

export interface OrderFilter {
  userId: string | null
  /** In its normal form. */
  email?: string | undefined
  status: OrderStatus | undefined
  from: Date | undefined
  to: Date | undefined
  after: { placedAt: Date; id: string } | undefined
  limit: number
}

/** Newest first; each filter has an index that ends in this order, so no page is dearer than the first. */
export const listOrderRows = (db: Db, { userId, email, status, from, to, after, limit }: OrderFilter) => {
  let query = db.selectFrom('orders').select(ORDER)
  if (userId !== null) query = query.where('user_id', '=', userId)
  if (email !== undefined) query = query.where('email', '=', email)
  if (status) query = query.where('status', '=', status)
  if (from) query = query.where('placed_at', '>=', from)
  if (to) query = query.where('placed_at', '<', to)
  if (after) {
    query = query
      .where('placed_at', '<=', after.placedAt)
      .where((eb) => eb.or([eb('placed_at', '<', after.placedAt), eb('id', '<', after.id)]))
  }
  return query.orderBy('placed_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
}

export const listLinesOf = (db: Db, orderIds: readonly string[]) =>
  db
    .selectFrom('order_lines')
    .select([
      'order_id as orderId',
      'id',
      'sku',
      'name',
      'quantity',
      'unit_price_minor as unitPriceMinor',
      'discount_minor as discountMinor',
      'tax_minor as taxMinor',
      'tax_included_minor as taxIncludedMinor',
      'tax_basis_points as taxBasisPoints',
      'total_minor as totalMinor',
      'shipped_quantity as shippedQuantity',
    ])
    .where('order_id', 'in', orderIds)
    .orderBy('order_id')
    .orderBy('position')
    .execute()
export type LineRow = Awaited<ReturnType<typeof listLinesOf>>[number]

/** The shipments of orders with their lines: a row for each line. */
export const listShipmentsOf = (db: Db, orderIds: readonly string[]) =>
  db
    .selectFrom('shipments')
    .innerJoin('shipment_lines', 'shipment_lines.shipment_id', 'shipments.id')
    .select(['shipments.id', 'shipments.order_id as orderId', 'shipments.status', 'shipments.reason'])
    .select(['shipments.carrier', 'shipments.tracking_number as trackingNumber'])
    .select(['shipments.created_at as createdAt', 'shipments.shipped_at as shippedAt'])
    .select(['shipment_lines.sku', 'shipment_lines.quantity'])
    .where('shipments.order_id', 'in', orderIds)
    .orderBy('shipments.id')
    .orderBy('shipment_lines.position')
    .execute()
export type ShipmentLineRow = Awaited<ReturnType<typeof listShipmentsOf>>[number]
