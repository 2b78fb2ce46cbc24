import { Type, type Static } from 'typebox'
import { about, defineEvent, unconsumed } from '../event.ts'
import { Sku, StockStatus, Uuid } from '../shapes.ts'
import { Available, Lines, oneOf, orNull, Shortages, Timestamp } from './shapes.ts'

/** Every line is reserved for the order. Ends in StockReleased or StockCommitted. */
export const StockReserved = defineEvent('inventory.stock-reserved.v1', about('orderId'), {
  orderId: Uuid,
  lines: Lines,
  expiresAt: Timestamp,
})
export type StockReserved = Static<typeof StockReserved.data>

/** Nothing is reserved for the order, because at least one line was short. */
export const StockRejected = defineEvent('inventory.stock-rejected.v1', about('orderId'), {
  orderId: Uuid,
  shortages: Shortages,
})
export type StockRejected = Static<typeof StockRejected.data>

/** What was still reserved for the order is available again. */
export const StockReleased = defineEvent('inventory.stock-released.v1', about('orderId'), {
  orderId: Uuid,
  reason: oneOf('cancelled', 'expired'),
  lines: Lines,
})
export type StockReleased = Static<typeof StockReleased.data>

/** Reserved stock was shipped: it is a sale now. */
export const StockCommitted = defineEvent('inventory.stock-committed.v1', unconsumed('orderId'), {
  orderId: Uuid,
  shipmentId: Uuid,
  lines: Lines,
})
export type StockCommitted = Static<typeof StockCommitted.data>

/** On-hand stock changed by something that is not a sale. */
export const StockAdjusted = defineEvent('inventory.stock-adjusted.v1', unconsumed('sku'), {
  sku: Sku,
  location: Type.String(),
  kind: Type.String({ description: 'receipt, return, adjustment, count or transfer' }),
  delta: Type.Integer(),
  onHand: Type.Integer({ minimum: 0, description: 'at that location, afterwards' }),
  reason: Type.String(),
  movementId: Uuid,
})
export type StockAdjusted = Static<typeof StockAdjusted.data>

/** The stock status of a SKU, as a shop may show it, changed. Whole state: the newest wins. */
export const StockStatusChanged = defineEvent('inventory.stock-status-changed.v1', about('sku'), {
  sku: Sku,
  status: StockStatus,
  available: Available,
})
export type StockStatusChanged = Static<typeof StockStatusChanged.data>

/** What is available at a location fell to its threshold, or to nothing. Once per crossing; clears by itself. */
export const StockLow = defineEvent('inventory.stock-low.v1', unconsumed('sku'), {
  sku: Sku,
  location: Type.String(),
  level: oneOf('low', 'out'),
  available: Available,
  threshold: Type.Integer({ minimum: 0, description: 'units: at most this many is low' }),
  since: Timestamp,
})
export type StockLow = Static<typeof StockLow.data>

const OrderedLines = Type.Array(
  Type.Object({ sku: Sku, location: Type.String(), ordered: Type.Integer({ minimum: 1 }) }),
  { minItems: 1 },
)

/** A person or a reorder rule wants goods of a supplier; an automatic one without supplier is a draft. */
export const PurchaseOrderCreated = defineEvent(
  'inventory.purchase-order-created.v1',
  unconsumed('purchaseOrderId'),
  {
    purchaseOrderId: Uuid,
    number: Type.String(),
    status: oneOf('draft', 'submitted'),
    automatic: Type.Boolean(),
    supplierId: orNull(Uuid),
    lines: OrderedLines,
    createdAt: Timestamp,
  },
)
export type PurchaseOrderCreated = Static<typeof PurchaseOrderCreated.data>

/** Goods of a purchase order arrived, perhaps not yet all. What arrived is in the lines. */
export const PurchaseOrderReceived = defineEvent(
  'inventory.purchase-order-received.v1',
  unconsumed('purchaseOrderId'),
  {
    purchaseOrderId: Uuid,
    number: Type.String(),
    status: oneOf('partly_received', 'received'),
    lines: Type.Array(
      Type.Object({ sku: Sku, location: Type.String(), quantity: Type.Integer({ minimum: 1 }) }),
      { minItems: 1 },
    ),
    receivedAt: Timestamp,
  },
)
export type PurchaseOrderReceived = Static<typeof PurchaseOrderReceived.data>
