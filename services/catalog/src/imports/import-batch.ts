import type { FieldError } from '@storewright/service-kit/http'
import type { Definitions } from '../categories/definitions.ts'
import { readEffectiveDefinitions } from '../categories/require-fit.ts'
import { findCategoryIds, unknownCategories } from '../categories/require-categories.ts'
import { resolveCategoryPaths } from '../categories/resolve-category-paths.ts'
import type { Trx } from '../database.ts'
import { findOwners, lockProducts, lockSkus } from '../products/load-products.ts'
import { findSlugOwners } from '../products/product-rules.ts'
import { isSameProduct } from '../products/same-product.ts'
import { saveProducts, type ChangeContext } from '../products/save-products.ts'
import { applyRow } from './apply-row.ts'
import { createImportWorkspace, type ImportWorkspace } from './workspace.ts'
import { listEarlierLines, listIdsByHandle } from './queries.ts'
import type { ImportRow } from './row.ts'

export type LineOutcome =
  { line: number; outcome: 'created' | 'updated' | 'unchanged' } | { line: number; errors: FieldError[] }

export interface BatchResult {
  outcomes: LineOutcome[]
  /** The SKUs of the lines that were not rejected. */
  met: { sku: string; line: number }[]
}

const unique = <T>(values: T[]) => [...new Set(values)]

/** Locks in the service's order all that these rows may change, and reads it. */
const readWorkspace = async (trx: Trx, importId: string, rows: ImportRow[]): Promise<ImportWorkspace> => {
  const skus = unique(rows.flatMap(({ variants }) => variants.map(({ sku }) => sku))).sort()
  const known = await findOwners(trx, skus)
  const isKnown = new Set(known.map(({ sku }) => sku))
  // Owners are read again under the lock: another import may have brought the same SKUs meanwhile.
  const { stock, owners: brought } = await lockSkus(
    trx,
    skus.filter((sku) => !isKnown.has(sku)),
  )
  const owners = [...known, ...brought]

  const handles = unique(rows.flatMap(({ handle }) => handle ?? []))
  const slugs = unique(rows.flatMap(({ edits }) => edits.slug ?? []))
  const named = await listIdsByHandle(trx, handles, [...handles, ...slugs])
  const products = await lockProducts(trx, unique([...owners.map(({ productId }) => productId), ...named]))
  const theirs = products.flatMap(({ variants }) => variants.map(({ sku }) => sku))
  const earlier = await listEarlierLines(trx, importId, unique([...skus, ...theirs]))

  const workspace = createImportWorkspace({ products, owners, stock, earlier })
  workspace.takeSlugs(
    await findSlugOwners(trx, unique([...slugs, ...rows.flatMap((row) => workspace.slugsFor(row))])),
  )
  return workspace
}

/** What the rows of each handle state of their variants' options. */
const optionsByHandle = (rows: ImportRow[]) =>
  Map.groupBy(
    rows.flatMap(({ handle, variants }) =>
      variants.flatMap(({ sku, options }) => (handle && options ? [{ handle, sku, options }] : [])),
    ),
    ({ handle }) => handle,
  )

const NONE: Definitions = new Map()

/** The typed attributes of all categories that products of the batch are in or come to, in one statement. */
const readDefinitions = async (
  trx: Trx,
  rows: ImportRow[],
  workspace: ImportWorkspace,
  paths: Awaited<ReturnType<typeof resolveCategoryPaths>>,
) => {
  const ids = new Set([
    ...workspace.categoryIds(),
    ...rows.flatMap(({ edits, categories = [] }) => [
      ...(edits.categoryIds ?? []),
      ...categories.map((names) => paths.idOf(names)),
    ]),
  ])
  const existing = new Map([...ids].map((id) => [id, paths.existingOf(id)]))
  const effective = await readEffectiveDefinitions(
    trx,
    unique([...existing.values()].filter((id) => id !== null)),
  )
  return (id: string): Definitions => effective.get(existing.get(id) ?? '') ?? NONE
}

/** Applies rows in a fixed number of statements. A rejected row changes nothing and stops no other. */
export const importBatch = async (
  trx: Trx,
  importId: string,
  rows: ImportRow[],
  context: ChangeContext,
): Promise<BatchResult> => {
  const workspace = await readWorkspace(trx, importId, rows)
  const paths = await resolveCategoryPaths(
    trx,
    rows.flatMap(({ categories: stated = [] }) => stated),
  )
  const categories = await findCategoryIds(trx, unique(rows.flatMap(({ edits }) => edits.categoryIds ?? [])))

  const definitionsOf = await readDefinitions(trx, rows, workspace, paths)

  const optionsOf = optionsByHandle(rows)
  const at = context.clock()
  const outcomes = rows.map((row): LineOutcome => {
    const found = workspace.find(row, at)
    if ('errors' in found) return { line: row.line, errors: found.errors }
    const unknown = unknownCategories(row.edits.categoryIds ?? [], categories)
    if (unknown.length > 0) return { line: row.line, errors: unknown }
    const applied = applyRow(found.product, row, {
      at,
      isFirst: found.isFirst,
      categoryIds: row.categories?.map((names) => paths.idOf(names)) ?? row.edits.categoryIds,
      definitionsOf,
      variantOptions: optionsOf.get(row.handle ?? '') ?? [],
      stockOf: workspace.stockOf,
    })
    if ('errors' in applied) return { line: row.line, errors: applied.errors }
    const isChanged = found.isNew || !isSameProduct(found.product, applied.product)
    workspace.put(row, isChanged ? applied.product : found.product)
    if (!isChanged) return { line: row.line, outcome: 'unchanged' }
    return { line: row.line, outcome: found.isNew ? 'created' : applied.outcome }
  })

  const changes = workspace.changes()
  await paths.createMissing(new Set(changes.flatMap(({ after }) => after.categoryIds)), at)
  await saveProducts(trx, changes, context)
  return { outcomes, met: workspace.readSkus() }
}
