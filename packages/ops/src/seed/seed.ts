import { setTimeout as pause } from 'node:timers/promises'
import { csvOf } from '../shop/csv.ts'
import { ShopProblem } from '../shop/problem.ts'
import { openShop, type Shop } from '../shop/shop.ts'
import { demoProducts } from './demo-shop.ts'

export type Login = { email: string; password: string }
export type Seeded = {
  products: number
  categories: number
  created: number
  stocked: number
  customer: Login
}

const DEMO_CUSTOMER: Login = { email: 'customer@example.com', password: 'customer of the demo shop' }
// A shop that was started a moment ago may need this long before everything answers.
const PATIENCE_MS = 60_000
const LOOK_AGAIN_MS = 250

const ensureCustomer = async (shop: Shop, { email, password }: Login) => {
  try {
    await shop.register(email, password)
  } catch (error) {
    if (!(error instanceof ShopProblem && error.status === 409)) throw error
  }
}

const importProducts = (shop: Shop, token: string) =>
  shop.importProducts(token, {
    type: 'text/csv',
    content: csvOf(
      ['sku', 'name', 'description', 'category', 'price', 'currency', 'status', 'attributes.colour'],
      demoProducts.map(({ sku, name, description, category, price, colour = '' }) => [
        sku,
        name,
        description,
        category,
        price,
        'GBP',
        'published',
        colour,
      ]),
    ),
  })

// Only what has nothing on hand: a shop that is seeded again keeps what its customers have left of it.
const emptyShelves = async (shop: Shop, token: string) => {
  const known = await shop.stockOf(
    demoProducts.map(({ sku }) => sku),
    token,
  )
  const onHand = new Map(known.map((stock) => [stock.sku, stock.onHand ?? 0]))
  return demoProducts.filter((product) => product.onHand > 0 && !onHand.get(product.sku))
}

const importStock = async (shop: Shop, token: string) => {
  const empty = await emptyShelves(shop, token)
  if (empty.length === 0) return 0
  const content = csvOf(
    ['sku', 'onHand'],
    empty.map(({ sku, onHand }) => [sku, onHand]),
  )
  for (const deadline = Date.now() + PATIENCE_MS; ; await pause(LOOK_AGAIN_MS)) {
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
  const shop = openShop({ gateways: [gatewayUrl], patienceMs: PATIENCE_MS })
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
