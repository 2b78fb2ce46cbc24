import { Line, MAX_QUANTITY, Timestamp, Uuid } from '@storewright/contracts'
import { Type } from 'typebox'
import type { Supplier } from './queries.ts'

const MAX_LEAD_TIME_DAYS = 1_000

export const LeadTimeDays = Type.Integer({
  minimum: 0,
  maximum: MAX_LEAD_TIME_DAYS,
  description: 'days from an order to its receipt',
})

const fields = {
  name: Line(100, { examples: ['Potters of Stoke'] }),
  leadTimeDays: { ...LeadTimeDays, examples: [5] },
  packSizes: Type.Array(Type.Integer({ minimum: 1, maximum: MAX_QUANTITY }), {
    maxItems: 20,
    description: 'automatic orders are sums of these; empty: the supplier sells any quantity',
    examples: [[6, 24]],
  }),
}
const example = { name: 'Potters of Stoke', leadTimeDays: 5, packSizes: [6, 24] }

export const NewSupplier = Type.Object(
  { ...fields, packSizes: { ...fields.packSizes, default: [] } },
  { examples: [example] },
)

export const SupplierPatch = Type.Partial(Type.Object(fields), {
  title: 'SupplierPatch',
  minProperties: 1,
  examples: [{ leadTimeDays: 7 }],
})

export const SupplierView = Type.Object(
  {
    id: Uuid,
    ...fields,
    version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  {
    title: 'Supplier',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a80',
        ...example,
        version: 1,
        createdAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

/** Each size once and ascending, as the rounding to packs wants them. */
export const normalisePackSizes = (sizes: readonly number[]) => [...new Set(sizes)].sort((a, b) => a - b)

export const describeSupplier = ({ createdAt, updatedAt, ...supplier }: Supplier) => ({
  ...supplier,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
})

export { lockSuppliersShared, type Supplier } from './queries.ts'
