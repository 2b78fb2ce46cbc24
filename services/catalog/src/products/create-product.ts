import { normaliseSku } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { Problem } from '@storewright/service-kit'
import type { Static } from 'typebox'
import type { Trx } from '../database.ts'
import { chooseSlug, requireFreeSlug } from './choose-slug.ts'
import { refuseFaults, refuseUnknownCurrencies } from './problems.ts'
import type { Product, Variant } from './product.ts'
import { listOwners, lockStockRows } from './queries.ts'
import { requireCategories } from './require-categories.ts'
import { saveProducts, type ChangeContext } from './save-products.ts'
import type { ProductInput, VariantInput } from './schemas.ts'

/** A variant as it is asked for; `productName` names it where it has no name of its own. */
export const variantFrom = (
  { sku, name, price, attributes }: Static<typeof VariantInput>,
  productName: string,
  stockStatus: Variant['stockStatus'],
): Variant => ({
  sku,
  name: (name ?? productName).trim(),
  attributes: attributes ?? {},
  price,
  lowestBefore: price.amount,
  deleted: false,
  stockStatus,
})

const refuseRepeats = (skus: string[]) => {
  const errors = skus.flatMap((sku, index) =>
    skus.indexOf(sku) < index
      ? [{ path: `variants.${index}.sku`, message: 'stands twice in this product' }]
      : [],
  )
  if (errors.length > 0) throw new Problem('unprocessable', 'A SKU stands twice.', { errors })
}

/** Refuses SKUs that any product has or ever had: what a SKU means never changes. */
export const requireUnusedSkus = (
  skus: string[],
  owners: { sku: string }[],
  pathOf: (index: number) => string,
) => {
  const taken = new Set(owners.map(({ sku }) => sku))
  const errors = skus.flatMap((sku, index) =>
    taken.has(sku) ? [{ path: pathOf(index), message: 'belongs to another product, for ever' }] : [],
  )
  if (errors.length > 0) throw new Problem('sku-taken', 'A SKU belongs to another product.', { errors })
}

/** A new draft. Of two at once with one slug or SKU, one is made and the other refused. */
export const createProduct = async (
  trx: Trx,
  input: Static<typeof ProductInput>,
  context: ChangeContext,
): Promise<Product> => {
  const id = newId()
  const at = context.clock()
  const name = input.name.trim()
  const wanted = (input.variants ?? []).map((variant) => ({
    ...variant,
    sku: normaliseSku(variant.sku) ?? '',
  }))
  const skus = wanted.map(({ sku }) => sku)
  refuseRepeats(skus)
  refuseUnknownCurrencies(wanted.map(({ price }, index) => ({ path: `variants.${index}.price`, price })))

  const stock = new Map((await lockStockRows(trx, skus)).map((row) => [row.sku, row.status]))
  requireUnusedSkus(skus, await listOwners(trx, skus), (index) => `variants.${index}.sku`)
  if (input.slug !== undefined) await requireFreeSlug(trx, input.slug, id)
  await requireCategories(trx, input.categoryIds ?? [])

  const product: Product = {
    id,
    slug: input.slug ?? (await chooseSlug(trx, name, skus[0] ?? '', id)),
    handle: null,
    name,
    description: input.description ?? '',
    status: 'draft',
    attributes: input.attributes ?? {},
    media: (input.media ?? []).map(({ url, alt }) => ({ url, alt: alt ?? '' })),
    categoryIds: input.categoryIds ?? [],
    variants: wanted.map((variant) => variantFrom(variant, name, stock.get(variant.sku) ?? 'out_of_stock')),
    version: 0,
    createdAt: at,
    updatedAt: at,
    publishedAt: null,
  }
  refuseFaults(product)
  const [saved] = await saveProducts(trx, [{ before: null, after: product }], context)
  return saved!
}
