import type { RetailOrder, RetailProduct } from './retail.ts'

/** `limit` orders: those whose invoices are named in `first`, wherever they stand, then the others as in the file. */
export const chooseOrders = (orders: RetailOrder[], limit: number, first: readonly string[] = []) => {
  const named = first.map((invoice) => {
    const order = orders.find((candidate) => candidate.invoice === invoice)
    if (!order) throw new Error(`no order can be made of invoice ${invoice}`)
    return order
  })
  return [...named, ...orders.filter((order) => !named.includes(order))].slice(0, limit)
}

const demandOf = (orders: RetailOrder[]) => {
  const demand = new Map<string, number>()
  for (const { lines } of orders)
    for (const { sku, quantity } of lines) demand.set(sku, (demand.get(sku) ?? 0) + quantity)
  return demand
}

const BESTSELLER_ORDERS = 5

/** What is free to sell: of every fifth bestseller four fifths of what the orders want, so that some are rejected. */
export const planStock = (products: RetailProduct[], orders: RetailOrder[]) => {
  const demand = demandOf(orders)
  const wantedBy = new Map<string, number>()
  for (const { lines } of orders) for (const { sku } of lines) wantedBy.set(sku, (wantedBy.get(sku) ?? 0) + 1)
  const bestsellers = products.filter(({ sku }) => (wantedBy.get(sku) ?? 0) >= BESTSELLER_ORDERS)
  const scarce = new Set(bestsellers.filter((_, index) => index % 5 === 0).map(({ sku }) => sku))
  return new Map(
    products.map(({ sku }) => {
      const wanted = demand.get(sku) ?? 0
      return [sku, scarce.has(sku) ? Math.ceil((wanted * 4) / 5) : wanted]
    }),
  )
}
