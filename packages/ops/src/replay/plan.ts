import type { RetailOrder, RetailProduct } from './retail.ts'

/** The first `limit` orders of the file; `also` names invoices that are taken in wherever they stand. */
export const chooseOrders = (orders: RetailOrder[], limit: number, also: readonly string[] = []) => {
  const wanted = new Set(also)
  const unknown = also.filter((invoice) => !orders.some((order) => order.invoice === invoice))
  if (unknown.length > 0) throw new Error(`no order can be made of invoice ${unknown.join(', ')}`)
  const first = orders.slice(0, limit)
  const further = orders.slice(limit).filter((order) => wanted.has(order.invoice))
  return [...first.slice(0, Math.max(0, limit - further.length)), ...further]
}

/** What the orders want in all, per SKU. */
export const demandOf = (orders: RetailOrder[]) => {
  const demand = new Map<string, number>()
  for (const { lines } of orders)
    for (const { sku, quantity } of lines) demand.set(sku, (demand.get(sku) ?? 0) + quantity)
  return demand
}

/**
 * How many of each SKU are free to sell: of every tenth SKU (in SKU order) four fifths of what the chosen orders
 * want, rounded down, so that some of them must be turned away; of the others exactly what is wanted.
 */
export const planStock = (products: RetailProduct[], orders: RetailOrder[]) => {
  const demand = demandOf(orders)
  return new Map(
    products.map(({ sku }, index) => {
      const wanted = demand.get(sku) ?? 0
      return [sku, index % 10 === 0 ? Math.floor((wanted * 4) / 5) : wanted]
    }),
  )
}
