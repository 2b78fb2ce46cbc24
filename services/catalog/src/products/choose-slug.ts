import { Problem } from '@storewright/service-kit'
import type { Trx } from '../database.ts'
import { listBySlug } from './queries.ts'
import { isReservedSlug, slugCandidates } from './slug.ts'

/** Refuses a slug that another product has, or that no product may have. */
export const requireFreeSlug = async (trx: Trx, slug: string, productId: string) => {
  const errors = [{ path: 'slug', message: 'is not free' }]
  if (isReservedSlug(slug))
    throw new Problem('unprocessable', `"${slug}" cannot be told from another path.`, { errors })
  const taken = await listBySlug(trx, [slug])
  if (taken.some(({ id }) => id !== productId))
    throw new Problem('slug-taken', `Another product has the slug "${slug}".`, { errors })
}

/** A slug for a product whose author chose none. */
export const chooseSlug = async (trx: Trx, name: string, distinct: string, productId: string) => {
  const candidates = slugCandidates(name, distinct, productId)
  const taken = new Set((await listBySlug(trx, candidates)).map(({ slug }) => slug))
  return candidates.find((slug) => !taken.has(slug)) ?? candidates[candidates.length - 1]!
}
