import { MAX_QUANTITY, type SkuQuantity, type StockRejected } from '@storewright/contracts'
import { sumPerSku, type Allocation, type Stock } from '../stock/stock.ts'

export type Shortage = StockRejected['shortages'][number]

export type Decision<Order> =
  | { order: Order; outcome: 'reserved'; allocations: Allocation[] }
  | { order: Order; outcome: 'rejected'; shortages: Shortage[] }

type Demand = [sku: string, quantity: number][]

/** The first location in order of priority that has all of it; undefined where none has. */
const findWhole = (stock: Stock, demand: Demand): number | undefined => {
  const served = new Map<number, number>()
  for (const [sku, quantity] of demand) {
    for (const { locationId, onHand, reserved } of stock.levels(sku)) {
      if (onHand - reserved >= quantity) served.set(locationId, (served.get(locationId) ?? 0) + 1)
    }
  }
  const [[first] = ['']] = demand
  return stock.levels(first).find(({ locationId }) => served.get(locationId) === demand.length)?.locationId
}

const take = (stock: Stock, sku: string, quantity: number): Allocation[] => {
  const allocations: Allocation[] = []
  let missing = quantity
  for (const { locationId, onHand, reserved } of stock.levels(sku)) {
    const taken = Math.min(missing, onHand - reserved)
    if (taken > 0) allocations.push({ sku, locationId, quantity: taken })
    missing -= taken
    if (missing === 0) break
  }
  return allocations
}

/** Decides orders as they arrived, each all or none, from one place where one has all of it, and holds what they get. */
export const allocate = <Order extends { lines: readonly SkuQuantity[] }>(
  orders: readonly Order[],
  stock: Stock,
): Decision<Order>[] =>
  orders.map((order) => {
    const demand = [...sumPerSku(order.lines)]
    const shortages = demand
      .map(([sku, wanted]) => ({ sku, wanted, available: stock.available(sku) }))
      // No order reserves more of one SKU than a line of an event may contain.
      .filter(({ wanted, available }) => wanted > Math.min(available, MAX_QUANTITY))
    if (shortages.length > 0) return { order, outcome: 'rejected', shortages }

    const whole = findWhole(stock, demand)
    const allocations = demand.flatMap(([sku, quantity]) =>
      whole === undefined ? take(stock, sku, quantity) : [{ sku, locationId: whole, quantity }],
    )
    stock.hold(allocations)
    return { order, outcome: 'reserved', allocations }
  })
