import { PurchaseOrderReceived } from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import { notFound } from '@storewright/service-kit/http'
import type { Settings } from '../config.ts'
import type { Database } from '../database.ts'
import { Problem } from '../problems.ts'
import { lockStock, recordMovements, writeStock, type Movement } from '../stock/stock-ledger.ts'
import { MAX_ON_HAND, type Stock } from '../stock/stock.ts'
import { lockSuppliersShared } from '../suppliers/supplier.ts'
import { daysAfter } from './create-orders.ts'
import { planReceipt, purchaseOrderNumber, type Arrival } from './purchase-order.ts'
import {
  closeLines,
  lockPurchaseOrder,
  updatePurchaseOrder,
  updateReceived,
  type OrderLine,
  type PurchaseOrder,
} from './queries.ts'

type T = Trx<Database>

const lock = async (trx: T, id: string) =>
  (await lockPurchaseOrder(trx, id)) ?? notFound('purchase order', id)

const lockStockOf = (trx: T, lines: readonly OrderLine[]) =>
  lockStock(
    trx,
    lines.map(({ sku }) => sku),
  )

const wrongState = ({ seq, status }: PurchaseOrder, wanted: string) =>
  new Problem('conflict', `${purchaseOrderNumber(seq)} is ${status.replace('_', ' ')}: ${wanted}.`)

const unprocessable = (detail: string, errors: { path: string; message: string }[]) =>
  new Problem('unprocessable', detail, { errors })

/** A draft becomes an order with its supplier; one that was submitted before stays as it is. */
export const submitOrder = async (trx: T, id: string, supplierId: string | undefined, now: Date) => {
  const order = await lock(trx, id)
  if (order.status === 'submitted' && (supplierId ?? order.supplierId) === order.supplierId) return
  if (order.status !== 'draft') throw wrongState(order, 'only a draft can be submitted')
  const chosen = supplierId ?? order.supplierId
  const supplier = chosen === null ? undefined : (await lockSuppliersShared(trx, [chosen])).get(chosen)
  if (chosen !== null && !supplier) {
    throw unprocessable('The order names a supplier that is not there.', [
      { path: 'supplierId', message: 'is not a supplier' },
    ])
  }
  const change = {
    ...(chosen !== null && { supplierId: chosen }),
    submittedAt: now,
    expectedAt: supplier ? daysAfter(now, supplier.leadTimeDays) : null,
  }
  await updatePurchaseOrder(trx, id, { status: 'submitted', ...change }, now)
}

/** What is received of a full line is not under way any more: the SKU is due again where it is still low. */
const endLines = (stock: Stock, lines: readonly OrderLine[]) => {
  for (const { sku, locationId } of lines) stock.setOrdered(sku, locationId, false)
}

/** Ends an order; what was received of it stays. Again: nothing more. */
export const cancelOrder = async (trx: T, id: string, settings: Settings) => {
  const order = await lock(trx, id)
  if (order.status === 'cancelled') return
  if (order.status === 'received') throw wrongState(order, 'nothing of it can be cancelled')
  const open = order.lines.filter(({ ordered, received }) => received < ordered)
  const stock = await lockStockOf(trx, open)
  endLines(stock, open)
  await closeLines(trx, id)
  await updatePurchaseOrder(trx, id, { status: 'cancelled' }, settings.clock())
  await writeStock(trx, stock, settings)
}

export interface ReceiptRequest {
  id: string
  /** Without them everything that is still to come. */
  arrivals: readonly Arrival[] | undefined
  receivedBy: string
}

const plan = (order: PurchaseOrder, stock: Stock, arrivals: ReceiptRequest['arrivals']) => {
  const { parts, errors } = planReceipt(order.lines, arrivals)
  if (errors.length > 0) {
    throw unprocessable(`That does not fit ${purchaseOrderNumber(order.seq)}; nothing is received.`, errors)
  }
  const over = parts.findIndex(
    ({ line, quantity }) => stock.level(line.sku, line.locationId).onHand + quantity > MAX_ON_HAND,
  )
  if (over >= 0) {
    throw unprocessable(`A location can have at most ${MAX_ON_HAND} of one SKU.`, [
      { path: `lines.${over}.quantity`, message: `would make more than ${MAX_ON_HAND}` },
    ])
  }
  return parts
}

/** Takes goods of an order into stock: a movement per line, with the order's number as its reference. */
export const receiveOrder = async (
  trx: T,
  { id, arrivals, receivedBy }: ReceiptRequest,
  settings: Settings,
) => {
  const now = settings.clock()
  const order = await lock(trx, id)
  if (order.status === 'draft') throw wrongState(order, 'submit it first')
  if (order.status === 'cancelled') throw wrongState(order, 'nothing of it is to come')
  if (order.status === 'received' && !arrivals) throw wrongState(order, 'nothing of it is to come')
  const stock = await lockStockOf(trx, order.lines)
  const parts = plan(order, stock, arrivals)

  const number = purchaseOrderNumber(order.seq)
  const movements = parts.map(({ line, quantity }): Movement => {
    line.received += quantity
    const { sku, locationId, location } = line
    const { balance } = stock.count(sku, locationId, quantity, now)
    const movement = { kind: 'receipt' as const, reason: 'purchase order received', reference: number }
    return { ...movement, sku, locationId, location, delta: quantity, balance, recordedBy: receivedBy }
  })
  const touched = parts.map(({ line }) => line)
  endLines(
    stock,
    touched.filter(({ ordered, received }) => received === ordered),
  )
  const isComplete = order.lines.every(({ ordered, received }) => received === ordered)
  const status = isComplete ? 'received' : 'partly_received'
  await updateReceived(trx, id, touched)
  await updatePurchaseOrder(trx, id, { status }, now)
  await recordMovements(trx, movements, now)
  await emit(trx, PurchaseOrderReceived, {
    purchaseOrderId: id,
    number,
    status,
    lines: parts.map(({ line: { sku, location }, quantity }) => ({ sku, location, quantity })),
    receivedAt: now.toISOString(),
  })
  await writeStock(trx, stock, settings)
}
