import { sql, type RawBuilder } from 'kysely'
import { EXAMPLES, type Check, type Snapshot } from './check.ts'
import { paged, mergeJoin } from './merge-join.ts'

/** How many units, and a checksum over which SKUs they are. */
type Goods = { units: number; sum: number }
type OrderRow = { id: string; status: string; overdue: number } & Goods
type HoldRow = { id: string; live: number } & Goods

const PAGE = 5_000
const FINAL = new Set(['rejected', 'cancelled', 'shipped', 'delivered', 'returned'])
/** What happened less than this ago may have its other half still on its way. */
const STILL_SECONDS = 60

type Range = { first: string; last: string }

const NOTHING: Goods = { units: 0, sum: 0 }

/** Sums `lines` (order_id, sku, quantity) up to one line per order. */
const goodsPerOrder = async (db: Snapshot, lines: RawBuilder<unknown>) => {
  const { rows } = await sql<{ id: string } & Goods>`
    select order_id as id, sum(units) as units, sum(crc32(concat(sku, ':', units))) as sum from (
      select order_id, sku, sum(quantity) as units from (${lines}) as lines_of_orders
      group by order_id, sku having units > 0
    ) as per_sku group by order_id`.execute(db)
  return new Map(rows.map((row) => [row.id, { units: Number(row.units), sum: Number(row.sum) }]))
}

const withGoods = async <Row extends { id: string }>(
  db: Snapshot,
  rows: Row[],
  linesIn: (range: Range) => RawBuilder<unknown>,
): Promise<(Row & Goods)[]> => {
  const [first, last] = [rows[0]?.id, rows.at(-1)?.id]
  if (first === undefined || last === undefined) return []
  const goods = await goodsPerOrder(db, linesIn({ first, last }))
  return rows.map((row) => ({ ...row, ...(goods.get(row.id) ?? NOTHING) }))
}

const readOrders = async (order: Snapshot, after: string): Promise<OrderRow[]> => {
  const { rows } = await sql<Omit<OrderRow, keyof Goods>>`
    select id, status, coalesce(expires_at < utc_timestamp(6), 0) as overdue
    from orders where id > ${after} order by id limit ${sql.lit(PAGE)}`.execute(order)
  // What was ordered and has not left the house.
  return withGoods(
    order,
    rows,
    ({ first, last }) => sql`
      select order_id, sku, cast(quantity as signed) as quantity from order_lines
      where order_id between ${first} and ${last}
      union all
      select s.order_id, l.sku, -cast(l.quantity as signed) from shipments s
      join shipment_lines l on l.shipment_id = s.id
      where s.status = 'shipped' and s.order_id between ${first} and ${last}`,
  )
}

const readHolds = async (inventory: Snapshot, after: string): Promise<HoldRow[]> => {
  const { rows } = await sql<Omit<HoldRow, keyof Goods>>`
    select order_id as id, (state in ('held', 'confirmed')) as live
    from reservations where order_id > ${after} order by order_id limit ${sql.lit(PAGE)}`.execute(inventory)
  return withGoods(
    inventory,
    rows,
    ({ first, last }) => sql`
      select order_id, sku, held as quantity from reservation_lines
      where order_id between ${first} and ${last}`,
  )
}

/** What is wrong between an order and the hold on its stock; null where they fit. */
export const findMismatch = (order: OrderRow | undefined, hold: HoldRow | undefined): string | null => {
  const live = Boolean(hold?.live)
  if (!order) return live ? 'stock is held for an order that does not exist' : null
  if (FINAL.has(order.status)) return live ? `${order.status}, and stock is still held` : null
  if (!live) {
    const mayWait = order.status === 'pending' && !order.overdue
    return mayWait ? null : `${order.status}, and no stock is held`
  }
  const same = order.units === hold?.units && order.sum === hold.sum
  return same ? null : `${order.status}, and other stock is held than was ordered`
}

const changedLately = async (snapshot: Snapshot, table: string, column: string, id: string) => {
  const { rows } = await sql<{ lately: number | null }>`
    select max(${sql.ref(column)}) > utc_timestamp(6) - interval ${sql.lit(STILL_SECONDS)} second as lately
    from ${sql.table(table)} where order_id = ${id}`.execute(snapshot)
  return Boolean(rows[0]?.lately)
}

/** Invariant 2: an order that is not over holds exactly its stock, and one that is over holds none. */
export const checkOrderHolds = async (
  { order, inventory }: { order: Snapshot; inventory: Snapshot },
  strict: boolean,
): Promise<Check> => {
  const check: Check = {
    invariant: 2,
    what: 'orders hold their stock until they are over',
    checked: 0,
    breaches: 0,
    pending: 0,
    examples: [],
  }
  const orders = paged((after) => readOrders(order, after), PAGE)
  const holds = paged((after) => readHolds(inventory, after), PAGE)
  for await (const [row, hold] of mergeJoin(orders, holds)) {
    check.checked += 1
    const mismatch = findMismatch(row, hold)
    if (!mismatch) continue
    const id = (row ?? hold)?.id ?? ''
    const pending =
      !strict &&
      ((await changedLately(order, 'order_timeline', 'at', id)) ||
        (await changedLately(inventory, 'reservations', 'updated_at', id)))
    if (pending) check.pending += 1
    else {
      check.breaches += 1
      if (check.examples.length < EXAMPLES) check.examples.push(`${id}: ${mismatch}`)
    }
  }
  return check
}
