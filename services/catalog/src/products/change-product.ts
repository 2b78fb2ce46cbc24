import { notFound } from '@storewright/service-kit/http'
import { requireCategories } from '../categories/require-categories.ts'
import type { Trx } from '../database.ts'
import { lockProducts } from './load-products.ts'
import { requireFreeSlug, requireNoFaults } from './product-rules.ts'
import { withEdits, type Product, type ProductEdits } from './product.ts'
import { saveProducts, type ChangeContext } from './save-products.ts'

/** Locks one product, changes it and saves it; refuses a result that breaks a rule. */
export const changeProduct = async (
  trx: Trx,
  id: string,
  change: (product: Product) => Product | Promise<Product>,
  context: ChangeContext,
): Promise<Product> => {
  const [before] = await lockProducts(trx, [id])
  if (!before || before.status === 'deleted') return notFound('product', id)
  const after = await change(before)
  if (after.status !== 'deleted') requireNoFaults(after)
  const [saved] = await saveProducts(trx, [{ before, after }], context)
  return saved!
}

/** A product after an edit whose slug and categories are checked. */
export const editProduct = async (trx: Trx, product: Product, edits: ProductEdits): Promise<Product> => {
  if (edits.slug !== undefined) await requireFreeSlug(trx, edits.slug, product.id)
  await requireCategories(trx, edits.categoryIds ?? [])
  return withEdits(product, edits)
}
