import type { Money } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import { requireKnownCurrencies } from '../products/product-rules.ts'
import type { Product } from '../products/product.ts'
import type { ChangeContext } from '../products/save-products.ts'
import { changeVariant } from '../variants/change-variant.ts'

/** A variant's price from now on. The same price again changes nothing and leaves no trace. */
export const setPrice = async (
  trx: Trx,
  { sku, price }: { sku: string; price: Money },
  context: ChangeContext,
  check?: (product: Product) => void,
): Promise<Product> => {
  requireKnownCurrencies([{ path: 'price', price }])
  return changeVariant(trx, sku, { check, change: (variant) => ({ ...variant, price }) }, context)
}
