import { setTimeout as pause } from 'node:timers/promises'
import { openShop, type Shop } from '@storewright/client'
import type { Login } from '@storewright/ops/config'

const PRODUCTS = 1_000
const STOCK = 900_000
const OFFER_WITHIN_MS = 60_000

/** What the scenarios buy and look at. */
export type BenchShop = { skus: string[]; hotSku: string; productIds: string[] }

const skuAt = (at: number) => `BENCH-${String(at).padStart(4, '0')}`

/** Imports a shop of 1,000 products, every one amply in stock, and returns once carts know them. */
export const stockBenchShop = async (gatewayUrl: string, admin: Login): Promise<BenchShop> => {
  const shop = openShop({ gateways: [gatewayUrl], retryForMs: OFFER_WITHIN_MS })
  try {
    return await importGoods(shop, admin)
  } finally {
    await shop.close()
  }
}

const importGoods = async (shop: Shop, admin: Login): Promise<BenchShop> => {
  const { tokens } = await shop.logIn(admin.email, admin.password)
  const skus = Array.from({ length: PRODUCTS }, (_, at) => skuAt(at))
  const products = skus
    .map((sku, at) => `${sku},Bench product ${at},Bench,${10 + (at % 90)}.99,GBP\n`)
    .join('')
  const imported = await shop.importProducts(tokens.accessToken, {
    type: 'text/csv',
    content: `sku,name,category,price,currency\n${products}`,
  })
  const counted = await shop.importStock(tokens.accessToken, {
    type: 'text/csv',
    content: `sku,onHand\n${skus.map((sku) => `${sku},${STOCK}\n`).join('')}`,
  })
  if (imported.rejectedCount + counted.rejectedCount > 0)
    throw new Error(
      `the shop refused its goods: ${JSON.stringify([imported.rejected[0], counted.rejected[0]])}`,
    )

  const cart = await shop.createCart()
  const everything = skus.map((sku) => ({ sku, quantity: 1 }))
  for (const deadline = Date.now() + OFFER_WITHIN_MS; ; await pause(100)) {
    const { status, body } = await shop.fillCart(cart.id, everything)
    if (status < 300) break
    if (Date.now() > deadline)
      throw new Error(`carts do not know the goods: ${status} ${JSON.stringify(body)}`)
  }
  const { items } = await shop.listProducts({ limit: 100 })
  return { skus: skus.slice(1), hotSku: skuAt(0), productIds: items.map(({ id }) => id) }
}
