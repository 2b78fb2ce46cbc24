import { ProductChanged } from '@storewright/contracts'
import type { Rebuilder } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import type { Database, Trx } from '../database.ts'
import { lockProducts } from './load-products.ts'
import { activeVariants, type Product } from './product.ts'
import { listProductIdsAfter } from './queries.ts'

/** Emits a product's whole state, as it is stored; `currency` is the shop's, of the one price that older consumers read. */
export const emitProductChanged = (
  trx: Trx,
  product: Product,
  { currency, ...options }: { currency: string; replay?: boolean },
) =>
  emit(
    trx,
    ProductChanged,
    {
      productId: product.id,
      slug: product.slug,
      name: product.name,
      status: product.status,
      categoryIds: product.categoryIds,
      variants: activeVariants(product).flatMap((variant) => {
        const prices = variant.prices.map(({ amount, currency: code }) => ({ amount, currency: code }))
        const price = prices.find((one) => one.currency === currency) ?? prices[0]
        const { sku, name, weightGrams } = variant
        return price ? [{ sku, name, price, prices, ...(weightGrams !== null && { weightGrams }) }] : []
      }),
    },
    options,
  )

/** `ops rebuild products`: all products, also deleted ones, which a copy may still show. */
export const productRebuilder = (currency: string): Rebuilder<Database> => ({
  event: ProductChanged,
  emitPage: async (trx, page) => {
    const ids = (await listProductIdsAfter(trx, page)).map(({ id }) => id)
    for (const product of await lockProducts(trx, ids))
      await emitProductChanged(trx, product, { currency, replay: true })
    return ids
  },
})
