import { normaliseSku } from '@storewright/contracts'
import { notFound } from '@storewright/service-kit/http'
import type { Trx } from '../database.ts'
import { changeProduct } from '../products/change-product.ts'
import { findOwners } from '../products/load-products.ts'
import { withVariant, type Product, type Variant } from '../products/product.ts'
import { toPublicVariant } from '../products/render-product.ts'
import type { ChangeContext } from '../products/save-products.ts'

const requireVariant = (product: Product, sku: string): Variant => {
  const normalised = normaliseSku(sku)
  return (
    product.variants.find((variant) => variant.sku === normalised && !variant.deleted) ??
    notFound('variant', sku)
  )
}

/** Changes one variant under its product's lock; `check` receives the product before. Returns it as saved. */
export const changeVariant = async (
  trx: Trx,
  sku: string,
  {
    check = () => undefined,
    change,
  }: {
    check?: ((product: Product) => void) | undefined
    change: (variant: Variant, product: Product) => Variant | Promise<Variant>
  },
  context: ChangeContext,
): Promise<Product> => {
  const [owner] = await findOwners(trx, [normaliseSku(sku) ?? ''])
  return changeProduct(
    trx,
    owner?.productId ?? notFound('variant', sku),
    async (product) => {
      const variant = requireVariant(product, sku)
      check(product)
      return withVariant(product, await change(variant, product))
    },
    context,
    pathInVariant,
  )
}

/** The path of a fault in a request that states one variant; also where the fault shows on another one. */
export const pathInVariant = (path: string): string => path.replace(/^variants\.\d+\./, '')

export const showVariant = (product: Product, sku: string, currency: string) => ({
  productId: product.id,
  ...toPublicVariant(requireVariant(product, sku), currency),
})
