import { ProductChanged, StockRejected, type SkuQuantity } from '@storewright/contracts'
import { inTransaction, newId, type Db } from '@storewright/database'
import { anEvent, emitted } from '@storewright/testing'
import { createLogger } from '@storewright/service-kit/run'
import { sql } from 'kysely'
import { settingsFrom, type Config, type Settings } from '../../src/config.ts'
import { MAIN_LOCATION, MAIN_LOCATION_ID, type Database } from '../../src/database.ts'
import { stockInvariants } from '../../src/invariant-queries.ts'
import { receiveOrder } from '../../src/purchase-orders/change-orders.ts'
import { reorderAll } from '../../src/reorder/place-orders.ts'
import { setRule } from '../../src/reorder/set-rule.ts'
import { commitStock } from '../../src/reservations/commit-stock.ts'
import { confirmReservations, reserveStock } from '../../src/reservations/reserve-stock.ts'
import { registerSkus } from '../../src/stock/resolve-skus.ts'
import { applyStocktake } from '../../src/stock/stocktake.ts'
import { computeSuggestions } from '../../src/suggestions/compute-suggestions.ts'
import { copyPrices } from '../../src/suggestions/copy-prices.ts'
import { anOrder } from '../orders.ts'
import type { StockDay } from './draw-stock.ts'
import { isWithinPoint, playPlainly, type Course } from './plain-rule.ts'
import type { RetailDay, RetailDemand } from './read-retail.ts'

const HOUR_MS = 3_600_000
const ORDERS_AT_ONCE = 50
const STAFF = newId()

export interface Game {
  db: Db<Database>
  config: Config
  /** From an order to its receipt. */
  leadTimeDays: number
  packSize: number
  /** Its rule comes so many days after a SKU's first order; stock lasts until what it orders first can be there. */
  warmUpDays: number
  onDay?: (done: number, of: number) => void
}

const sumBySku = (orders: readonly { lines: readonly SkuQuantity[] }[]) => {
  const sums = new Map<string, number>()
  for (const { sku, quantity } of orders.flatMap(({ lines }) => lines))
    sums.set(sku, (sums.get(sku) ?? 0) + quantity)
  return sums
}

/** What each SKU sells in so many days from its first order on, by the day of that order. */
const openingStock = (days: readonly RetailDay[], coveredDays: number) => {
  const firstDays = new Map<string, number>()
  const needs = new Map<string, number>()
  for (const [day, { orders }] of days.entries())
    for (const [sku, quantity] of sumBySku(orders)) {
      const first = firstDays.get(sku) ?? day
      firstDays.set(sku, first)
      if (day < first + coveredDays) needs.set(sku, (needs.get(sku) ?? 0) + quantity)
    }
  return Map.groupBy(
    [...needs].map(([sku, onHand]) => ({ sku, onHand, day: firstDays.get(sku) ?? 0 })),
    ({ day }) => day,
  )
}

