import type { Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import { isReservedSlug, slugCandidates } from '../slug.ts'
import { MAX_DEPTH, nameKeyOf } from './category.ts'
import { findSibling, listAncestorIds, listBySlug } from './queries.ts'

/** The ancestors of a category under `parentId`; refuses an unknown parent and a tree that becomes too deep. */
export const requireParent = async (trx: Trx, parentId: string | null, height: number): Promise<string[]> => {
  if (parentId === null) return []
  const above = await listAncestorIds(trx, parentId)
  const errors = (message: string) => ({ errors: [{ path: 'parentId', message }] })
  if (above.length === 0)
    throw new Problem('unknown-category', `There is no category ${parentId}.`, errors('is no category'))
  if (above.length + height > MAX_DEPTH)
    throw new Problem(
      'unprocessable',
      `The tree has at most ${MAX_DEPTH} levels.`,
      errors('would be too deep'),
    )
  return above
}

/** Siblings have different names: a path of an import names one category. */
export const requireUniqueName = async (trx: Trx, parentId: string | null, name: string, id: string) => {
  const sibling = await findSibling(trx, parentId, nameKeyOf(name))
  if (sibling && sibling.id !== id)
    throw new Problem('conflict', `There is a category "${name}" there already.`, {
      errors: [{ path: 'name', message: 'is the name of a category beside it' }],
    })
}

export const requireFreeSlug = async (trx: Trx, slug: string, id: string) => {
  const errors = [{ path: 'slug', message: 'is not free' }]
  if (isReservedSlug(slug))
    throw new Problem('unprocessable', `"${slug}" is the form of an id or a part of another path.`, {
      errors,
    })
  const taken = await listBySlug(trx, [slug])
  if (taken.some((other) => other.id !== id))
    throw new Problem('slug-taken', `Another category has the slug "${slug}".`, { errors })
}

/** A slug from the category's name, or from its path where another has that. */
export const chooseSlug = async (trx: Trx, names: string[], id: string) => {
  const candidates = slugCandidates(names.at(-1) ?? '', names.slice(0, -1).join(' '), id)
  const taken = new Set((await listBySlug(trx, candidates)).map(({ slug }) => slug))
  return candidates.find((slug) => !taken.has(slug)) ?? candidates.at(-1)!
}
