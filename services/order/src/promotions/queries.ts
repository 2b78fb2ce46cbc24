import { sql } from 'kysely'
import type { Trx } from '../database.ts'

export interface PromotionState {
  promotionId: string
  version: number
  code: string | null
  endsAt: Date | null
  deleted: boolean
  /** JSON. */
  state: string
}

/** The newest state of each promotion wins, whatever order they arrive in; `replays` also overwrite what is as new. */
export const upsertPromotions = (
  trx: Trx,
  promotions: readonly PromotionState[],
  { replays }: { replays: boolean },
) => {
  const ifNewer = (column: string) =>
    sql<never>`if(values(version) ${sql.raw(replays ? '>=' : '>')} version, values(${sql.ref(column)}), ${sql.ref(column)})`
  return trx
    .insertInto('promotions')
    .values(
      promotions.map(({ promotionId, version, code, endsAt, deleted, state }) => ({
        promotion_id: promotionId,
        version,
        code,
        ends_at: endsAt,
        deleted,
        state,
      })),
    )
    .onDuplicateKeyUpdate({
      code: ifNewer('code'),
      ends_at: ifNewer('ends_at'),
      deleted: ifNewer('deleted'),
      state: ifNewer('state'),
      // Last, because the columns are assigned in this order and the others compare with the old version.
      version: sql`greatest(version, values(version))`,
    })
    .execute()
}