/** Plays the demand of a shop day by day through the service's own use cases, with rules that reorder; what came of it. */
export const playDays = async ({ days, prices }: RetailDemand, game: Game) => {
  const { db, config, leadTimeDays, warmUpDays } = game
  let now = days[0]?.date ?? new Date(0)
  const settings: Settings = settingsFrom(config, () => now)
  const opening = openingStock(days, warmUpDays + leadTimeDays)
  const reordering = { db, settings, logger: createLogger({ name: 'half-year', level: 'error' }) }
  const supplierId = newId()
  await db
    .insertInto('suppliers')
    .values({
      id: supplierId,
      name: 'Wholesaler',
      lead_time_days: leadTimeDays,
      pack_sizes: JSON.stringify([game.packSize]),
      version: 1,
      created_at: now,
      updated_at: now,
    })
    .execute()

  const courses = new Map<string, Course>()
  const totals = { orders: 0, lines: 0, units: 0, unitsReceived: 0, receipts: 0, ordersInPart: 0 }
  const history = new Map<string, StockDay[]>()

  const openArticles = async (day: number) => {
    const articles = opening.get(day) ?? []
    if (articles.length === 0) return
    for (const { sku, onHand } of articles)
      courses.set(sku, { opening: { day, units: onHand }, lines: [], figures: [] })
    const variants = articles.map(({ sku }) => ({
      sku,
      name: sku,
      price: { amount: prices.get(sku) ?? 0, currency: settings.suggestions.currency },
    }))
    const product = { productId: newId(), slug: 'goods', name: 'Goods', categoryIds: [], variants }
    const event = anEvent(ProductChanged, { ...product, status: 'published' })
    const counts = articles.map(({ sku, onHand }, line) => ({ line, sku, location: MAIN_LOCATION, onHand }))
    await inTransaction(db, async (trx) => {
      await registerSkus(trx, [event])
      await copyPrices(trx, [event])
      await applyStocktake(trx, counts, { recordedBy: STAFF }, settings)
    })
  }

  const enableRules = (articles: readonly { sku: string }[]) =>
    inTransaction(db, async (trx) => {
      const input = { policy: 'computed', automatic: true, supplier: supplierId } as const
      for (const { sku } of articles)
        await setRule(trx, { sku, location: MAIN_LOCATION, input }, { settings, check: () => undefined })
    })

  const receiveDue = async () => {
    const due = await db
      .selectFrom('purchase_orders')
      .select('id')
      .where('status', 'in', ['submitted', 'partly_received'])
      .where('expected_at', '<=', new Date(now.getTime() + 16 * HOUR_MS))
      .orderBy('id')
      .execute()
    for (const { id } of due) {
      const receipt = { id, arrivals: undefined, receivedBy: STAFF }
      await inTransaction(db, (trx) => receiveOrder(trx, receipt, settings))
      totals.receipts += 1
    }
  }

  const readShortages = async () => {
    const events = await emitted(db, StockRejected)
    return new Map(events.map(({ data }) => [data.orderId, data.shortages]))
  }

  /** Orders in their turn; of those that are short the rest is ordered again, as from a cart that shows what is left. */
  const sell = async (day: number, orders: readonly { lines: SkuQuantity[] }[], again = false) => {
    const record = (sku: string, quantity: number, sold: boolean) =>
      courses.get(sku)?.lines.push({ day, quantity, sold })
    const placed = orders.map(({ lines }) => ({ lines, order: anOrder(lines) }))
    await inTransaction(db, (trx) =>
      reserveStock(
        trx,
        placed.map(({ order }) => order.placed()),
        settings,
      ),
    )
    const short = await readShortages()
    const held = placed.filter(({ order }) => !short.has(order.orderId))
    const rest: { lines: SkuQuantity[] }[] = []
    for (const { lines, order } of placed) {
      const shortages = short.get(order.orderId)
      if (!shortages) {
        for (const [sku, quantity] of sumBySku([{ lines }])) record(sku, quantity, true)
        continue
      }
      for (const { sku, wanted } of shortages) record(sku, wanted, false)
      const left = lines.filter(({ sku }) => shortages.every((shortage) => shortage.sku !== sku))
      if (left.length > 0) rest.push({ lines: left })
      if (!again) totals.ordersInPart += 1
    }
    if (held.length > 0)
      await inTransaction(db, async (trx) => {
        const confirmed = held.map(({ order }) => order.confirmed())
        await confirmReservations(trx, confirmed, settings)
        const shipped = held.map(({ order }) => order.shipped())
        await commitStock(trx, shipped, settings)
      })
    if (rest.length > 0) await sell(day, rest, true)
  }

  const recordFigures = async (day: number) => {
    const rows = await db
      .selectFrom('reorder_rules')
      .select(['sku', 'reorder_point as point', 'reorder_quantity as quantity'])
      .execute()
    for (const { sku, point, quantity } of rows) {
      const course = courses.get(sku)
      if (course) course.figures[day] = point === null || quantity === null ? null : { point, quantity }
    }
  }

  const recordHistory = async (day: number, began: Date) => {
    const levels = await db
      .selectFrom('stock')
      .select(['sku', 'on_hand as onHand'])
      .where('location_id', '=', MAIN_LOCATION_ID)
      .execute()
    const ordered = await db
      .selectFrom('purchase_order_lines as l')
      .innerJoin('purchase_orders as o', 'o.id', 'l.order_id')
      .select(({ fn }) => ['l.sku', fn.sum<number>('l.ordered').as('units')])
      .where('o.created_at', '>=', began)
      .groupBy('l.sku')
      .execute()
    const received = await db
      .selectFrom('movements')
      .select(({ fn }) => ['sku', fn.sum<number>('delta').as('units')])
      .where('recorded_at', '>=', began)
      .where('kind', '=', 'receipt')
      .groupBy('sku')
      .execute()
    const unitsOf = (rows: readonly { sku: string; units: number }[]) =>
      new Map(rows.map(({ sku, units }) => [sku, units]))
    const [orderedBySku, receivedBySku] = [unitsOf(ordered), unitsOf(received)]
    for (const { sku, onHand } of levels) {
      const ofDay = courses.get(sku)?.lines.filter((line) => line.day === day) ?? []
      const sold = ofDay.reduce((sum, line) => sum + (line.sold ? line.quantity : 0), 0)
      totals.units += sold
      const course = history.get(sku) ?? []
      history.set(sku, course)
      course.push({
        date: began,
        onHand,
        sold,
        refused: ofDay.filter((line) => !line.sold).length,
        ordered: orderedBySku.get(sku) ?? 0,
        received: receivedBySku.get(sku) ?? 0,
        reorderPoint: courses.get(sku)?.figures[day - 1]?.point ?? null,
      })
    }
    totals.unitsReceived += [...receivedBySku.values()].reduce((sum, units) => sum + units, 0)
  }

  for (const [day, { date, orders }] of days.entries()) {
    now = new Date(date.getTime() + HOUR_MS)
    await openArticles(day)
    const experienced = opening.get(day - warmUpDays) ?? []
    now = new Date(date.getTime() + 6 * HOUR_MS)
    await receiveDue()
    await reorderAll(reordering)
    for (let from = 0; from < orders.length; from += ORDERS_AT_ONCE) {
      const some = orders.slice(from, from + ORDERS_AT_ONCE)
      now = some.at(-1)?.at ?? now
      await sell(day, some)
    }
    totals.orders += orders.length
    totals.lines += orders.reduce((sum, { lines }) => sum + lines.length, 0)
    now = new Date(date.getTime() + 22 * HOUR_MS)
    await reorderAll(reordering)
    await enableRules(experienced)
    await computeSuggestions(db, settings, now)
    await reorderAll(reordering)
    await recordFigures(day)
    await recordHistory(day, date)
    // Nobody publishes what was emitted; the day's rejections were read.
    await sql`delete from outbox`.execute(db)
    game.onDay?.(day + 1, days.length)
  }

  const breaches: string[] = []
  for (const { what, breaches: query } of stockInvariants(db)) {
    const rows = await query.execute()
    if (rows.length > 0) breaches.push(`${what}: ${rows.length}`)
  }
  const orders = await db
    .selectFrom('purchase_orders')
    .select(({ fn }) => ['status', fn.countAll<number>().as('orders')])
    .groupBy('status')
    .execute()
  const summary = { refusedLines: 0, refusedBeforeRule: 0, refusedWithinPoint: 0 }
  const plain = { refusedThoughCovered: 0, soldThoughShort: 0, ordered: 0 }
  const terms = { days: days.length, leadTimeDays, packSize: game.packSize }
  for (const course of courses.values()) {
    const again = playPlainly(course, terms)
    plain.refusedThoughCovered += again.refusedThoughCovered
    plain.soldThoughShort += again.soldThoughShort
    plain.ordered += again.ordered
    for (const [index, { day, sold }] of course.lines.entries()) {
      if (sold) continue
      summary.refusedLines += 1
      // Nothing that a rule orders is there before a lead time is over.
      if (course.figures[day - leadTimeDays] === undefined) summary.refusedBeforeRule += 1
      else if (isWithinPoint(course, index, leadTimeDays)) summary.refusedWithinPoint += 1
    }
  }
  const { units: unitsOrdered } = await db
    .selectFrom('purchase_order_lines')
    .select(({ fn }) => fn.sum<number | null>('ordered').as('units'))
    .executeTakeFirstOrThrow()
  return {
    days: days.length,
    skus: courses.size,
    ...totals,
    ...summary,
    purchaseOrders: Object.fromEntries(orders.map(({ status, orders: count }) => [status, Number(count)])),
    unitsOrdered: Number(unitsOrdered ?? 0),
    /** Rules with the suggested points played again in plain arithmetic; the first two must be none. */
    plain,
    breaches,
    history,
  }
}
