import { parseJson } from '@storewright/database'
import { money } from '../money.ts'
import type { Address } from './address.ts'
import type { OrderShape, ShipmentShape } from './order-schemas.ts'
import { orderNumber } from './order.ts'
import type { LineRow, OrderRow, ShipmentLineRow } from './queries.ts'
import { totalsView } from './totals-view.ts'

const lineView = (line: LineRow, currency: string) => ({
  id: line.id,
  sku: line.sku,
  name: line.name,
  quantity: line.quantity,
  unitPrice: money(line.unitPriceMinor, currency),
  discount: money(line.discountMinor, currency),
  tax: money(line.taxMinor, currency),
  total: money(line.totalMinor, currency),
  shippedQuantity: line.shippedQuantity,
})

/** Shipments as the API shows them, from a row for each of their lines. */
const shipmentViews = (rows: readonly ShipmentLineRow[]): ShipmentShape[] =>
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

/** The order as the API shows it. */
export const orderView = (
  order: OrderRow,
  lines: readonly LineRow[],
  shipments: readonly ShipmentLineRow[],
): OrderShape => ({
  id: order.id,
  number: orderNumber(order.seq),
  status: order.status,
  reason: order.reason,
  shortages: parseJson(order.shortages as OrderShape['shortages'] | string | null) ?? [],
  cartId: order.cartId,
  userId: order.userId,
  email: order.email,
  lines: lines.map((line) => lineView(line, order.currency)),
  totals: totalsView(order, order.currency),
  payment: { status: order.paymentStatus, provider: order.paymentProvider, reason: order.paymentReason },
  shippingMethod: order.shippingMethod,
  shippingAddress: parseJson(order.shippingAddress as Address | string),
  billingAddress: parseJson(order.billingAddress as Address | string | null),
  shipments: shipmentViews(shipments),
  placedAt: order.placedAt.toISOString(),
  expiresAt: order.expiresAt?.toISOString() ?? null,
  version: order.version,
})
