import { normaliseSku } from '@storewright/contracts'
import { notFound, Problem } from '@storewright/service-kit/http'
import { requireCategories } from '../categories/require-categories.ts'
import type { Trx } from '../database.ts'
import { lockProducts } from './load-products.ts'
import { requireFreeSlug, requireNoFaults } from './product-rules.ts'
import { activeVariants, withEdits, type Product, type ProductEdits } from './product.ts'
import { requireFit } from './require-fit.ts'
import { saveProducts, type ChangeContext } from './save-products.ts'

/** Locks one product, changes it and saves it; refuses a result that breaks a rule, naming the fields by `pathOf`. */
export const changeProduct = async (
  trx: Trx,
  id: string,
  change: (product: Product) => Product | Promise<Product>,
  context: ChangeContext,
  pathOf?: (path: string, product: Product) => string,
): Promise<Product> => {
  const [before] = await lockProducts(trx, [id])
  if (!before || before.status === 'deleted') return notFound('product', id)
  const after = await change(before)
  if (after.status !== 'deleted') {
    requireNoFaults(after, before, pathOf)
    await requireFit(trx, after, before, pathOf)
  }
  const [saved] = await saveProducts(trx, [{ before, after }], context)
  return saved!
}

const requireOwnVariants = (product: Product, stated: { sku: string }[]) => {
  const known = new Set(activeVariants(product).map(({ sku }) => sku))
  const skus = stated.map(({ sku }) => normaliseSku(sku) ?? '')
  const errors = skus.flatMap((sku, index) => {
    const path = `variants.${index}.sku`
    if (!known.has(sku)) return [{ path, message: 'is no variant of this product' }]
    return skus.indexOf(sku) < index ? [{ path, message: 'stands twice' }] : []
  })
  if (errors.length > 0) throw new Problem('unprocessable', 'A SKU does not fit.', { errors })
}

/** The path of a fault in a patch: one of a variant that the patch does not name is a fault of the options it sets. */
export const pathInPatch =
  (edits: ProductEdits) =>
  (path: string, product: Product): string => {
    const [, index, rest] = /^variants\.(\d+)\.(options.*)$/s.exec(path) ?? []
    if (index === undefined) return path
    const sku = activeVariants(product)[Number(index)]?.sku
    const stated = (edits.variants ?? []).findIndex((variant) => normaliseSku(variant.sku) === sku)
    return stated >= 0 ? `variants.${stated}.${rest}` : 'options'
  }

/** A product after an edit whose slug and categories are checked. */
export const editProduct = async (trx: Trx, product: Product, edits: ProductEdits): Promise<Product> => {
  if (edits.slug !== undefined) await requireFreeSlug(trx, edits.slug, product.id)
  await requireCategories(trx, edits.categoryIds ?? [])
  requireOwnVariants(product, edits.variants ?? [])
  return withEdits(product, edits)
}
