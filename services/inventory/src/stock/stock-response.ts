import { Sku, StockStatus } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import { LocationCode } from '../locations/location.ts'
import { statusOf } from './stock.ts'

const most = { minimum: 0, maximum: 1_000_000_000_000 }
const count = Type.Integer(most)

/** Stock as anyone may see it; what is only for `stock:read` is optional. */
export const StockView = Type.Object(
  {
    sku: Sku,
    status: StockStatus,
    available: Type.Integer({ ...most, description: 'what an order can get now' }),
    onHand: Type.Optional(Type.Integer({ ...most, description: 'only with stock:read' })),
    reserved: Type.Optional(Type.Integer({ ...most, description: 'only with stock:read' })),
    version: Type.Optional(
      Type.Integer({
        ...most,
        description: 'of the last event about the SKU, 0 before the first; only in the list of every SKU',
      }),
    ),
    locations: Type.Optional(
      Type.Array(Type.Object({ location: LocationCode, onHand: count, reserved: count, available: count }), {
        maxItems: 10_000,
        description: 'in the order in which orders take from them; only with stock:read',
      }),
    ),
  },
  {
    title: 'Stock',
    examples: [
      {
        sku: 'MUG-1',
        status: 'in_stock',
        available: 42,
        onHand: 44,
        reserved: 2,
        locations: [{ location: 'main', onHand: 44, reserved: 2, available: 42 }],
      },
    ],
  },
)
export type StockView = Static<typeof StockView>

interface StockLevelRow {
  sku: string
  location: string
  onHand: number
  reserved: number
}

/** One answer per SKU from the rows of its locations, in the order of the rows. */
export const toStockResponse = (
  rows: readonly StockLevelRow[],
  { lowStockThreshold, detailed }: { lowStockThreshold: number; detailed: boolean },
): StockView[] =>
  [...Map.groupBy(rows, ({ sku }) => sku)].map(([sku, levels]) => {
    const onHand = levels.reduce((sum, level) => sum + level.onHand, 0)
    const reserved = levels.reduce((sum, level) => sum + level.reserved, 0)
    const available = onHand - reserved
    const shown = { sku, status: statusOf(available, lowStockThreshold), available }
    if (!detailed) return shown
    const locations = levels.map((level) => ({
      location: level.location,
      onHand: level.onHand,
      reserved: level.reserved,
      available: level.onHand - level.reserved,
    }))
    return { ...shown, onHand, reserved, locations }
  })
