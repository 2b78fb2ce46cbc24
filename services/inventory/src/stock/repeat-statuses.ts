import { StockStatusChanged } from '@storewright/contracts'
import type { Rebuilder } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import type { Settings } from '../config.ts'
import type { Database } from '../database.ts'
import { listSkusAfter } from './queries.ts'
import { lockStock } from './stock-ledger.ts'
import { statusOf } from './stock.ts'

/** `ops rebuild stock`: the status of every known SKU as it is now, also of one whose status never changed. */
export const statusRebuilder = ({ lowStockThreshold }: Settings): Rebuilder<Database> => ({
  event: StockStatusChanged,
  emitPage: async (trx, page) => {
    const skus = (await listSkusAfter(trx, page)).map(({ sku }) => sku)
    const stock = await lockStock(trx, skus)
    for (const sku of skus) {
      const available = stock.available(sku)
      const status = statusOf(available, lowStockThreshold)
      await emit(trx, StockStatusChanged, { sku, status, available }, { replay: true })
    }
    return skus
  },
})
