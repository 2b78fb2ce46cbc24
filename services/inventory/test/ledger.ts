import { insertRows, newId, type Db } from '@storewright/database'
import { MAIN_LOCATION_ID, type Database } from '../src/database.ts'

export interface PastSale {
  sku: string
  units: number
  at: Date
}

/** Writes a past into the ledger at the default location: first a receipt of all that is sold later and of what is left. */
export const writePast = async (
  db: Db<Database>,
  { began, sales, left = {} }: { began: Date; sales: readonly PastSale[]; left?: Record<string, number> },
) => {
  const movement = (kind: 'receipt' | 'sale', sku: string, delta: number, balance: number, at: Date) => ({
    id: newId(),
    sku,
    location_id: MAIN_LOCATION_ID,
    kind,
    delta,
    balance,
    reason: kind,
    correlation_id: newId(),
    recorded_at: at,
  })
  const bySku = Map.groupBy(sales, ({ sku }) => sku)
  const movements = []
  const stock = []
  for (const sku of new Set([...bySku.keys(), ...Object.keys(left)])) {
    const sold = (bySku.get(sku) ?? []).toSorted((a, b) => a.at.getTime() - b.at.getTime())
    let balance = sold.reduce((sum, { units }) => sum + units, left[sku] ?? 0)
    movements.push(movement('receipt', sku, balance, balance, began))
    for (const { units, at } of sold) movements.push(movement('sale', sku, -units, (balance -= units), at))
    stock.push({
      sku,
      location_id: MAIN_LOCATION_ID,
      on_hand: balance,
      reserved: 0,
      counted_at: began,
    })
  }
  await insertRows(db, 'movements', movements)
  await insertRows(db, 'stock', stock)
}
