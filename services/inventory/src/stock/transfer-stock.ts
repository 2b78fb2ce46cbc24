import type { SkuQuantity } from '@storewright/contracts'
import { newId, type Trx } from '@storewright/database'
import type { Database } from '../database.ts'
import { findLocationIds } from '../locations/location.ts'
import type { Settings } from '../config.ts'
import { insufficientStock, Problem, unknownLocation } from '../problems.ts'
import { lockStock, recordMovements, writeStock, type Movement } from './stock-ledger.ts'
import { MAX_ON_HAND, sumPerSku, type Stock } from './stock.ts'

export interface Transfer {
  from: string
  to: string
  lines: readonly SkuQuantity[]
  reason?: string
  reference?: string
  recordedBy: string
}

const unprocessable = (detail: string, errors: { path: string; message: string }[]) =>
  new Problem('unprocessable', detail, { errors })

const requireLocations = async (trx: Trx<Database>, { from, to }: Transfer) => {
  if (from === to)
    throw unprocessable('A transfer goes to another location.', [
      { path: 'to', message: 'is where the goods are' },
    ])
  const ids = await findLocationIds(trx, [from, to])
  const idOf = (code: string, path: string) => {
    const id = ids.get(code)
    if (id === undefined) throw unknownLocation(code, path)
    return id
  }
  return { fromId: idOf(from, 'from'), toId: idOf(to, 'to') }
}

/** Throws for the first kind of fault there is, and names every line that has it. */
const requirePossible = (
  stock: Stock,
  { from, lines }: Transfer,
  { fromId, toId }: { fromId: number; toId: number },
) => {
  const wanted = sumPerSku(lines)
  const faultsOf = (message: string, isFaulty: (line: SkuQuantity) => boolean, field: keyof SkuQuantity) =>
    lines.flatMap((line, index) =>
      isFaulty(line) ? [{ path: `lines.${index}.${field}`, message, line }] : [],
    )

  const unknown = faultsOf('is not a known SKU', ({ sku }) => stock.levels(sku).length === 0, 'sku')
  if (unknown.length > 0) throw unprocessable('There are SKUs that are not known.', unknown.map(withoutLine))

  const free = (sku: string) => {
    const { onHand, reserved } = stock.level(sku, fromId)
    return onHand - reserved
  }
  const short = faultsOf('is more than is free there', ({ sku }) => wanted.get(sku)! > free(sku), 'quantity')
  const [first] = short
  if (first) {
    const { sku } = first.line
    const { onHand, reserved } = stock.level(sku, fromId)
    throw insufficientStock({ sku, location: from, onHand, reserved, errors: short.map(withoutLine) })
  }

  const room = (sku: string) => MAX_ON_HAND - stock.level(sku, toId).onHand
  const full = faultsOf(
    `would make more than ${MAX_ON_HAND}`,
    ({ sku }) => wanted.get(sku)! > room(sku),
    'quantity',
  )
  if (full.length > 0) throw unprocessable('A location cannot have so many.', full.map(withoutLine))
}

const withoutLine = ({ path, message }: { path: string; message: string }) => ({ path, message })

/** Moves stock that no order holds to another location, all lines or none; returns the transfer's id. */
export const transferStock = async (trx: Trx<Database>, transfer: Transfer, settings: Settings) => {
  const id = newId()
  const { from, to, lines, recordedBy, reason = 'transfer', reference = id } = transfer
  const locations = await requireLocations(trx, transfer)
  const { fromId, toId } = locations
  const stock = await lockStock(
    trx,
    lines.map(({ sku }) => sku),
  )
  requirePossible(stock, transfer, locations)

  const now = settings.clock()
  const shared = { kind: 'transfer', reason, reference, recordedBy } as const
  const movements = [...sumPerSku(lines)].flatMap(([sku, quantity]): Movement[] => {
    const balances = stock.transfer(sku, { from: fromId, to: toId, quantity }, now)
    return [
      { ...shared, sku, locationId: fromId, location: from, delta: -quantity, balance: balances.from },
      { ...shared, sku, locationId: toId, location: to, delta: quantity, balance: balances.to },
    ]
  })
  await recordMovements(trx, movements, now)
  await writeStock(trx, stock, settings)
  return id
}
