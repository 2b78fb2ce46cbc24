import { acquireLock, inTransaction, type Db } from '@storewright/database'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import type { Logger } from '@storewright/service-kit/run'
import type { Settings } from '../config.ts'
import type { Database } from '../database.ts'
import { applySuggestions } from '../reorder/set-rule.ts'
import { createClassifier, demandOf, suggest } from './formulas.ts'
import {
  EVERYWHERE,
  findLastRun,
  listByValue,
  listDailySales,
  listLevels,
  listSkus,
  readDatabaseTime,
  sumYearlyValue,
  updateClass,
  upsertSuggestions,
  type SuggestionRow,
} from './queries.ts'

type Policy = Settings['suggestions']

const SKUS_AT_ONCE = 200
const CLASSES_AT_ONCE = 1_000
const DAY_MS = 86_400_000

type Level = Awaited<ReturnType<typeof listLevels>>[number]

/** The days that a SKU's demand is measured over: the window, or since its first movement, at least one. */
const windowOf = (firstMovedAt: Date | undefined, now: Date, { windowDays }: Policy) => {
  const age = firstMovedAt ? Math.ceil((now.getTime() - firstMovedAt.getTime()) / DAY_MS) : windowDays
  return Math.min(windowDays, Math.max(1, age))
}

const sumByDay = (sales: readonly { day: number; units: number }[]) => {
  const days = new Map<number, number>()
  for (const { day, units } of sales) days.set(day, (days.get(day) ?? 0) + Number(units))
  return [...days.values()]
}

type ListedSku = Awaited<ReturnType<typeof listSkus>>[number]

/** The suggestions of one SKU: for each of its locations, and for all of them together. */
const suggestionsOf = (
  { sku, prices, firstMovedAt }: ListedSku,
  levels: readonly Level[],
  sales: Awaited<ReturnType<typeof listDailySales>>,
  policy: Policy,
  now: Date,
): SuggestionRow[] => {
  const windowDays = windowOf(firstMovedAt, now, policy)
  const rowFor = (locationId: number, there: readonly Level[], leadTimeDays: number): SuggestionRow => {
    const sold = sales.filter((sale) => locationId === EVERYWHERE || sale.locationId === locationId)
    const demand = demandOf(sumByDay(sold), windowDays)
    const onHand = there.reduce((sum, level) => sum + level.onHand, 0)
    const available = there.reduce((sum, level) => sum + level.onHand - level.reserved, 0)
    const unitPrice = prices[policy.currency] ?? null
    const found = suggest({ demand, onHand, available, leadTimeDays, unitPrice }, policy)
    return {
      sku,
      location_id: locationId,
      window_days: windowDays,
      units_sold: demand.unitsSold,
      per_day: demand.perDay,
      deviation: demand.deviation,
      on_hand: onHand,
      available,
      days_of_cover: found.daysOfCover,
      lead_time_days: leadTimeDays,
      safety_stock: found.safetyStock,
      reorder_point: found.reorderPoint,
      economic_quantity: found.economicQuantity,
      reorder_quantity: found.reorderQuantity,
      yearly_value: found.yearlyValue,
      stock_state: found.stockState,
      slow: found.stockState === null ? 0 : 1,
      computed_at: now,
    }
  }
  const leadTimes = levels.map((level) => level.leadTimeDays ?? policy.leadTimeDays)
  return [
    // All together are as slow as the slowest.
    rowFor(EVERYWHERE, levels, Math.max(...leadTimes)),
    ...levels.map((level, index) => rowFor(level.locationId, [level], leadTimes[index]!)),
  ]
}

/** What rules that are computed follow: the figures of their location. */
const reordersOf = (rows: readonly SuggestionRow[]) =>
  rows
    .filter(({ location_id }) => location_id !== EVERYWHERE)
    .map(({ sku, location_id, reorder_point, reorder_quantity }) => ({
      sku,
      locationId: location_id,
      reorderPoint: reorder_point,
      reorderQuantity: reorder_quantity,
    }))

const computePage = async (db: Db<Database>, after: string, settings: Settings, now: Date) => {
  const policy = settings.suggestions
  const known = await listSkus(db, { after, limit: SKUS_AT_ONCE })
  if (known.length === 0) return undefined
  const skus = known.map(({ sku }) => sku)
  const levels = Map.groupBy(await listLevels(db, skus), ({ sku }) => sku)
  const daily = await listDailySales(db, skus, { now, days: policy.windowDays })
  const sales = Map.groupBy(daily, ({ sku }) => sku)
  const rows = known.flatMap((found) =>
    suggestionsOf(found, levels.get(found.sku) ?? [], sales.get(found.sku) ?? [], policy, now),
  )
  await inTransaction(db, async (trx) => {
    await upsertSuggestions(trx, rows)
    await applySuggestions(trx, reordersOf(rows), settings)
  })
  return skus.at(-1)
}

const classifyAll = async (db: Db<Database>, signal?: AbortSignal) => {
  const classOf = createClassifier(await sumYearlyValue(db))
  let last: Awaited<ReturnType<typeof listByValue>>[number] | undefined
  for (;;) {
    signal?.throwIfAborted()
    const page = await listByValue(db, last, CLASSES_AT_ONCE)
    last = page.at(-1)
    if (!last) return
    const changed = page
      .map((found) => ({ ...found, next: classOf(found.yearlyValue) }))
      .filter(({ abc, next }) => abc !== next)
    for (const [abc, of] of Map.groupBy(changed, ({ next }) => next)) {
      const skus = of.map(({ sku }) => sku)
      await updateClass(db, skus, abc)
    }
  }
}

/** Computes the suggestions of every SKU from the ledger as of `now`, page by page, and the rules that follow them. */
export const computeSuggestions = async (
  db: Db<Database>,
  settings: Settings,
  now: Date,
  signal?: AbortSignal,
) => {
  let after: string | undefined = ''
  while (after !== undefined) {
    signal?.throwIfAborted()
    after = await computePage(db, after, settings, now)
  }
  await classifyAll(db, signal)
}

/** Computes them where the last run is long ago and no other replica is at it; by the database's clock. */
export const computeWhenDue = async (db: Db<Database>, settings: Settings, signal?: AbortSignal) => {
  const isDue = async (now: Date) => {
    const last = await findLastRun(db)
    return !last || Math.abs(now.getTime() - last.getTime()) >= settings.suggestions.intervalMs
  }
  if (!(await isDue(await readDatabaseTime(db)))) return false
  const lock = await acquireLock(db, 'suggestions')
  if (!lock) return false
  try {
    const now = await readDatabaseTime(db)
    if (!(await isDue(now))) return false
    await computeSuggestions(db, settings, now, signal ? AbortSignal.any([signal, lock.signal]) : lock.signal)
    return true
  } finally {
    await lock.release()
  }
}

/** How often a replica looks whether suggestions are due, milliseconds: after a start they are soon there. */
const LOOK_MS = 60_000

export const createSuggestionJob = ({
  db,
  settings,
  logger,
}: {
  db: Db<Database>
  settings: Settings
  logger: Logger
}) =>
  createPeriodicJob({
    name: 'compute suggestions',
    intervalMs: Math.min(LOOK_MS, settings.suggestions.intervalMs),
    immediately: true,
    run: (signal) => computeWhenDue(db, settings, signal),
    logger,
  })
