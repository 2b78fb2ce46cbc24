import type { StockStatus } from '@storewright/contracts'
import { sql } from 'kysely'
import type { Trx } from '../database.ts'

export interface StockFact {
  sku: string
  status: StockStatus
  /** The aggregate version of the event that told it. */
  version: number
}

/** Overwrites rows that the caller locked and found older. */
export const writeStock = (trx: Trx, facts: StockFact[]) =>
  trx
    .insertInto('stock_statuses')
    .values(facts)
    .onDuplicateKeyUpdate({ status: sql`values(status)`, version: sql`values(version)` })
    .execute()
