import { setTimeout as pause } from 'node:timers/promises'
import { ApiError, openShop, type Shop } from '@storewright/client'
import { toCsvLine } from '@storewright/runtime/csv'
import type { Login } from '../config.ts'
import { demoProducts } from './demo-shop.ts'

export type Seeded = {
  products: number
  categories: number
  created: number
  stocked: number
  customer: Login
}

const DEMO_CUSTOMER: Login = { email: 'customer@example.com', password: 'customer of the demo shop' }
// A shop that has just started may need this long until all its services answer.
const READY_WITHIN_MS = 60_000
const POLL_MS = 250

const ensureCustomer = async (shop: Shop, { email, password }: Login) => {
  try {
    await shop.register(email, password)
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error
  }
}

const importProducts = (shop: Shop, token: string) =>
  shop.importProducts(token, {
    type: 'text/csv',
    content: [
      ['sku', 'name', 'description', 'category', 'price', 'currency', 'status', 'attributes.colour'],
      ...demoProducts.map(({ sku, name, description, category, price, colour = '' }) => [
        sku,
        name,
        description,
        category,
        price,
        'GBP',
        'published',
        colour,
      ]),
    ]
      .map(toCsvLine)
      .join(''),
  })

// Only what has nothing on hand: a shop that is seeded again keeps the stock that its customers have left.
const outOfStock = async (shop: Shop, token: string) => {
  const known = await shop.stockOf(
    demoProducts.map(({ sku }) => sku),
    token,
  )
  const onHand = new Map(known.map((stock) => [stock.sku, stock.onHand ?? 0]))
  return demoProducts.filter((product) => product.onHand > 0 && !onHand.get(product.sku))
}

const importStock = async (shop: Shop, token: string) => {
  const empty = await outOfStock(shop, token)
  if (empty.length === 0) return 0
  const content = [['sku', 'onHand'], ...empty.map(({ sku, onHand }) => [sku, onHand])]
    .map(toCsvLine)
    .join('')
  for (const deadline = Date.now() + READY_WITHIN_MS; ; await pause(POLL_MS)) {
    const report = await shop.importStock(token, { type: 'text/csv', content })
    if (report.rejectedCount === 0) return empty.length
    if (Date.now() > deadline)
      throw new Error(`the demo's stock was refused: ${JSON.stringify(report.rejected[0])}`)
  }
}

/** Fills a shop with the demo through its public API. Safe to repeat. */
export const seed = async (
  gatewayUrl: string,
  admin: Login,
  { customer = DEMO_CUSTOMER }: { customer?: Login } = {},
): Promise<Seeded> => {
  const shop = openShop({ gateways: [gatewayUrl], retryForMs: READY_WITHIN_MS })
  try {
    const { tokens } = await shop.logIn(admin.email, admin.password)
    const report = await importProducts(shop, tokens.accessToken)
    if (report.rejectedCount > 0)
      throw new Error(`the demo's products were refused: ${JSON.stringify(report.rejected[0])}`)
    const stocked = await importStock(shop, tokens.accessToken)
    await ensureCustomer(shop, customer)
    return {
      products: demoProducts.length,
      categories: new Set(demoProducts.map(({ category }) => category)).size,
      created: report.created,
      stocked,
      customer,
    }
  } finally {
    await shop.close()
  }
}
