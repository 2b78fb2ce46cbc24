import type { Db, Trx } from '../database.ts'

/** These categories and all above them, each once. */
export const listDefinitionRows = (db: Db | Trx, categoryIds: string[]) =>
  db
    .selectFrom('category_ancestors')
    .innerJoin('categories', 'categories.id', 'category_ancestors.ancestor_id')
    .select(['categories.id', 'categories.parent_id as parentId', 'categories.attributes'])
    .distinct()
    .where('category_ancestors.category_id', 'in', categoryIds)
    .execute()

export const findWithDefinitions = (db: Db | Trx, id: string) =>
  db.selectFrom('categories').select(['id', 'version', 'attributes']).where('id', '=', id).executeTakeFirst()

export const updateDefinitions = (
  trx: Trx,
  { id, version, attributes, at }: { id: string; version: number; attributes: string; at: Date },
) => trx.updateTable('categories').set({ version, attributes, updated_at: at }).where('id', '=', id).execute()

export const listSubtreeIds = async (trx: Trx, id: string) =>
  (
    await trx
      .selectFrom('category_ancestors')
      .select('category_id as id')
      .where('ancestor_id', '=', id)
      .orderBy('category_id')
      .execute()
  ).map((row) => row.id)

/** Which products are in these categories, by category and product, after one of them. */
export const listAssigned = (
  trx: Trx,
  categoryIds: string[],
  after: { categoryId: string; productId: string } | undefined,
  limit: number,
) =>
  trx
    .selectFrom('product_categories')
    .select(['category_id as categoryId', 'product_id as productId'])
    .where((eb) => {
      const rest = after ? categoryIds.filter((id) => id > after.categoryId) : categoryIds
      const begun = after
        ? [eb.and([eb('category_id', '=', after.categoryId), eb('product_id', '>', after.productId)])]
        : []
      return eb.or([...begun, ...(rest.length > 0 ? [eb('category_id', 'in', rest)] : [])])
    })
    .orderBy('category_id')
    .orderBy('product_id')
    .limit(limit)
    .execute()

/** Attributes and categories of products, deleted ones left out. */
export const listAttributed = async (trx: Trx, productIds: string[]) => ({
  products: await trx
    .selectFrom('products')
    .select(['id', 'name', 'attributes'])
    .where('id', 'in', productIds)
    .where('status', '<>', 'deleted')
    .execute(),
  variants: await trx
    .selectFrom('variants')
    .select(['product_id as productId', 'attributes'])
    .where('product_id', 'in', productIds)
    .where('deleted', '=', 0)
    .execute(),
  categories: await trx
    .selectFrom('product_categories')
    .select(['product_id as productId', 'category_id as categoryId'])
    .where('product_id', 'in', productIds)
    .orderBy('product_id')
    .orderBy('position')
    .execute(),
})
