import { parseJson } from '@storewright/database'
import { showEmail } from '@storewright/people/email'
import { notFound } from '@storewright/service-kit/http'
import type { Db } from '../database.ts'
import { lineMoney, money, totalsView } from '../pricing/totals.ts'
import type { Address } from '../schemas.ts'
import { roleOf, type Requester } from './order-access.ts'
import type { Order, Shipment } from './order-schemas.ts'
import { orderNumber, type OrderStatus } from './order.ts'
import {
  findOrderRow,
  listLinesOf,
  listOrderRows,
  listShipmentsOf,
  type LineRow,
  type OrderFilter,
  type OrderRow,
  type ShipmentLineRow,
  type StoredDiscount,
} from './queries.ts'

const lineView = (line: LineRow, currency: string) => ({
  id: line.id,
  sku: line.sku,
  name: line.name,
  quantity: line.quantity,
  ...lineMoney(line, currency),
  shippedQuantity: line.shippedQuantity,
})

/** Shipments as the API shows them, from a row for each of their lines. */
const shipmentViews = (rows: readonly ShipmentLineRow[]): Shipment[] =>
  [...Map.groupBy(rows, ({ id }) => id).values()].flatMap((lines) => {
    const [first] = lines
    if (!first) return []
    const { id, orderId, status, reason, carrier, trackingNumber, createdAt, shippedAt } = first
    return {
      id,
      orderId,
      status,
      reason,
      carrier,
      trackingNumber,
      lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
      createdAt: createdAt.toISOString(),
      shippedAt: shippedAt?.toISOString() ?? null,
    }
  })

const paymentView = (order: OrderRow): Order['payment'] => ({
  status: order.paymentStatus,
  provider: order.paymentProvider,
  reason: order.paymentReason,
  authorized: money(order.authorizedMinor, order.currency),
  captured: money(order.capturedMinor, order.currency),
  refunded: money(order.refundedMinor, order.currency),
  received: money(order.receivedMinor, order.currency),
  nextAction: parseJson(order.paymentAction as Order['payment']['nextAction'] | string),
})

/** The order as the API shows it. */
export const orderView = (
  order: OrderRow,
  lines: readonly LineRow[],
  shipments: readonly ShipmentLineRow[],
): Order => ({
  id: order.id,
  number: orderNumber(order.seq),
  status: order.status,
  reason: order.reason,
  shortages: parseJson(order.shortages as Order['shortages'] | string | null) ?? [],
  cartId: order.cartId,
  retryCartId: order.retryCartId,
  channel: order.channel,
  userId: order.userId,
  email: order.email && showEmail(order.email),
  lines: lines.map((line) => lineView(line, order.currency)),
  totals: totalsView(order, order.currency),
  discounts: (parseJson(order.discounts as StoredDiscount[] | string | null) ?? []).map(
    ({ amountMinor, ...discount }) => ({ ...discount, amount: money(amountMinor, order.currency) }),
  ),
  payment: paymentView(order),
  shippingMethod: order.shippingMethod,
  shippingAddress: parseJson(order.shippingAddress as Address | string),
  billingAddress: parseJson(order.billingAddress as Address | string | null),
  shipments: shipmentViews(shipments),
  placedAt: order.placedAt.toISOString(),
  expiresAt: order.expiresAt?.toISOString() ?? null,
  version: order.version,
})

const MAY_HAVE_SHIPMENTS: ReadonlySet<OrderStatus> = new Set([
  'confirmed',
  'partly_shipped',
  'shipped',
  'delivered',
  'returned',
])

const SHIPPED: ReadonlySet<OrderStatus> = new Set(['partly_shipped', 'shipped', 'delivered', 'returned'])

const withLines = async (db: Db, orders: readonly OrderRow[]): Promise<Order[]> => {
  if (orders.length === 0) return []
  const shippable = orders.filter(({ status }) => MAY_HAVE_SHIPMENTS.has(status)).map(({ id }) => id)
  const [lines, shipments] = await Promise.all([
    listLinesOf(
      db,
      orders.map(({ id }) => id),
    ),
    shippable.length > 0 ? listShipmentsOf(db, shippable) : [],
  ])
  const linesOf = Map.groupBy(lines, ({ orderId }) => orderId)
  const shipmentsOf = Map.groupBy(shipments, ({ orderId }) => orderId)
  return orders.map((order) => orderView(order, linesOf.get(order.id) ?? [], shipmentsOf.get(order.id) ?? []))
}

/** The order now, without a check of access. Lines of an `earlier` reading hold while nothing was shipped. */
export const readOrder = async (db: Db, id: string, earlier?: Order): Promise<Order> => {
  const row = await findOrderRow(db, id)
  if (!row) throw new Error(`there is no order ${id}`)
  if (earlier && !SHIPPED.has(row.status)) {
    return { ...orderView(row, [], []), lines: earlier.lines, shipments: earlier.shipments }
  }
  const [order] = await withLines(db, [row])
  if (!order) throw new Error(`order ${id} vanished`)
  return order
}

/** The order for a requester who may read it; 404 for anybody else. */
export const readOrderFor = async (db: Db, id: string, requester: Requester): Promise<Order> => {
  const row = await findOrderRow(db, id)
  const [order] = row && roleOf(requester, row, 'orders:read') ? await withLines(db, [row]) : []
  return order ?? notFound('order', id)
}

/** One page of whole orders, newest first. */
export const readOrders = async (db: Db, filter: OrderFilter): Promise<Order[]> =>
  withLines(db, await listOrderRows(db, filter))
