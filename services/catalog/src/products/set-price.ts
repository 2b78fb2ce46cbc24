import type { Money } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import { changeProduct, findProductIdOf, requireVariant } from './change-product.ts'
import { refuseUnknownCurrencies } from './problems.ts'
import { withVariant, type Product } from './product.ts'
import type { ChangeContext } from './save-products.ts'

/** A variant's price from now on. The same price again changes nothing and leaves no trace. */
export const setPrice = async (
  trx: Trx,
  sku: string,
  price: Money,
  check: (product: Product) => void,
  context: ChangeContext,
): Promise<Product> => {
  refuseUnknownCurrencies([{ path: 'price', price }])
  return changeProduct(
    trx,
    await findProductIdOf(trx, sku),
    (product) => {
      const variant = requireVariant(product, sku)
      check(product)
      return withVariant(product, { ...variant, price })
    },
    context,
  )
}
