import { notFound } from '@storewright/service-kit'
import type { Db } from '../database.ts'
import { roleOf, type Asker } from './order-access.ts'
import type { OrderShape } from './order-schemas.ts'
import type { OrderStatus } from './order.ts'
import { orderView } from './order-view.ts'
import {
  findOrderRow,
  listLinesOf,
  listOrderRows,
  listShipmentsOf,
  type OrderFilter,
  type OrderRow,
} from './queries.ts'

const MAY_HAVE_SHIPMENTS: ReadonlySet<OrderStatus> = new Set([
  'confirmed',
  'partly_shipped',
  'shipped',
  'delivered',
  'returned',
])

const SHIPPED: ReadonlySet<OrderStatus> = new Set(['partly_shipped', 'shipped', 'delivered', 'returned'])

const withLines = async (db: Db, orders: readonly OrderRow[]): Promise<OrderShape[]> => {
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

/**
 * The whole order as it is now; the caller has checked who asks. Lines never change while nothing was shipped, so
 * those of an `earlier` reading are good.
 */
export const readOrder = async (db: Db, id: string, earlier?: OrderShape): Promise<OrderShape> => {
  const row = await findOrderRow(db, id)
  if (!row) throw new Error(`there is no order ${id}`)
  if (earlier && !SHIPPED.has(row.status)) {
    return { ...orderView(row, [], []), lines: earlier.lines, shipments: earlier.shipments }
  }
  const [order] = await withLines(db, [row])
  if (!order) throw new Error(`order ${id} vanished`)
  return order
}

/** The order, for whoever may read it; 404 for everybody else. */
export const readOrderFor = async (db: Db, id: string, asker: Asker): Promise<OrderShape> => {
  const row = await findOrderRow(db, id)
  const [order] = row && roleOf(asker, row, 'orders:read') ? await withLines(db, [row]) : []
  return order ?? notFound('order', id)
}

/** One page of whole orders, newest first. */
export const readOrders = async (db: Db, filter: OrderFilter): Promise<OrderShape[]> =>
  withLines(db, await listOrderRows(db, filter))
