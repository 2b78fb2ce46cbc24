import { PurchaseOrderCreated } from '@storewright/contracts'
import { newId, type Trx } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import type { Database } from '../database.ts'
import { findLocationIds } from '../locations/location.ts'
import { Problem } from '../problems.ts'
import { registerAndLock } from '../stock/stock-ledger.ts'
import { lockSuppliersShared } from '../suppliers/supplier.ts'
import { purchaseOrderNumber } from './purchase-order.ts'
import { insertPurchaseOrders, type NewOrder } from './queries.ts'

const DAY_MS = 86_400_000

export const daysAfter = (at: Date, days: number) => new Date(at.getTime() + days * DAY_MS)

/** Makes orders whose SKUs are locked, and emits that they were made. */
export const createPurchaseOrders = async (
  trx: Trx<Database>,
  made: readonly Omit<NewOrder, 'id'>[],
  now: Date,
) => {
  const orders = made.map((order) => ({ ...order, id: newId() }))
  const seqs = await insertPurchaseOrders(trx, orders, now)
  for (const { id, status, automatic, supplierId, lines } of orders) {
    await emit(trx, PurchaseOrderCreated, {
      purchaseOrderId: id,
      number: purchaseOrderNumber(seqs.get(id) ?? 0),
      status,
      automatic,
      supplierId,
      lines: lines.map(({ sku, location, ordered }) => ({ sku, location, ordered })),
      createdAt: now.toISOString(),
    })
  }
  return orders.map(({ id }) => id)
}

export interface OrderRequest {
  supplierId: string | null
  lines: readonly { sku: string; ordered: number; location: string }[]
  createdBy: string
}

/** A draft that a person writes; its SKUs are known to the catalog. */
export const createDraft = async (
  trx: Trx<Database>,
  { supplierId, lines, createdBy }: OrderRequest,
  now: Date,
): Promise<string> => {
  const places = await findLocationIds(
    trx,
    lines.map(({ location }) => location),
  )
  const seen = new Set<string>()
  const errors = lines.flatMap(({ sku, location }, index) => {
    const key = `${sku} ${location}`
    if (!places.has(location)) return { path: `lines.${index}.location`, message: 'is not a location' }
    if (seen.has(key)) return { path: `lines.${index}.sku`, message: 'is named on a line before' }
    seen.add(key)
    return []
  })
  // Stock before suppliers, as the job that reorders locks them; it sees this order then, or this one its.
  await registerAndLock(
    trx,
    lines.map(({ sku }) => sku),
  )
  if (supplierId !== null && !(await lockSuppliersShared(trx, [supplierId])).has(supplierId)) {
    errors.push({ path: 'supplierId', message: 'is not a supplier' })
  }
  if (errors.length > 0) {
    throw new Problem('unprocessable', 'The order does not fit what there is.', { errors })
  }

  const placed = lines.map((line) => ({ ...line, locationId: places.get(line.location) ?? 0 }))
  const draft = { status: 'draft', automatic: false, submittedAt: null, expectedAt: null } as const
  const [id] = await createPurchaseOrders(trx, [{ ...draft, supplierId, createdBy, lines: placed }], now)
  return id!
}
