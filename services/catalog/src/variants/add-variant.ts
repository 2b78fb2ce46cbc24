import { normaliseSku } from '@storewright/contracts'
import type { Static } from 'typebox'
import type { Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import { changeProduct } from '../products/change-product.ts'
import { newVariant } from '../products/create-product.ts'
import { lockSkus } from '../products/load-products.ts'
import { requireUnusedSkus } from '../products/product-rules.ts'
import { withVariant, type Product } from '../products/product.ts'
import { requirePrices } from '../products/read-prices.ts'
import type { ChangeContext } from '../products/save-products.ts'
import type { VariantInput } from '../schemas.ts'
import { pathInVariant } from './change-variant.ts'

/** One more variant; a SKU that this product had before comes back to it. */
export const addVariant = async (
  trx: Trx,
  productId: string,
  input: Static<typeof VariantInput>,
  check: (product: Product) => void,
  context: ChangeContext,
): Promise<Product> => {
  const sku = normaliseSku(input.sku) ?? ''
  const [prices = []] = requirePrices({ input, prefix: '' })
  const { stock, owners } = await lockSkus(trx, [sku])
  const others = owners.filter((owner) => owner.productId !== productId)
  const add = (product: Product) => {
    check(product)
    requireUnusedSkus([sku], others, () => 'sku')
    if (product.variants.some((variant) => variant.sku === sku && !variant.deleted))
      throw new Problem('sku-taken', `The product has a variant ${sku} already.`, {
        errors: [{ path: 'sku', message: 'is a variant of this product already' }],
      })
    return withVariant(product, newVariant({ ...input, sku }, prices, product, stock.get(sku)))
  }
  return changeProduct(trx, productId, add, context, pathInVariant)
}
