import { ProductChanged } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startInventory, type Inventory } from './harness.ts'
import { expectStockAddsUp } from './invariants.ts'

let inventory: Inventory
let sku: string
let count = 0

beforeAll(async () => {
  inventory = await startInventory()
})
afterAll(() => inventory.stop())
beforeEach(() => {
  sku = `MUG-${++count}`
})
afterEach(() => expectStockAddsUp(inventory.db))

describe('a product that changed', () => {
  const changed = (productId: string, skus: string[], status: 'published' | 'deleted' = 'published') =>
    anEvent(ProductChanged, {
      productId,
      slug: 'mug',
      name: 'Mug',
      status,
      categoryIds: [],
      variants: skus.map((variant) => ({ sku: variant, name: 'Mug', price: { amount: 1, currency: 'GBP' } })),
    })

  it('registers its SKUs and leaves the stock of known ones unchanged', async () => {
    await inventory.setStock({ [sku]: 5 })
    const event = changed(newId(), [sku, `${sku}-NEW`])
    await inventory.deliver(event)
    await inventory.deliver(event)
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 5 })
    expect(await inventory.stock(`${sku}-NEW`)).toMatchObject({ onHand: 0, status: 'out_of_stock' })
  })

  it('keeps the stock of its SKUs when it is deleted', async () => {
    await inventory.setStock({ [sku]: 5 })
    await inventory.deliver(changed(newId(), [sku], 'deleted'))
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 5 })
  })
})
