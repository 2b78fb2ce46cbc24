import { normaliseSku } from '@storewright/contracts'
import { Problem } from '@storewright/service-kit'
import type { Static } from 'typebox'
import type { Trx } from '../database.ts'
import { changeProduct } from './change-product.ts'
import { requireUnusedSkus, variantFrom } from './create-product.ts'
import { refuseUnknownCurrencies } from './problems.ts'
import { withVariant, type Product } from './product.ts'
import { listOwners, lockStockRows } from './queries.ts'
import type { ChangeContext } from './save-products.ts'
import type { VariantInput } from './schemas.ts'

/** One more variant; a SKU that this product had before comes back to it. */
export const addVariant = async (
  trx: Trx,
  productId: string,
  input: Static<typeof VariantInput>,
  check: (product: Product) => void,
  context: ChangeContext,
): Promise<Product> => {
  const sku = normaliseSku(input.sku) ?? ''
  refuseUnknownCurrencies([{ path: 'price', price: input.price }])
  const [stock] = await lockStockRows(trx, [sku])
  const owners = await listOwners(trx, [sku])
  return changeProduct(
    trx,
    productId,
    (product) => {
      check(product)
      requireUnusedSkus(
        [sku],
        owners.filter((owner) => owner.productId !== productId),
        () => 'sku',
      )
      if (product.variants.some((variant) => variant.sku === sku && !variant.deleted))
        throw new Problem('sku-taken', `The product has a variant ${sku} already.`, {
          errors: [{ path: 'sku', message: 'is a variant of this product already' }],
        })
      return withVariant(
        product,
        variantFrom({ ...input, sku }, product.name, stock?.status ?? 'out_of_stock'),
      )
    },
    context,
  )
}
