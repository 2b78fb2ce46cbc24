import { sql, type Expression } from 'kysely'
import type { Db, Trx } from '../database.ts'
import type { Category } from './category.ts'

const columns = ['id', 'parent_id as parentId', 'slug', 'name', 'position', 'version'] as const

/** Makes this transaction the only one that changes the tree or assigns products to categories. */
export const lockTreeExclusive = (trx: Trx) =>
  trx.selectFrom('category_tree').select('id').where('id', '=', 1).forUpdate().executeTakeFirstOrThrow()

/** Keeps the tree of categories as it is until this transaction ends. */
export const lockTreeShared = (trx: Trx) =>
  trx
    .selectFrom('category_tree')
    .select('id')
    .where('id', '=', 1)
    // Not FOR SHARE, which MariaDB does not know.
    .modifyEnd(sql`lock in share mode`)
    .executeTakeFirstOrThrow()

const productCount = sql<number>`coalesce((select sum(products) from category_counts
  where category_counts.category_id = categories.id and category_counts.currency = ''), 0)`.as('productCount')

const siblingOrder = sql`categories.position, categories.name, categories.id`

export const listCategories = (db: Db) =>
  db.selectFrom('categories').select(columns).select(productCount).orderBy(siblingOrder).execute()

/** A category with its ancestors and children, in one statement. */
export const listWithRelatives = (db: Db, key: { id: string } | { slug: string }) =>
  db
    .selectFrom('categories as self')
    .innerJoin('categories', (join) =>
      join.on((eb) =>
        eb.or([
          eb('categories.parent_id', '=', eb.ref('self.id')),
          eb(
            'categories.id',
            'in',
            eb
              .selectFrom('category_ancestors')
              .select('ancestor_id')
              .whereRef('category_ancestors.category_id', '=', 'self.id'),
          ),
        ]),
      ),
    )
    .select([
      'self.id as selfId',
      'categories.id',
      'categories.parent_id as parentId',
      'categories.slug',
      'categories.name',
      'categories.position',
      'categories.version',
    ])
    .select(productCount)
    .where((eb) => ('id' in key ? eb('self.id', '=', key.id) : eb('self.slug', '=', key.slug)))
    .orderBy(siblingOrder)
    .execute()

export const findCategory = (trx: Trx, id: string): Promise<Category | undefined> =>
  trx.selectFrom('categories').select(columns).where('id', '=', id).executeTakeFirst()

export const listCategoriesAfter = (trx: Trx, after: string, limit: number): Promise<Category[]> =>
  trx.selectFrom('categories').select(columns).where('id', '>', after).orderBy('id').limit(limit).execute()

export const listCategoryIds = (trx: Trx, ids: string[]) =>
  trx.selectFrom('categories').select('id').where('id', 'in', ids).execute()

export const findSibling = (trx: Trx, parentId: string | null, nameKey: string) =>
  trx
    .selectFrom('categories')
    .select('id')
    .where('parent_key', '=', parentId ?? '')
    .where('name_key', '=', nameKey)
    .executeTakeFirst()

export const listBySlug = (trx: Trx, slugs: string[]) =>
  trx.selectFrom('categories').select(['id', 'slug']).where('slug', 'in', slugs).execute()

export const listChildren = (trx: Trx, parentIds: (string | null)[], nameKeys: string[]) =>
  trx
    .selectFrom('categories')
    .select(['id', 'parent_id as parentId', 'name_key as nameKey'])
    .where(
      'parent_key',
      'in',
      parentIds.map((id) => id ?? ''),
    )
    .where('name_key', 'in', nameKeys)
    .execute()

type CategoryWithKey = Category & { nameKey: string }

/** The one definition of a stored category: inserts and updates write all of it. */
const categoryRow = (category: CategoryWithKey, at: Date) => ({
  parent_id: category.parentId,
  parent_key: category.parentId ?? '',
  slug: category.slug,
  name: category.name,
  name_key: category.nameKey,
  position: category.position,
  version: category.version,
  updated_at: at,
})

export const insertCategory = (trx: Trx, category: CategoryWithKey, at: Date) =>
  trx
    .insertInto('categories')
    .values({ id: category.id, created_at: at, ...categoryRow(category, at) })
    .execute()

export const updateCategory = (trx: Trx, category: CategoryWithKey, at: Date) =>
  trx.updateTable('categories').set(categoryRow(category, at)).where('id', '=', category.id).execute()

type Pair = { category_id: string; ancestor_id: string }

const insertPairs = (trx: Trx, pairs: Expression<Pair>) =>
  trx
    .insertInto('category_ancestors')
    .columns(['category_id', 'ancestor_id'])
    .expression(() => pairs)
    .execute()

export const insertAncestors = async (trx: Trx, id: string, parentId: string | null) => {
  await trx.insertInto('category_ancestors').values({ category_id: id, ancestor_id: id }).execute()
  if (parentId !== null)
    await insertPairs(
      trx,
      trx
        .selectFrom('category_ancestors')
        .select([sql<string>`${id}`.as('category_id'), 'ancestor_id'])
        .where('category_id', '=', parentId),
    )
}

export const listAncestorIds = async (trx: Trx, id: string) =>
  (
    await trx
      .selectFrom('category_ancestors')
      .select('ancestor_id as id')
      .where('category_id', '=', id)
      .execute()
  ).map((row) => row.id)

/** The categories themselves and all above them, with their names. */
export const listAncestry = (trx: Trx, categoryIds: string[]) =>
  trx
    .selectFrom('category_ancestors')
    .innerJoin('categories', 'categories.id', 'category_ancestors.ancestor_id')
    .select(['category_ancestors.category_id as categoryId', 'categories.id', 'categories.name'])
    .where('category_ancestors.category_id', 'in', categoryIds)
    .orderBy('categories.id')
    .execute()

/** The category and its descendants, each with the number of its ancestors, itself included. */
export const listSubtree = (trx: Trx, id: string) =>
  trx
    .selectFrom('category_ancestors as below')
    .innerJoin('category_ancestors as above', 'above.category_id', 'below.category_id')
    .select(['below.category_id as id', (eb) => eb.fn.countAll<number>().as('depth')])
    .where('below.ancestor_id', '=', id)
    .groupBy('below.category_id')
    .execute()

export const moveSubtree = async (trx: Trx, id: string, subtree: string[], parentId: string | null) => {
  await trx
    .deleteFrom('category_ancestors')
    .where('category_id', 'in', subtree)
    .where('ancestor_id', 'not in', subtree)
    .execute()
  if (parentId !== null)
    await insertPairs(
      trx,
      trx
        .selectFrom('category_ancestors as below')
        .innerJoin('category_ancestors as above', (join) => join.on('above.category_id', '=', parentId))
        .select(['below.category_id', 'above.ancestor_id'])
        .where('below.ancestor_id', '=', id),
    )
}

export const findUse = async (trx: Trx, id: string) => ({
  child: await trx
    .selectFrom('categories')
    .select('id')
    .where('parent_id', '=', id)
    .limit(1)
    .executeTakeFirst(),
  product: await trx
    .selectFrom('product_categories')
    .select('product_id as id')
    .where('category_id', '=', id)
    .limit(1)
    .executeTakeFirst(),
})

export const deleteCategoryRow = async (trx: Trx, id: string) => {
  await trx.deleteFrom('categories').where('id', '=', id).execute()
  await trx.deleteFrom('category_counts').where('category_id', '=', id).execute()
}
