import type { Money } from '@storewright/contracts'
import { sql } from 'kysely'
import type { Trx } from '../database.ts'

export const insertReceipt = (
  trx: Trx,
  receipt: {
    id: string
    orderId: string
    amount: Money
    reference: string | null
    receivedAt: Date
    recordedAt: Date
    recordedBy: string
  },
) =>
  trx
    .insertInto('payment_receipts')
    .values({
      id: receipt.id,
      order_id: receipt.orderId,
      amount_minor: receipt.amount.amount,
      currency: receipt.amount.currency,
      reference: receipt.reference,
      received_at: receipt.receivedAt,
      recorded_at: receipt.recordedAt,
      recorded_by: receipt.recordedBy,
    })
    .execute()

/** The schema refuses more than the total. */
export const addReceived = (trx: Trx, orderId: string, amountMinor: number) =>
  trx
    .updateTable('orders')
    .set({ received_minor: sql`received_minor + ${amountMinor}`, version: sql`version + 1` })
    .where('id', '=', orderId)
    .execute()
