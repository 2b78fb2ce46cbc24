import type { Schema, Shop } from '@storewright/client'
import { toCsvLine } from '@storewright/runtime/csv'
import type { RetailProduct } from './retail.ts'

const SKUS_PER_READ = 100
const CATEGORY = 'Retail'
const CURRENCY = 'GBP'

const csvOf = (rows: (string | number)[][]) => rows.map(toCsvLine).join('')

const toMajorUnits = (minor: number) => `${Math.trunc(minor / 100)}.${String(minor % 100).padStart(2, '0')}`

export const importCatalogue = (shop: Shop, token: string, products: RetailProduct[]) =>
  shop.importProducts(token, {
    type: 'text/csv',
    content: csvOf([
      ['sku', 'name', 'category', 'price', 'currency', 'status'],
      ...products.map(({ sku, name, priceMinor }) => [
        sku,
        name,
        CATEGORY,
        toMajorUnits(priceMinor),
        CURRENCY,
        'published',
      ]),
    ]),
  })

/** How much of each SKU orders of earlier replays hold. */
const reservedOf = async (shop: Shop, token: string, skus: string[]) => {
  const reserved = new Map<string, number>()
  for (let at = 0; at < skus.length; at += SKUS_PER_READ) {
    const items = await shop.stockOf(skus.slice(at, at + SKUS_PER_READ), token)
    for (const item of items) reserved.set(item.sku, item.reserved ?? 0)
  }
  return reserved
}

/** Sets the stock so that exactly `free` of each SKU can be sold, whatever earlier orders hold. */
export const importStock = async (
  shop: Shop,
  token: string,
  free: Map<string, number>,
): Promise<Schema<'ImportReport'>> => {
  const reserved = await reservedOf(shop, token, [...free.keys()])
  const rows = [...free].map(([sku, quantity]) => [sku, quantity + (reserved.get(sku) ?? 0)])
  return shop.importStock(token, { type: 'text/csv', content: csvOf([['sku', 'onHand'], ...rows]) })
}
