import { Type, type Static } from 'typebox'
import { defineEvent } from '../event.ts'
import { Sku, SkuQuantity, StockStatus, Timestamp, Uuid } from '../shapes.ts'

const Lines = Type.Array(SkuQuantity, { minItems: 1 })

/** Every line is reserved for the order. Ends in StockReleased or StockCommitted. */
export const StockReserved = defineEvent(
  'inventory.stock-reserved.v1',
  Type.Object({ orderId: Uuid, lines: Lines, expiresAt: Timestamp }),
  {
    subject: (data) => data.orderId,
  },
)
export type StockReserved = Static<typeof StockReserved.data>

/** Nothing is reserved for the order, because at least one line was short. */
export const StockRejected = defineEvent(
  'inventory.stock-rejected.v1',
  Type.Object({
    orderId: Uuid,
    shortages: Type.Array(
      Type.Object({ sku: Sku, wanted: Type.Integer(), available: Type.Integer({ minimum: 0 }) }),
    ),
  }),
  {
    subject: (data) => data.orderId,
  },
)
export type StockRejected = Static<typeof StockRejected.data>

/** What was still reserved for the order is available again. */
export const StockReleased = defineEvent(
  'inventory.stock-released.v1',
  Type.Object({
    orderId: Uuid,
    reason: Type.Union([Type.Literal('cancelled'), Type.Literal('expired')]),
    lines: Lines,
  }),
  { subject: (data) => data.orderId },
)
export type StockReleased = Static<typeof StockReleased.data>

/** Reserved stock was shipped: it is a sale now. */
export const StockCommitted = defineEvent(
  'inventory.stock-committed.v1',
  Type.Object({ orderId: Uuid, shipmentId: Uuid, lines: Lines }),
  {
    subject: (data) => data.orderId,
    consumerOptional: true,
  },
)
export type StockCommitted = Static<typeof StockCommitted.data>

/** On-hand stock changed by something that is not a sale. */
export const StockAdjusted = defineEvent(
  'inventory.stock-adjusted.v1',
  Type.Object({
    sku: Sku,
    location: Type.String(),
    kind: Type.String({ description: 'receipt, return, adjustment, count or transfer' }),
    delta: Type.Integer(),
    onHand: Type.Integer({ minimum: 0, description: 'at that location, afterwards' }),
    reason: Type.String(),
    movementId: Uuid,
  }),
  {
    subject: (data) => data.sku,
    consumerOptional: true,
  },
)
export type StockAdjusted = Static<typeof StockAdjusted.data>

/** The stock status of a SKU, as a shop may show it, changed. Whole state: the newest wins. */
export const StockStatusChanged = defineEvent(
  'inventory.stock-status-changed.v1',
  Type.Object({ sku: Sku, status: StockStatus, available: Type.Integer({ minimum: 0 }) }),
  {
    subject: (data) => data.sku,
  },
)
export type StockStatusChanged = Static<typeof StockStatusChanged.data>
