import { newId } from '@storewright/database'
import type { Trx } from '../database.ts'
import { nameKeyOf, pathKeyOf } from './category.ts'
import { chooseSlug } from './category-rules.ts'
import { addCategory } from './edit-categories.ts'
import { listChildren, lockTreeExclusive, lockTreeShared } from './queries.ts'

/** What exists of the paths and their ancestors: path key → id. */
const findPaths = async (trx: Trx, paths: string[][]): Promise<Map<string, string>> => {
  const found = new Map<string, string>()
  const depth = Math.max(0, ...paths.map((names) => names.length))
  for (let level = 1; level <= depth; level++) {
    const parents = new Map<string | null, string>()
    const keys = new Set<string>()
    for (const names of paths) {
      const above = pathKeyOf(names.slice(0, level - 1))
      const parentId = level === 1 ? null : found.get(above)
      if (names.length < level || parentId === undefined) continue
      parents.set(parentId, above)
      keys.add(nameKeyOf(names[level - 1]!))
    }
    if (parents.size === 0) break
    for (const child of await listChildren(trx, [...parents.keys()], [...keys])) {
      const above = parents.get(child.parentId) ?? ''
      found.set(level === 1 ? child.nameKey : `${above}>${child.nameKey}`, child.id)
    }
  }
  return found
}

interface MissingCategory {
  id: string
  parentId: string | null
  names: string[]
}

/** Resolves paths under a lock of the tree: `idOf` knows missing categories too, `createMissing` creates the used ones. */
export const resolveCategoryPaths = async (trx: Trx, stated: string[][]) => {
  const keyOf = new Map<string, string>()
  const byKey = new Map<string, string[]>()
  for (const names of stated) {
    const text = names.join('>')
    const key = keyOf.get(text) ?? pathKeyOf(names)
    keyOf.set(text, key)
    // The first spelling of a name counts.
    if (!byKey.has(key)) byKey.set(key, names)
  }
  const paths = [...byKey.values()]
  const isComplete = (known: Map<string, string>) => paths.every((names) => known.has(pathKeyOf(names)))
  if (isComplete(await findPaths(trx, paths))) await lockTreeShared(trx)
  else await lockTreeExclusive(trx)
  let known = await findPaths(trx, paths)
  if (!isComplete(known)) {
    // Locked already, unless a category was deleted in between.
    await lockTreeExclusive(trx)
    known = await findPaths(trx, paths)
  }

  const missing: MissingCategory[] = []
  for (const names of paths)
    for (let level = 1; level <= names.length; level++) {
      const key = pathKeyOf(names.slice(0, level))
      if (known.has(key)) continue
      const id = newId()
      const parentId = known.get(pathKeyOf(names.slice(0, level - 1))) ?? null
      missing.push({ id, parentId, names: names.slice(0, level) })
      known.set(key, id)
    }

  const byId = new Map(missing.map((category) => [category.id, category.parentId]))

  return {
    idOf: (names: string[]) => known.get(keyOf.get(names.join('>'))!)!,
    /** The category itself, or for one that is missing the nearest above it that is there; null at the root. */
    existingOf: (id: string): string | null => {
      let at: string | null = id
      while (at !== null && byId.has(at)) at = byId.get(at) ?? null
      return at
    },
    createMissing: async (used: Set<string>, at: Date) => {
      const wanted = new Set(used)
      for (const { id, parentId } of [...missing].reverse())
        if (wanted.has(id) && parentId !== null) wanted.add(parentId)
      for (const { id, parentId, names } of missing) {
        if (!wanted.has(id)) continue
        const name = names.at(-1)!
        const slug = await chooseSlug(trx, names, id)
        await addCategory(trx, { id, parentId, slug, name, position: 0, version: 1 }, at)
      }
    },
  }
}
