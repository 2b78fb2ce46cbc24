import { PriceChanged } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import type { Trx } from '../database.ts'
import type { PricePlan } from '../price-history/price-changes.ts'
import { activeVariants, type Product } from './product.ts'
import { emitProductChanged } from './repeat-products.ts'

/** Emits each product's whole state, and each price that became another one. */
export const emitProductEvents = async (
  trx: Trx,
  products: Product[],
  { planned, at }: PricePlan,
  currency: string,
) => {
  const moves = Map.groupBy(planned, ({ sku }) => sku)
  const effectiveAt = at.toISOString()
  for (const product of products) {
    await emitProductChanged(trx, product, { currency })
    for (const { sku } of activeVariants(product))
      for (const { stated, reason, currency: code } of moves.get(sku) ?? []) {
        const { before, after } = stated
        if (!after || before?.amount === after.amount) continue
        await emit(trx, PriceChanged, {
          productId: product.id,
          sku,
          price: { amount: after.amount, currency: code },
          previousPrice: before && { amount: before.amount, currency: code },
          effectiveAt,
          reason,
        })
      }
  }
}
