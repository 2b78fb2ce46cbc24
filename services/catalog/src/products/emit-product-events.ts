import { PriceChanged } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import type { Trx } from '../database.ts'
import type { PricePlan } from '../price-history/price-changes.ts'
import { activeVariants, type Product } from './product.ts'
import { emitProductChanged } from './repeat-products.ts'

/** Emits the product's whole state, and each price that became another one. */
export const emitProductEvents = async (trx: Trx, product: Product, plan: PricePlan, currency: string) => {
  await emitProductChanged(trx, product, { currency })
  const moves = Map.groupBy(plan.planned, ({ sku }) => sku)
  for (const { sku } of activeVariants(product))
    for (const { stated, reason, currency: code } of moves.get(sku) ?? []) {
      const { before, after } = stated
      if (!after || before?.amount === after.amount) continue
      await emit(trx, PriceChanged, {
        productId: product.id,
        sku,
        price: { amount: after.amount, currency: code },
        previousPrice: before && { amount: before.amount, currency: code },
        effectiveAt: plan.at.toISOString(),
        reason,
      })
    }
}
