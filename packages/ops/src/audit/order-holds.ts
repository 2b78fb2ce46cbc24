import {
  heldLines,
  listReservations,
  reservationChangedWithin,
  type Db as InventoryDb,
} from '@storewright/inventory/invariants'
import {
  listOrders,
  orderChangedWithin,
  unshippedLines,
  type Db as OrderDb,
} from '@storewright/order/invariants'
import { sql, type Expression, type QueryExecutorProvider } from 'kysely'
import { addBreach, newCheck, type Check } from './check.ts'
import { flatten, mergeJoin, paged } from './merge-join.ts'

/** How many units, and a checksum over which SKUs they are. */
type Goods = { units: number; sum: number }
type OrderRow = Awaited<ReturnType<typeof listOrders>>[number] & Goods
type HoldRow = Awaited<ReturnType<typeof listReservations>>[number] & Goods

const PAGE = 5_000
const FINAL: ReadonlySet<OrderRow['status']> = new Set([
  'rejected',
  'cancelled',
  'shipped',
  'delivered',
  'returned',
])
/** The other half of a change that happened less than this ago may still be on its way. */
const AT_REST_SECONDS = 60

type Range = { first: string; last: string }
type Lines = Expression<{ order_id: string; sku: string; quantity: number }>

const NOTHING: Goods = { units: 0, sum: 0 }

/** Sums `lines` up to one row per order. Orders and holds are compared by it, so it is one query for both. */
const goodsPerOrder = async (db: QueryExecutorProvider, lines: Lines) => {
  const { rows } = await sql<{ id: string } & Goods>`
    select order_id as id, sum(units) as units, sum(crc32(concat(sku, ':', units))) as sum from (
      select order_id, sku, sum(quantity) as units from ${lines} as lines_of_orders
      group by order_id, sku having units > 0
    ) as per_sku group by order_id`.execute(db)
  return new Map(rows.map((row) => [row.id, { units: Number(row.units), sum: Number(row.sum) }]))
}

const withGoods = async <Row extends { id: string }>(
  db: QueryExecutorProvider,
  rows: Row[],
  linesIn: (range: Range) => Lines,
): Promise<(Row & Goods)[]> => {
  const [first, last] = [rows[0]?.id, rows.at(-1)?.id]
  if (first === undefined || last === undefined) return []
  const goods = await goodsPerOrder(db, linesIn({ first, last }))
  return rows.map((row) => ({ ...row, ...(goods.get(row.id) ?? NOTHING) }))
}

const inPages = <Db extends QueryExecutorProvider, Row extends { id: string }>(
  db: Db,
  list: (db: Db, page: { after: string; limit: number }) => Promise<Row[]>,
  linesIn: (db: Db, range: Range) => Lines,
) =>
  paged(
    async (after) => withGoods(db, await list(db, { after, limit: PAGE }), (range) => linesIn(db, range)),
    PAGE,
  )

const readOrders = (order: OrderDb) => inPages(order, listOrders, unshippedLines)
const readHolds = (inventory: InventoryDb) => inPages(inventory, listReservations, heldLines)

/** What is wrong between an order and the hold on its stock; null where they match. */
export const findMismatch = (order: OrderRow | undefined, hold: HoldRow | undefined): string | null => {
  const active = Boolean(hold?.active)
  if (!order) return active ? 'stock is held for an order that does not exist' : null
  if (FINAL.has(order.status)) return active ? `${order.status}, and stock is still held` : null
  if (!active) {
    const mayWait = order.status === 'pending' && !order.overdue
    return mayWait ? null : `${order.status}, and no stock is held`
  }
  const same = order.units === hold?.units && order.sum === hold.sum
  return same ? null : `${order.status}, and other stock is held than was ordered`
}

/** Invariant 2: an order that is not over holds exactly its stock, and one that is over holds none. */
export const checkOrderHolds = async (
  { order, inventory }: { order: OrderDb; inventory: InventoryDb },
  settled: boolean,
): Promise<Check> => {
  const check = newCheck(2, 'orders hold their stock until they are over')
  const mayBeOnItsWay = async (id: string) =>
    !settled &&
    ((await orderChangedWithin(order, id, AT_REST_SECONDS)) ||
      (await reservationChangedWithin(inventory, id, AT_REST_SECONDS)))

  for await (const [row, hold] of mergeJoin(flatten(readOrders(order)), flatten(readHolds(inventory)))) {
    check.checked += 1
    const mismatch = findMismatch(row, hold)
    if (!mismatch) continue
    const id = (row ?? hold)?.id ?? ''
    if (await mayBeOnItsWay(id)) check.pending += 1
    else addBreach(check, `${id}: ${mismatch}`)
  }
  return check
}
