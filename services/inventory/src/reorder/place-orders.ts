import { inTransaction, isConnectionLost, isOverloaded, type Db, type Trx } from '@storewright/database'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import { counter } from '@storewright/runtime/metrics'
import type { Logger } from '@storewright/service-kit/run'
import type { Settings } from '../config.ts'
import type { Database } from '../database.ts'
import { createPurchaseOrders, daysAfter } from '../purchase-orders/create-orders.ts'
import { listOpenLines } from '../purchase-orders/purchase-order.ts'
import { lockStock, writeStock } from '../stock/stock-ledger.ts'
import { lockSuppliersShared, type Supplier } from '../suppliers/supplier.ts'
import { orderQuantity, roundUpToPacks } from './order-quantity.ts'
import { listDue, listRules, type DueLevel, type ReorderRule } from './queries.ts'

const PER_COMMIT = 100

interface Need extends DueLevel {
  rule: ReorderRule
  quantity: number
}

const keyOf = ({ sku, locationId }: { sku: string; locationId: number }) => `${sku} ${locationId}`

/** One order with a supplier for a location; without a supplier nobody knows what belongs together. */
const orderOf = (needs: readonly Need[], supplier: Supplier | undefined, now: Date) => {
  const leadTimes = needs.map(({ rule }) => rule.leadTimeDays ?? supplier?.leadTimeDays ?? 0)
  return {
    status: supplier ? ('submitted' as const) : ('draft' as const),
    automatic: true,
    supplierId: supplier?.id ?? null,
    createdBy: null,
    submittedAt: supplier ? now : null,
    expectedAt: supplier ? daysAfter(now, Math.max(...leadTimes)) : null,
    lines: needs.map(({ sku, locationId, location, quantity }) => ({
      sku,
      locationId,
      location,
      ordered: roundUpToPacks(quantity, supplier?.packSizes ?? []),
    })),
  }
}

/** Orders what is still due under the lock of its stock, and of what nothing is on order; returns how many orders. */
const placeDueOrders = async (trx: Trx<Database>, due: readonly DueLevel[], settings: Settings) => {
  const now = settings.clock()
  const skus = due.map(({ sku }) => sku)
  const stock = await lockStock(trx, skus)
  const rules = new Map((await listRules(trx, skus)).map((rule) => [keyOf(rule), rule]))
  const open = new Set((await listOpenLines(trx, skus)).map(keyOf))

  const needs: Need[] = []
  for (const level of due) {
    const { onHand, reserved, reorderState } = stock.level(level.sku, level.locationId)
    if (reorderState !== 'due') continue
    const rule = rules.get(keyOf(level))
    if (!rule) throw new Error(`${level.sku} is due at ${level.location} without a rule`)
    if (!open.has(keyOf(level))) {
      needs.push({ ...level, rule, quantity: orderQuantity(rule, onHand - reserved) })
    }
    stock.setOrdered(level.sku, level.locationId, true)
  }

  const suppliers = await lockSuppliersShared(
    trx,
    needs.flatMap(({ rule }) => rule.supplierId ?? []),
  )
  const together = Map.groupBy(needs, ({ rule, ...level }) =>
    rule.supplierId === null ? keyOf(level) : `${rule.supplierId} ${level.locationId}`,
  )
  const orders = [...together.values()].map((some) =>
    orderOf(some, suppliers.get(some[0]?.rule.supplierId ?? ''), now),
  )
  await createPurchaseOrders(trx, orders, now)
  await writeStock(trx, stock, settings)
  return orders.length
}

interface Reordering {
  db: Db<Database>
  settings: Settings
  logger: Logger
}

const failures = counter(
  'storewright_reorder_failures_total',
  'SKUs that are due at a location and could not be ordered; they are tried again',
)

/** What fails together is tried one by one, so that a bad rule stops no other. */
const placeOrders = async (job: Reordering, due: readonly DueLevel[]): Promise<number> => {
  try {
    return await inTransaction(job.db, (trx) => placeDueOrders(trx, due, job.settings))
  } catch (error) {
    if (isOverloaded(error) || isConnectionLost(error)) throw error
    if (due.length === 1) {
      job.logger.error({ err: error, ...due[0] }, 'a SKU that is due cannot be ordered')
      failures.inc()
      return 0
    }
    let placed = 0
    for (const level of due) placed += await placeOrders(job, [level])
    return placed
  }
}

/** Looks at everything that is due once, a bounded number per commit; returns how many orders were made. */
export const reorderAll = async (job: Reordering): Promise<number> => {
  let placed = 0
  for (let last: DueLevel | undefined; ;) {
    const due = await listDue(job.db, last, PER_COMMIT)
    last = due.at(-1)
    if (!last) return placed
    placed += await placeOrders(job, due)
  }
}

/** Orders what is due, in every replica: the lock of the stock decides which of them does. */
export const createReorderJob = ({ intervalMs, ...job }: Reordering & { intervalMs: number }) =>
  createPeriodicJob({
    name: 'place purchase orders',
    intervalMs,
    run: () => reorderAll(job),
    logger: job.logger,
  })
