import type { Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import { isReservedSlug, slugCandidates } from '../slug.ts'
import { findFaults, type Product } from './product.ts'
import { listBySlug } from './queries.ts'

const MAX_ERRORS = 100
const MAX_PATH = 500

/** Ends the request when a product breaks a rule; `pathOf` turns a path of the product into one of the request. */
export const requireNoFaults = (
  product: Product,
  before: Product | null = null,
  pathOf: (path: string, product: Product) => string = (path) => path,
) => {
  const faults = findFaults(product, before)
  const [first] = faults
  if (!first) return
  const errors = faults
    .slice(0, MAX_ERRORS)
    .map(({ path, message }) => ({ path: pathOf(path, product).slice(0, MAX_PATH), message }))
  throw new Problem(first.kind, `${first.message[0]?.toUpperCase()}${first.message.slice(1)}.`, { errors })
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

export const findSlugOwners = (trx: Trx, slugs: string[]) => listBySlug(trx, slugs)

export const requireFreeSlug = async (trx: Trx, slug: string, productId: string) => {
  const errors = [{ path: 'slug', message: 'is not free' }]
  if (isReservedSlug(slug))
    throw new Problem('unprocessable', `"${slug}" is the form of an id or a part of another path.`, {
      errors,
    })
  const taken = await listBySlug(trx, [slug])
  if (taken.some(({ id }) => id !== productId))
    throw new Problem('slug-taken', `Another product has the slug "${slug}".`, { errors })
}

export const chooseSlug = async (trx: Trx, name: string, distinct: string, productId: string) => {
  const candidates = slugCandidates(name, distinct, productId)
  const taken = new Set((await listBySlug(trx, candidates)).map(({ slug }) => slug))
  return candidates.find((slug) => !taken.has(slug)) ?? candidates[candidates.length - 1]!
}
