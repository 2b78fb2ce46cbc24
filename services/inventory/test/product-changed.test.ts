import { ProductChanged } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'

const inventory = setUpInventory()

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
    const sku = await inventory.stocked(5)
    const event = changed(newId(), [sku, `${sku}-NEW`])
    await inventory.deliver(event)
    await inventory.deliver(event)
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 5 })
    expect(await inventory.stock(`${sku}-NEW`)).toMatchObject({ onHand: 0, status: 'out_of_stock' })
  })

  it('keeps the stock of its SKUs when it is deleted', async () => {
    const sku = await inventory.stocked(5)
    await inventory.deliver(changed(newId(), [sku], 'deleted'))
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 5 })
  })
})
