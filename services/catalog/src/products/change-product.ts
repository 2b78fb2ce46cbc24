import { normaliseSku } from '@storewright/contracts'
import { notFound } from '@storewright/service-kit'
import type { Static } from 'typebox'
import type { Trx } from '../database.ts'
import { requireFreeSlug } from './choose-slug.ts'
import { refuseFaults } from './problems.ts'
import type { Product, Variant } from './product.ts'
import { listOwners, lockProducts } from './queries.ts'
import { requireCategories } from './require-categories.ts'
import { saveProducts, type ChangeContext } from './save-products.ts'
import type { ProductPatch } from './schemas.ts'

/** Locks one product, changes it as told and saves it; refuses what breaks a rule. */
export const changeProduct = async (
  trx: Trx,
  id: string,
  change: (product: Product) => Product | Promise<Product>,
  context: ChangeContext,
): Promise<Product> => {
  const [before] = await lockProducts(trx, [id])
  if (!before || before.status === 'deleted') return notFound('product', id)
  const after = await change(before)
  if (after.status !== 'deleted') refuseFaults(after)
  const [saved] = await saveProducts(trx, [{ before, after }], context)
  return saved!
}

/** The product that a living variant belongs to. */
export const findProductIdOf = async (trx: Trx, sku: string): Promise<string> => {
  const [owner] = await listOwners(trx, [normaliseSku(sku) ?? ''])
  return owner?.productId ?? notFound('variant', sku)
}

/** A product's variant that is not deleted. */
export const requireVariant = (product: Product, sku: string): Variant => {
  const wanted = normaliseSku(sku)
  return (
    product.variants.find((variant) => variant.sku === wanted && !variant.deleted) ?? notFound('variant', sku)
  )
}

/** Sets what the merchant may edit; what is absent stays. */
export const patchProduct = async (
  trx: Trx,
  product: Product,
  patch: Static<typeof ProductPatch>,
): Promise<Product> => {
  if (patch.slug !== undefined) await requireFreeSlug(trx, patch.slug, product.id)
  await requireCategories(trx, patch.categoryIds ?? [])
  return {
    ...product,
    name: patch.name?.trim() ?? product.name,
    slug: patch.slug ?? product.slug,
    description: patch.description ?? product.description,
    categoryIds: patch.categoryIds ?? product.categoryIds,
    attributes: patch.attributes ?? product.attributes,
    media: patch.media?.map(({ url, alt }) => ({ url, alt: alt ?? '' })) ?? product.media,
  }
}
