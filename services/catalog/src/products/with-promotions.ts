import { isDeepStrictEqual } from 'node:util'
import type { UnitPromotion } from '@storewright/promotions/unit-price'
import type { Trx } from '../database.ts'
import { readUnitPromotions } from '../promotions/unit-promotions.ts'
import type { Product } from './product.ts'
import type { VariantPrice } from './variant-prices.ts'

const withPromotion = (price: VariantPrice, found: UnitPromotion | null): VariantPrice => {
  const { promotion: before, ...plain } = price
  if (!found) return before ? plain : price
  const { promotionId: id, name, kind, price: after, endsAt } = found
  const promotion = { id, name, kind, amount: after.amount, endsAt }
  return isDeepStrictEqual(before, promotion) ? price : { ...plain, promotion }
}

/** Products with the promotions that anybody gets on one unit, at `at` or now by the database's clock. */
export const withPromotions = async (trx: Trx, products: Product[], at?: Date): Promise<Product[]> => {
  const promotionOf = await readUnitPromotions(trx, products, at)
  return products.map((product) => ({
    ...product,
    variants: product.variants.map((variant) => ({
      ...variant,
      prices: variant.prices.map((price) =>
        withPromotion(price, promotionOf(product, { amount: price.amount, currency: price.currency })),
      ),
    })),
  }))
}
