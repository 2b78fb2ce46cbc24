import { Type, type Static } from 'typebox'
import { defineEvent } from '../event.ts'
import { Sku, SkuQuantity, StockStatus, Timestamp, Uuid } from '../shapes.ts'

const Lines = Type.Array(SkuQuantity, { minItems: 1 })

/** Every line is held for the order. Ends in StockReleased or StockCommitted. */
export const StockReserved = defineEvent(
  'inventory.stock-reserved.v1',
  Type.Object({ orderId: Uuid, lines: Lines, expiresAt: Timestamp }),
  {
    description: 'Every line is held for the order. Ends in StockReleased or StockCommitted.',
    subject: (data) => data.orderId,
  },
)
export type StockReserved = Static<typeof StockReserved.data>

/** Nothing is held for the order, because at least one line was short. */
export const StockRejected = defineEvent(
  'inventory.stock-rejected.v1',
  Type.Object({
    orderId: Uuid,
    shortages: Type.Array(
      Type.Object({ sku: Sku, wanted: Type.Integer(), available: Type.Integer({ minimum: 0 }) }),
    ),
  }),
  {
    description: 'Nothing is held for the order, because at least one line was short.',
    subject: (data) => data.orderId,
  },
)
export type StockRejected = Static<typeof StockRejected.data>

/** What was still held for the order is free again. */
export const StockReleased = defineEvent(
  'inventory.stock-released.v1',
  Type.Object({
    orderId: Uuid,
    reason: Type.Union([Type.Literal('cancelled'), Type.Literal('expired')]),
    lines: Lines,
  }),
  { description: 'What was still held for the order is free again.', subject: (data) => data.orderId },
)
export type StockReleased = Static<typeof StockReleased.data>

/** Held stock left the house: it is a sale now. */
export const StockCommitted = defineEvent(
  'inventory.stock-committed.v1',
  Type.Object({ orderId: Uuid, shipmentId: Uuid, lines: Lines }),
  {
    description: 'Held stock left the house: it is a sale now.',
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
    description: 'On-hand stock changed by something that is not a sale.',
    subject: (data) => data.sku,
    consumerOptional: true,
  },
)
export type StockAdjusted = Static<typeof StockAdjusted.data>

/** What a shop may show of a SKU changed; whole state, newest wins. */
export const StockStatusChanged = defineEvent(
  'inventory.stock-status-changed.v1',
  Type.Object({ sku: Sku, status: StockStatus, available: Type.Integer({ minimum: 0 }) }),
  {
    description: 'What a shop may show of a SKU changed. Whole state: the newest wins.',
    subject: (data) => data.sku,
  },
)
export type StockStatusChanged = Static<typeof StockStatusChanged.data>
