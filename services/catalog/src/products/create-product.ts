import { normaliseSku } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { Problem } from '@storewright/service-kit/http'
import type { Static } from 'typebox'
import { tidyAttributes } from '../attributes.ts'
import { requireCategories } from '../categories/require-categories.ts'
import type { Trx } from '../database.ts'
import type { ProductInput, VariantInput } from '../schemas.ts'
import { lockSkus } from './load-products.ts'
import { spellOptions } from './options.ts'
import { chooseSlug, requireFreeSlug, requireNoFaults, requireUnusedSkus } from './product-rules.ts'
import { newProduct, withEdits, type Product, type Variant } from './product.ts'
import { requirePrices } from './read-prices.ts'
import { requireFit } from './require-fit.ts'
import { saveProducts, type ChangeContext } from './save-products.ts'
import { withPrices, type StatedPrice } from './variant-prices.ts'

/** A variant from its input; it has the product's name where it has none of its own. */
export const newVariant = (
  { sku, name, attributes, options, weightGrams }: Static<typeof VariantInput>,
  prices: StatedPrice[],
  product: Pick<Product, 'name' | 'options'>,
  stockStatus: Variant['stockStatus'] = 'out_of_stock',
): Variant => ({
  sku,
  name: (name ?? product.name).trim(),
  attributes: tidyAttributes(attributes ?? {}),
  options: spellOptions(product.options, options ?? {}),
  prices: withPrices([], prices),
  weightGrams: weightGrams ?? null,
  deleted: false,
  stockStatus,
})

const requireDistinctSkus = (skus: string[]) => {
  const errors = skus.flatMap((sku, index) =>
    skus.indexOf(sku) < index
      ? [{ path: `variants.${index}.sku`, message: 'stands twice in this product' }]
      : [],
  )
  if (errors.length > 0) throw new Problem('unprocessable', 'A SKU stands twice.', { errors })
}

/** A new draft. Of two at once with one slug or SKU, one is made and the other refused. */
export const createProduct = async (
  trx: Trx,
  { variants = [], ...edits }: Static<typeof ProductInput>,
  context: ChangeContext,
): Promise<Product> => {
  const id = newId()
  const name = edits.name.trim()
  const inputs = variants.map((variant) => ({ ...variant, sku: normaliseSku(variant.sku) ?? '' }))
  const skus = inputs.map(({ sku }) => sku)
  requireDistinctSkus(skus)
  const prices = requirePrices(...inputs.map((input, index) => ({ input, prefix: `variants.${index}.` })))

  const { stock, owners } = await lockSkus(trx, skus)
  requireUnusedSkus(skus, owners, (index) => `variants.${index}.sku`)
  if (edits.slug !== undefined) await requireFreeSlug(trx, edits.slug, id)
  await requireCategories(trx, edits.categoryIds ?? [])

  const slug = edits.slug ?? (await chooseSlug(trx, name, skus[0] ?? '', id))
  const empty = withEdits(newProduct({ id, slug, name }, context.clock()), edits)
  const product: Product = {
    ...empty,
    variants: inputs.map((variant, index) =>
      newVariant(variant, prices[index]!, empty, stock.get(variant.sku)),
    ),
  }
  requireNoFaults(product)
  await requireFit(trx, product, null)
  const [saved] = await saveProducts(trx, [{ before: null, after: product }], context)
  return saved!
}
