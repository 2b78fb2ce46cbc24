import type { FieldError } from '@storewright/service-kit'
import { resolveCategoryPaths } from '../categories/resolve-category-paths.ts'
import type { Trx } from '../database.ts'
import { comparableState } from '../products/product.ts'
import { listBySlug, listCategoryIds, listOwners, lockProducts, lockStockRows } from '../products/queries.ts'
import { saveProducts, type ChangeContext } from '../products/save-products.ts'
import { applyRow } from './apply-row.ts'
import { createImportWorkspace, type ImportWorkspace } from './workspace.ts'
import { insertImportRows, listEarlierLines, listIdsByHandle } from './queries.ts'
import type { ImportRow } from './row.ts'

export type LineOutcome =
  { line: number; outcome: 'created' | 'updated' | 'unchanged' } | { line: number; errors: FieldError[] }

const unique = <T>(values: T[]) => [...new Set(values)]

/** Locks everything that these rows may touch, in the order in which everybody locks, and reads it. */
const readWorkspace = async (trx: Trx, importId: string, rows: ImportRow[]): Promise<ImportWorkspace> => {
  const skus = unique(rows.flatMap(({ variants }) => variants.map(({ sku }) => sku))).sort()
  const known = await listOwners(trx, skus)
  const isKnown = new Set(known.map(({ sku }) => sku))
  const fresh = skus.filter((sku) => !isKnown.has(sku))
  const stock = await lockStockRows(trx, fresh)
  // Read again under the lock: another import may have brought them meanwhile.
  const owners = [...known, ...(await listOwners(trx, fresh))]

  const handles = unique(rows.flatMap(({ handle }) => handle ?? []))
  const slugs = unique(rows.flatMap(({ slug }) => slug ?? []))
  const named = await listIdsByHandle(trx, handles, [...handles, ...slugs])
  const products = await lockProducts(trx, unique([...owners.map(({ productId }) => productId), ...named]))
  const theirs = products.flatMap(({ variants }) => variants.map(({ sku }) => sku))
  const earlier = await listEarlierLines(trx, importId, unique([...skus, ...theirs]))

  const workspace = createImportWorkspace({ products, owners, stock, earlier })
  workspace.takeSlugs(
    await listBySlug(trx, unique([...slugs, ...rows.flatMap((row) => workspace.slugsFor(row))])),
  )
  return workspace
}

/**
 * Applies rows in one transaction and a fixed number of statements, however many they are. A row that cannot be
 * applied changes nothing and stops no other. Nothing is written and nothing said for what is as the file says.
 */
export const importBatch = async (
  trx: Trx,
  importId: string,
  rows: ImportRow[],
  context: ChangeContext,
): Promise<LineOutcome[]> => {
  const workspace = await readWorkspace(trx, importId, rows)
  const paths = await resolveCategoryPaths(
    trx,
    rows.flatMap(({ category }) => (category ? [category] : [])),
  )
  const asked = unique(rows.flatMap(({ categoryIds }) => categoryIds ?? []))
  const categories = new Set(await listCategoryIds(trx, asked))

  const at = context.clock()
  const outcomes = rows.map((row): LineOutcome => {
    const found = workspace.find(row, at)
    if ('errors' in found) return { line: row.line, errors: found.errors }
    const unknown = (row.categoryIds ?? []).flatMap((id, index) =>
      categories.has(id) ? [] : [{ path: `categoryIds.${index}`, message: 'is no category' }],
    )
    if (unknown.length > 0) return { line: row.line, errors: unknown }
    const applied = applyRow(found.product, row, {
      at,
      isFirst: found.isFirst,
      categoryIds: row.category ? [paths.idOf(row.category)] : row.categoryIds,
      stockOf: workspace.stockOf,
    })
    if ('errors' in applied) return { line: row.line, errors: applied.errors }
    const isChanged = found.isNew || comparableState(found.product) !== comparableState(applied.product)
    workspace.put(row, applied.product)
    return { line: row.line, outcome: isChanged ? applied.outcome : 'unchanged' }
  })

  const edits = workspace.edits()
  await paths.createMissing(new Set(edits.flatMap(({ after }) => after.categoryIds)), at)
  await saveProducts(trx, edits, context)
  await insertImportRows(trx, importId, workspace.readSkus())
  return outcomes
}
