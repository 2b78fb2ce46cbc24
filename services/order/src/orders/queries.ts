import type { Db } from '../database.ts'
import type { OrderStatus } from './order.ts'

const ORDER = [
  'id',
  'seq',
  'cart_id as cartId',
  'user_id as userId',
  'access_token_hash as accessTokenHash',
  'email',
  'status',
  'reason',
  'shortages',
  'currency',
  'shipping_address as shippingAddress',
  'billing_address as billingAddress',
  'shipping_method as shippingMethod',
  'subtotal_minor as subtotalMinor',
  'discount_minor as discountMinor',
  'shipping_minor as shippingMinor',
  'tax_minor as taxMinor',
  'total_minor as totalMinor',
  'payment_status as paymentStatus',
  'payment_reason as paymentReason',
  'payment_provider as paymentProvider',
  'version',
  'placed_at as placedAt',
  'expires_at as expiresAt',
] as const

export const findOrderRow = (db: Db, id: string) =>
  db.selectFrom('orders').select(ORDER).where('id', '=', id).executeTakeFirst()
export type OrderRow = NonNullable<Awaited<ReturnType<typeof findOrderRow>>>

export const findOrderAccess = (db: Db, id: string) =>
  db
    .selectFrom('orders')
    .select(['id', 'user_id as userId', 'access_token_hash as accessTokenHash'])
    .where('id', '=', id)
    .executeTakeFirst()
export type OrderAccess = NonNullable<Awaited<ReturnType<typeof findOrderAccess>>>

export interface OrderFilter {
  userId: string | null
  status: OrderStatus | undefined
  from: Date | undefined
  to: Date | undefined
  after: { placedAt: Date; id: string } | undefined
  limit: number
}

/** Newest first; each filter has an index that ends in this order, so no page is dearer than the first. */
export const listOrderRows = (db: Db, { userId, status, from, to, after, limit }: OrderFilter) => {
  let query = db.selectFrom('orders').select(ORDER)
  if (userId !== null) query = query.where('user_id', '=', userId)
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
    .select([
      'shipments.id',
      'shipments.order_id as orderId',
      'shipments.status',
      'shipments.reason',
      'shipments.carrier',
      'shipments.tracking_number as trackingNumber',
      'shipments.created_at as createdAt',
      'shipments.shipped_at as shippedAt',
      'shipment_lines.sku',
      'shipment_lines.quantity',
    ])
    .where('shipments.order_id', 'in', orderIds)
    .orderBy('shipments.id')
    .orderBy('shipment_lines.position')
    .execute()
export type ShipmentLineRow = Awaited<ReturnType<typeof listShipmentsOf>>[number]
