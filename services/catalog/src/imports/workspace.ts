import type { StockStatus } from '@storewright/contracts'
import { newId } from '@storewright/database'
import type { FieldError } from '@storewright/service-kit/http'
import type { Owner } from '../products/load-products.ts'
import { newProduct, type Product } from '../products/product.ts'
import type { ProductChange } from '../products/save-products.ts'
import { slugCandidates } from '../slug.ts'
import type { ImportRow } from './row.ts'

interface Contents {
  products: Product[]
  owners: Owner[]
  stock: Map<string, StockStatus>
  /** On which line of the file earlier batches met a SKU. */
  earlier: { sku: string; line: number }[]
}

type Found = { product: Product; isNew: boolean; isFirst: boolean } | { errors: FieldError[] }

const nameOf = ({ edits, variants }: ImportRow) => edits.name ?? variants[0]?.name ?? ''

/** What a batch of rows works on in memory: products as read and as changed so far, and the owners of SKUs. */
export const createImportWorkspace = ({ products, owners, stock, earlier }: Contents) => {
  const before = new Map(products.map((product) => [product.id, product]))
  const after = new Map(before)
  const ownerOf = new Map(owners.map(({ sku, productId }) => [sku, productId]))
  const lineOf = new Map(earlier.map(({ sku, line }) => [sku, line]))
  const byHandle = new Map<string, string>()
  for (const { id, slug, handle } of products) {
    byHandle.set(slug, id)
    if (handle !== null) byHandle.set(handle, id)
  }
  // Products of earlier rows of the file.
  const visited = new Set(
    products.flatMap(({ id, variants }) => (variants.some(({ sku }) => lineOf.has(sku)) ? [id] : [])),
  )
  const slugOwner = new Map<string, string>()
  const fresh = new Map<ImportRow, { id: string; slugs: string[] }>()
  const readSkus: { sku: string; line: number }[] = []

  const freshFor = (row: ImportRow) => {
    const known = fresh.get(row)
    if (known) return known
    const id = newId()
    const slugs = slugCandidates(row.handle ?? nameOf(row), row.variants[0]?.sku ?? '', id)
    const made = { id, slugs }
    fresh.set(row, made)
    return made
  }

  const freeSlug = (row: ImportRow, productId: string) => {
    const { slugs } = freshFor(row)
    const candidates = [...(row.edits.slug === undefined ? [] : [row.edits.slug]), ...slugs]
    return candidates.find((slug) => (slugOwner.get(slug) ?? productId) === productId) ?? candidates.at(-1)!
  }

  const blank = (row: ImportRow, at: Date): Product => {
    const { status = 'published', handle = null } = row
    const { id } = freshFor(row)
    return newProduct({ id, slug: freeSlug(row, id), name: nameOf(row), handle, status }, at)
  }

  const findConflicts = (row: ImportRow, productId: string | undefined): FieldError[] => {
    const skuPath = (index: number) => (row.format === 'csv' ? 'sku' : `variants.${index}.sku`)
    const errors: FieldError[] = []
    row.variants.forEach(({ sku }, index) => {
      const line = lineOf.get(sku)
      if (line !== undefined)
        errors.push({ path: skuPath(index), message: `is on line ${line} of this file already` })
      const owner = ownerOf.get(sku)
      if (owner !== undefined && owner !== productId)
        errors.push({ path: skuPath(index), message: 'belongs to another product, for ever' })
    })
    const slugTaken = row.edits.slug === undefined ? undefined : slugOwner.get(row.edits.slug)
    if (slugTaken !== undefined && slugTaken !== productId)
      errors.push({ path: 'slug', message: 'is the slug of another product' })
    if (productId === undefined && row.format === 'json' && row.edits.name === undefined)
      errors.push({ path: 'name', message: 'is required' })
    return errors
  }

  /** The product that a row means: by its SKUs, then by its handle, then by its slug; or a new one. */
  const find = (row: ImportRow, at: Date): Found => {
    const named = row.handle === undefined ? undefined : byHandle.get(row.handle)
    const owner = row.variants.flatMap(({ sku }) => ownerOf.get(sku) ?? [])[0]
    const productId =
      owner ?? named ?? (row.edits.slug === undefined ? undefined : slugOwner.get(row.edits.slug))
    const errors = findConflicts(row, productId)
    const present = productId === undefined ? undefined : after.get(productId)
    const hasOtherHandle = row.handle !== undefined && present?.handle && present.handle !== row.handle
    if ((named !== undefined && named !== productId) || (hasOtherHandle && present.slug !== row.handle))
      errors.push({ path: 'product', message: 'is not the product that this SKU belongs to' })
    if (errors.length > 0) return { errors }

    if (!present) return { product: blank(row, at), isNew: true, isFirst: true }
    const isFirst = !visited.has(present.id)
    if (present.status === 'deleted') {
      // Restored under its old id, because its SKUs belong to it.
      const { status, slug, publishedAt } = blank(row, at)
      const back = { ...present, status, slug, publishedAt: present.publishedAt ?? publishedAt }
      return { product: back, isNew: true, isFirst }
    }
    const handle = present.handle ?? (row.handle === present.slug ? null : (row.handle ?? null))
    const product = handle === present.handle ? present : { ...present, handle }
    return { product, isNew: false, isFirst }
  }

  return {
    /** Those that may be taken: the last has the new id. */
    slugsFor: (row: ImportRow) => freshFor(row).slugs.slice(0, -1),
    takeSlugs: (taken: { id: string; slug: string }[]) => {
      for (const { id, slug } of taken) slugOwner.set(slug, id)
    },
    find,
    categoryIds: () => products.flatMap((product) => product.categoryIds),
    stockOf: (sku: string): StockStatus => stock.get(sku) ?? 'out_of_stock',
    /** Stores a row's result for later rows of the batch. */
    put: (row: ImportRow, product: Product) => {
      const { id, slug, handle, variants } = product
      after.set(id, product)
      visited.add(id)
      slugOwner.set(slug, id)
      byHandle.set(slug, id)
      if (handle !== null) byHandle.set(handle, id)
      for (const { sku } of variants) ownerOf.set(sku, id)
      for (const { sku } of row.variants) {
        lineOf.set(sku, row.line)
        readSkus.push({ sku, line: row.line })
      }
    },
    readSkus: () => readSkus,
    changes: (): ProductChange[] =>
      [...after.values()].flatMap((product) =>
        before.get(product.id) === product
          ? []
          : [{ before: before.get(product.id) ?? null, after: product }],
      ),
  }
}

export type ImportWorkspace = ReturnType<typeof createImportWorkspace>
