import { inTransaction } from '@storewright/database'
import type { Db } from '../database.ts'
import { deleteLine, deleteLines } from './queries.ts'
import { beginChange, endChange, type SetItems } from './set-items.ts'

/** Takes one SKU, or everything, out of a cart; what is not there is gone already. */
export const removeItems = (
  db: Db,
  command: Pick<SetItems, 'cartId' | 'userId' | 'check' | 'now'> & { sku: string | null },
) =>
  inTransaction(db, async (trx) => {
    await beginChange(trx, command)
    if (command.sku === null) await deleteLines(trx, command.cartId)
    else await deleteLine(trx, command.cartId, command.sku)
    return endChange(trx, command)
  })
