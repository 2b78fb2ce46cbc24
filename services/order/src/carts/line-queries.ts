import { sql } from 'kysely'
import type { Trx } from '../database.ts'

export interface NewLine {
  sku: string
  quantity: number
  addedPriceMinor: number
}

export const listLines = (trx: Trx, cartId: string) =>
  trx
    .selectFrom('cart_items')
    .select(['sku', 'quantity', 'added_price_minor as addedPriceMinor'])
    .where('cart_id', '=', cartId)
    .orderBy('added_at')
    .orderBy('position')
    .execute()

/** Sets the lines; one that was there keeps its place. */
export const upsertLines = (trx: Trx, cartId: string, lines: readonly NewLine[], now: Date) =>
  trx
    .insertInto('cart_items')
    .values(
      lines.map((line, position) => ({
        cart_id: cartId,
        sku: line.sku,
        position,
        quantity: line.quantity,
        added_price_minor: line.addedPriceMinor,
        added_at: now,
      })),
    )
    .onDuplicateKeyUpdate({
      quantity: sql`values(quantity)`,
      added_price_minor: sql`values(added_price_minor)`,
    })
    .execute()

export const deleteLine = (trx: Trx, cartId: string, sku: string) =>
  trx.deleteFrom('cart_items').where('cart_id', '=', cartId).where('sku', '=', sku).execute()

export const deleteLines = (trx: Trx, cartId: string) =>
  trx.deleteFrom('cart_items').where('cart_id', '=', cartId).execute()
