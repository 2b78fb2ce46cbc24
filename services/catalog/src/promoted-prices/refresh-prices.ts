import { inTransaction } from '@storewright/database'
import { runWithCorrelation } from '@storewright/messaging/correlation'
import type { Db, Trx } from '../database.ts'
import { claimProducts, postponeRefresh } from '../price-refreshes/price-refreshes.ts'
import { lockProducts } from '../products/load-products.ts'
import { saveProducts } from '../products/save-products.ts'

/** Products are locked for one batch only, so that nobody waits long while a promotion begins on 100,000 of them. */
const BATCH = 500

interface Options {
  /** The shop's. */
  currency: string
  /** By default the database's now. */
  at?: Date
  batch?: number
}

const saveNext = async (
  trx: Trx,
  { currency, at, batch = BATCH }: Options,
  onClaim: (refreshId: number) => void,
) => {
  const ids = await claimProducts(trx, { limit: batch, at, onClaim })
  if (!ids) return false
  const products = await lockProducts(trx, ids)
  await saveProducts(
    trx,
    products.map((product) => ({ before: product, after: product })),
    { clock: () => at ?? new Date(), by: null, currency, ...(at && { promotionsAt: at }) },
  )
  return true
}

/** Saves the next products whose promoted prices are due, in any number of replicas; true while there may be more. */
export const refreshPrices = (db: Db, options: Options): Promise<boolean> =>
  runWithCorrelation({ correlationId: `price-refresh-${crypto.randomUUID()}` }, async () => {
    let refreshId: number | undefined
    try {
      return await inTransaction(db, (trx) =>
        saveNext(trx, options, (id) => {
          refreshId = id
        }),
      )
    } catch (error) {
      const id = refreshId
      if (id !== undefined) await inTransaction(db, (trx) => postponeRefresh(trx, id))
      throw error
    }
  })
