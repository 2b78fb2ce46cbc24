import { notFound } from '@storewright/service-kit/http'
import type { Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import type { Product } from '../products/product.ts'
import type { ChangeContext } from '../products/save-products.ts'
import { withPrices, type StatedPrice } from '../products/variant-prices.ts'
import { changeVariant } from '../variants/change-variant.ts'
import { applyDuePricesOf } from './apply-due-prices.ts'

type Check = (product: Product) => void

/** A variant's prices from now on; those in other currencies stay. The same again changes nothing and leaves no trace. */
export const setPrices = async (
  trx: Trx,
  { sku, prices }: { sku: string; prices: StatedPrice[] },
  context: ChangeContext,
  check: Check,
): Promise<Product> => {
  // What was due before comes before, or it would replace this price a moment later.
  await applyDuePricesOf(trx, sku, context)
  return changeVariant(
    trx,
    sku,
    { check, change: (variant) => ({ ...variant, prices: withPrices(variant.prices, prices) }) },
    context,
  )
}

/** Takes a variant's price in one currency away; the last one stays. */
export const removePrice = async (
  trx: Trx,
  { sku, currency }: { sku: string; currency: string },
  context: ChangeContext,
  check: Check,
): Promise<Product> => {
  await applyDuePricesOf(trx, sku, context)
  return changeVariant(
    trx,
    sku,
    {
      check,
      change: (variant) => {
        const prices = variant.prices.filter((price) => price.currency !== currency)
        if (prices.length === variant.prices.length) return notFound('price', currency)
        if (prices.length === 0)
          throw new Problem('wrong-state', `${currency} is the last price of ${variant.sku}; it needs one.`)
        return { ...variant, prices }
      },
    },
    context,
  )
}
