import { ProductChanged } from '@storewright/contracts'
import type { Rebuilder } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import type { Database, Trx } from '../database.ts'
import { lockProducts } from './load-products.ts'
import { activeVariants, type Product } from './product.ts'
import { listProductIdsAfter } from './queries.ts'

/** Emits a product's whole state, as it is stored. */
export const emitProductChanged = (trx: Trx, product: Product, options: { replay?: boolean } = {}) =>
  emit(
    trx,
    ProductChanged,
    {
      productId: product.id,
      slug: product.slug,
      name: product.name,
      status: product.status,
      categoryIds: product.categoryIds,
      variants: activeVariants(product).map(({ sku, name, price }) => ({ sku, name, price })),
    },
    options,
  )

/** `ops rebuild products`: all products, also deleted ones, which a copy may still show. */
export const productRebuilder: Rebuilder<Database> = {
  event: ProductChanged,
  emitPage: async (trx, page) => {
    const ids = (await listProductIdsAfter(trx, page)).map(({ id }) => id)
    for (const product of await lockProducts(trx, ids))
      await emitProductChanged(trx, product, { replay: true })
    return ids
  },
}
