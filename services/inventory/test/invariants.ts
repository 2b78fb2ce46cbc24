import { sql } from 'kysely'
import type { Db } from '@storewright/database'
import { expect } from 'vitest'
import type { Database } from '../src/database.ts'
import { stockInvariants } from '../src/invariant-queries.ts'

/** What the audit finds in one snapshot, while others write. */
export const auditBreaches = (db: Db<Database>) =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (snapshot) => {
      const found: string[] = []
      for (const { what, breaches } of stockInvariants(snapshot)) {
        for (const { id } of await breaches.execute()) found.push(`${what}: ${id}`)
      }
      return found
    })

/** The ledger and the reservations add up to the stock, for every SKU and location; nothing else may hold. */
export const expectStockAddsUp = async (db: Db<Database>) => {
  const { rows: stock } = await sql`
    select s.sku, s.location_id, s.on_hand, s.reserved, coalesce(m.total, 0) as moved, coalesce(h.held, 0) as held
    from stock s
    left join (select sku, location_id, sum(delta) as total from movements group by sku, location_id) m
      on m.sku = s.sku and m.location_id = s.location_id
    left join (select sku, location_id, sum(held) as held from reservation_lines group by sku, location_id) h
      on h.sku = s.sku and h.location_id = s.location_id
    where s.on_hand <> coalesce(m.total, 0) or s.reserved <> coalesce(h.held, 0) or s.reserved > s.on_hand`.execute(
    db,
  )
  expect(stock).toEqual([])

  const { rows: ended } = await sql`
    select r.order_id, r.state, l.held from reservations r join reservation_lines l on l.order_id = r.order_id
    where r.state not in ('held', 'confirmed') and l.held > 0`.execute(db)
  expect(ended).toEqual([])

  const { rows: balances } = await sql`
    select * from (
      select sku, location_id, balance, sum(delta) over (partition by sku, location_id order by seq) as running
      from movements
    ) as ledger where balance <> running`.execute(db)
  expect(balances).toEqual([])
}
