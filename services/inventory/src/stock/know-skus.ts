import type { Db } from '@storewright/database'
import type { Catalog } from '../catalog.ts'
import type { Database } from '../database.ts'
import { listKnownSkus } from './queries.ts'

/**
 * Which of the SKUs exist. Those that are unknown here are asked for, since a product may be newer than what its event
 * has told so far; `unsure` when that was not possible and some stay unknown. Never inside a transaction.
 */
export const knowSkus = async (
  skus: readonly string[],
  { db, catalog }: { db: Db<Database>; catalog: Catalog },
  patience?: { attempts: number },
): Promise<{ known: Set<string>; unsure: boolean }> => {
  const wanted = [...new Set(skus)]
  const known = await listKnownSkus(db, wanted)
  const unknown = wanted.filter((sku) => !known.has(sku))
  if (unknown.length === 0) return { known, unsure: false }
  const existing = await catalog.listExisting(unknown, patience)
  return { known: new Set([...known, ...(existing ?? [])]), unsure: existing === null }
}
