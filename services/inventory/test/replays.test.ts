import { StockReserved, StockStatusChanged } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { expect, it } from 'vitest'
import { settingsFrom } from '../src/config.ts'
import { statusRebuilder } from '../src/stock/repeat-statuses.ts'
import { setUpInventory } from './harness.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory({ locations: ['annex'] })

const repeat = (page: { after: string; limit: number; skus: string[] | null }) =>
  inTransaction(inventory.db, (trx) =>
    statusRebuilder(settingsFrom(inventory.config, inventory.clock)).emitPage(trx, page),
  )

it('emits the status of every SKU once more, with the number of its last event', async () => {
  const full = await inventory.stocked(50)
  const split = await inventory.stocked(1)
  await inventory.setStock({ [split]: 2 }, 'annex')
  const empty = await inventory.stocked(0)
  const before = await inventory.emitted(StockStatusChanged)
  const skus = [full, split, empty].sort()

  const first = await repeat({ after: '', limit: 2, skus })
  expect([...first, ...(await repeat({ after: first[1]!, limit: 2, skus }))]).toEqual(skus)
  const repeated = (await inventory.emitted(StockStatusChanged)).slice(before.length)
  const shown = new Map(repeated.map((event) => [event.subject, event]))
  expect(shown.get(full)).toMatchObject({ replay: true, data: { status: 'in_stock', available: 50 } })
  expect(shown.get(split)).toMatchObject({ replay: true, data: { status: 'low_stock', available: 3 } })
  expect(shown.get(empty)).toMatchObject({ replay: true, data: { status: 'out_of_stock', available: 0 } })
  // The receipts took the first numbers; a SKU that never emitted anything begins with its repeat.
  await inventory.adjust(full, -50)
  const [sold] = (await inventory.emitted(StockStatusChanged, full)).slice(-1)
  expect(sold?.aggregateVersion).toBeGreaterThan(shown.get(full)?.aggregateVersion ?? Infinity)
})

it('reserves nothing for an order that is repeated', async () => {
  const sku = await inventory.stocked(5)
  const order = anOrder({ [sku]: 2 })
  await inventory.deliver({ ...order.placed(), replay: true })
  expect(await inventory.stock(sku)).toMatchObject({ available: 5 })
  expect(await inventory.emitted(StockReserved, order.orderId)).toEqual([])
  await inventory.deliver(order.placed())
  expect(await inventory.stock(sku)).toMatchObject({ available: 3 })
})
