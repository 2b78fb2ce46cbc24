import { parseJson } from '@storewright/database'
import type { Trx } from '../database.ts'
import {
  advance,
  claimRefresh,
  deletePlanned,
  deleteRefresh,
  insertRefreshes,
  insertRefreshIfPromoted,
  listProductsAfter,
  postpone,
  type Scope,
} from './queries.ts'

export type { Scope } from './queries.ts'

/** What a promotion's prices are to be found again for, and when. */
export interface Refresh {
  scope: Scope
  dueAt: Date | null
}

/** Replaces what the promotion planned. */
export const planRefreshes = async (trx: Trx, promotionId: string, refreshes: Refresh[]) => {
  await deletePlanned(trx, promotionId)
  if (refreshes.length === 0) return
  const rows = refreshes.map(({ scope, dueAt }) => ({ promotionId, dueAt, scope: JSON.stringify(scope) }))
  await insertRefreshes(trx, rows)
}

/** Has the promoted prices of everything in and below a category found again, after it moved. */
export const refreshCategory = (trx: Trx, categoryId: string) =>
  insertRefreshIfPromoted(trx, JSON.stringify({ productIds: [], categoryIds: [categoryId] } satisfies Scope))

/** Takes and locks the next products whose prices are due by `at` (default: now); undefined where nothing is due. */
export const claimProducts = async (
  trx: Trx,
  { limit, at, onClaim }: { limit: number; at: Date | undefined; onClaim: (refreshId: number) => void },
): Promise<string[] | undefined> => {
  const refresh = await claimRefresh(trx, at)
  if (!refresh) return undefined
  onClaim(refresh.id)
  const products = await listProductsAfter(trx, parseJson<Scope>(refresh.scope), refresh.afterId, limit)
  const productIds = products.map(({ id }) => id)
  const last = productIds.at(-1)
  if (last === undefined || productIds.length < limit) await deleteRefresh(trx, refresh.id)
  else await advance(trx, refresh.id, last)
  return productIds
}

/** What failed is tried again later, after what waits behind it. */
export const postponeRefresh = postpone
