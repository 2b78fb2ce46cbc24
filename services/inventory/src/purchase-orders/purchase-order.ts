import { MAX_QUANTITY, Quantity, Sku, SkuInput, Timestamp, Uuid } from '@storewright/contracts'
import { Type } from 'typebox'
import { MAIN_LOCATION } from '../database.ts'
import { LocationCode } from '../locations/location.ts'
import type { OrderLine, PurchaseOrder } from './queries.ts'

/** A page has at most 100 orders; the job that reorders puts at most 100 lines on one. */
const MAX_LINES = 200

/** A number as people read it out on the telephone. */
export const purchaseOrderNumber = (seq: number | bigint) => `PO-${seq}`

export const Status = Type.Union(
  [
    Type.Literal('draft'),
    Type.Literal('submitted'),
    Type.Literal('partly_received'),
    Type.Literal('received'),
    Type.Literal('cancelled'),
  ],
  { title: 'PurchaseOrderStatus', description: 'received and cancelled are ends; the others are open' },
)

const OrNull = <Schema extends Type.TSchema>(schema: Schema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description })

const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 2 * MAX_QUANTITY, description, examples: [24] })

const shown = {
  id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a90',
  number: 'PO-100042',
  status: 'partly_received',
  automatic: true,
  supplierId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a80',
  supplierName: 'Potters of Stoke',
  lines: [{ sku: 'MUG-1', location: 'main', ordered: 24, received: 12 }],
  version: 2,
  createdAt: '2026-01-31T09:30:00.000Z',
  submittedAt: '2026-01-31T09:30:00.000Z',
  expectedAt: '2026-02-05T09:30:00.000Z',
  endedAt: null,
  updatedAt: '2026-02-04T09:30:00.000Z',
}

export const PurchaseOrderView = Type.Object(
  {
    id: Uuid,
    number: Type.String({ pattern: '^PO-[0-9]+$', maxLength: 24 }),
    status: Status,
    automatic: Type.Boolean({ description: 'made by a reorder rule' }),
    supplierId: OrNull(Uuid),
    supplierName: OrNull(Type.String({ maxLength: 100 }), 'also of one that was deleted since'),
    lines: Type.Array(
      Type.Object({
        sku: Sku,
        location: LocationCode,
        ordered: count('units'),
        received: count('units, of what was ordered'),
      }),
      { maxItems: MAX_LINES },
    ),
    version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
    createdAt: Timestamp,
    submittedAt: OrNull(Timestamp),
    expectedAt: OrNull(Timestamp, 'when it was submitted plus the lead time, where there is one'),
    endedAt: OrNull(Timestamp),
    updatedAt: Timestamp,
  },
  { title: 'PurchaseOrder', examples: [shown] },
)

const location = { ...LocationCode, description: 'where the goods are to arrive' }

export const NewPurchaseOrder = Type.Object(
  {
    supplierId: Type.Optional(OrNull(Uuid)),
    lines: Type.Array(
      Type.Object({ sku: SkuInput, ordered: Quantity, location: { ...location, default: MAIN_LOCATION } }),
      { minItems: 1, maxItems: MAX_LINES },
    ),
  },
  { examples: [{ supplierId: null, lines: [{ sku: 'MUG-1', ordered: 24, location: 'main' }] }] },
)

export const Submission = Type.Object(
  {
    supplierId: Type.Optional({ ...Uuid, description: 'for an order that has no supplier, or another one' }),
  },
  { title: 'PurchaseOrderSubmission', examples: [{}] },
)

export const Receipt = Type.Object(
  {
    lines: Type.Optional(
      Type.Array(
        Type.Object({
          sku: SkuInput,
          quantity: Quantity,
          location: Type.Optional({
            ...LocationCode,
            description: 'where the order has the SKU at more than one',
          }),
        }),
        { minItems: 1, maxItems: MAX_LINES, description: 'what arrived; without it everything that is left' },
      ),
    ),
  },
  { title: 'PurchaseOrderReceipt', examples: [{ lines: [{ sku: 'MUG-1', quantity: 12 }] }] },
)

export const describePurchaseOrder = ({ seq, lines, ...order }: PurchaseOrder) => ({
  ...order,
  number: purchaseOrderNumber(seq),
  automatic: order.automatic === 1,
  lines: lines.map(({ sku, location, ordered, received }) => ({ sku, location, ordered, received })),
  createdAt: order.createdAt.toISOString(),
  submittedAt: order.submittedAt?.toISOString() ?? null,
  expectedAt: order.expectedAt?.toISOString() ?? null,
  endedAt: order.endedAt?.toISOString() ?? null,
  updatedAt: order.updatedAt.toISOString(),
})

export interface Arrival {
  sku: string
  quantity: number
  location?: string | undefined
}

/** Which lines an arrival fills, or by its line why it does not fit; nothing named is all that is left. */
export const planReceipt = (lines: readonly OrderLine[], arrivals: readonly Arrival[] | undefined) => {
  const open = lines.filter(({ ordered, received }) => received < ordered)
  if (!arrivals) {
    return { parts: open.map((line) => ({ line, quantity: line.ordered - line.received })), errors: [] }
  }
  const parts: { line: OrderLine; quantity: number }[] = []
  const errors: { path: string; message: string }[] = []
  for (const [index, { sku, quantity, location }] of arrivals.entries()) {
    const refuse = (field: string, message: string) =>
      errors.push({ path: `lines.${index}.${field}`, message })
    const found = lines.filter((line) => line.sku === sku && (location ?? line.location) === line.location)
    const [line] = found
    if (!line) refuse('sku', 'is not on this order')
    else if (found.length > 1) refuse('location', 'is required: the order has the SKU at more than one')
    else if (parts.some((part) => part.line === line)) refuse('sku', 'is named on a line before')
    else if (quantity > line.ordered - line.received)
      refuse('quantity', `is more than the ${line.ordered - line.received} that are still to come`)
    else parts.push({ line, quantity })
  }
  return { parts, errors }
}

export { listOpenLines } from './queries.ts'
