import { RENDERING, type Db, type Trx } from '../database.ts'

/** These categories and all above them, each once. */
export const listDefinitionRows = (db: Db | Trx, categoryIds: string[]) =>
  db
    .selectFrom('category_ancestors')
    .innerJoin('categories', 'categories.id', 'category_ancestors.ancestor_id')
    .select(['categories.id', 'categories.parent_id as parentId', 'categories.attributes'])
    .distinct()
    .where('category_ancestors.category_id', 'in', categoryIds)
    .execute()

/** Categories that define attributes, the deepest first, with where they stand to one of them, or to the whole tree. */
export const listDefining = (
  db: Db,
  category: { id: string } | { slug: string } | undefined,
  limit: number,
) =>
  db
    .selectFrom('categories')
    .select((eb) => {
      const here =
        category === undefined || 'id' in category
          ? eb.val(category?.id ?? '')
          : eb.selectFrom('categories as here').select('here.id').where('here.slug', '=', category.slug)
      const depth = eb
        .selectFrom('category_ancestors')
        .select((count) => count.fn.countAll<number>().as('count'))
      return [
        'categories.attributes',
        depth.whereRef('category_id', '=', 'categories.id').as('depth'),
        depth.where('category_id', '=', here).whereRef('ancestor_id', '=', 'categories.id').as('above'),
        depth.whereRef('category_id', '=', 'categories.id').where('ancestor_id', '=', here).as('below'),
      ]
    })
    .where('defines', '=', 1)
    .orderBy('depth', 'desc')
    .limit(limit)
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

/** Which products are in these categories, by category and product; of the first one those after a product. */
export const listAssigned = (
  trx: Trx,
  [first = '', ...others]: string[],
  afterProduct: string,
  limit: number,
) =>
  trx
    .selectFrom('product_categories')
    .select(['category_id as categoryId', 'product_id as productId'])
    .where((eb) =>
      eb.or([
        eb.and([eb('category_id', '=', first), eb('product_id', '>', afterProduct)]),
        // Never left out: MariaDB reads a single category from its beginning.
        eb('category_id', 'in', ['', ...others]),
      ]),
    )
    .orderBy('category_id')
    .orderBy('product_id')
    .limit(limit)
    .execute()

/** Whether older code wrote a product whose attributes have no rows yet. */
export const hasOutdated = async (trx: Trx) =>
  (await trx
    .selectFrom('products')
    .select('id')
    .where('rendered', '<', RENDERING)
    .where('status', '<>', 'deleted')
    .limit(1)
    .executeTakeFirst()) !== undefined

/** Those of these products that have one of the attributes, or are in several categories, which may disagree. */
export const listConcerned = async (trx: Trx, productIds: string[], nameKeys: string[]) => {
  // An empty list has no value, and so no row.
  const emptyList = '%[]%'
  const rows = await trx
    .selectFrom('product_attributes')
    .select('product_id as id')
    .where('product_id', 'in', productIds)
    .where('name_key', 'in', nameKeys)
    .union((eb) =>
      eb
        .selectFrom('product_categories')
        .select('product_id as id')
        .where('product_id', 'in', productIds)
        .where('position', '=', 1),
    )
    .union((eb) =>
      eb
        .selectFrom('products')
        .select('id')
        .where('id', 'in', productIds)
        .where('attributes', 'like', emptyList),
    )
    .union((eb) =>
      eb
        .selectFrom('variants')
        .select('product_id as id')
        .where('product_id', 'in', productIds)
        .where('attributes', 'like', emptyList),
    )
    .execute()
  return rows.map(({ id }) => id)
}

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
