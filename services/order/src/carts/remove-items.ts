import { inTransaction } from '@storewright/database'
import type { Db } from '../database.ts'
import { changeCart, type CartChange } from './change-cart.ts'
import { deleteLine, deleteLines } from './line-queries.ts'

/** Takes one SKU, or everything, out of a cart; what is not there is gone already. */
export const removeItems = (db: Db, change: CartChange & { sku: string | null }) =>
  inTransaction(db, (trx) =>
    changeCart(trx, change, () =>
      change.sku === null ? deleteLines(trx, change.cartId) : deleteLine(trx, change.cartId, change.sku),
    ),
  )
