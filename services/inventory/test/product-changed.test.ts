import { ProductChanged } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'

const inventory = setUpInventory()

describe('a product that changed', () => {
  const changed = (
    productId: string,
    skus: string[],
    { status = 'published', replay = false }: { status?: 'published' | 'deleted'; replay?: boolean } = {},
  ) =>
    anEvent(
      ProductChanged,
      {
        productId,
        slug: 'mug',
        name: 'Mug',
        status,
        categoryIds: [],
        variants: skus.map((variant) => ({
          sku: variant,
          name: 'Mug',
          price: { amount: 1, currency: 'GBP' },
        })),
      },
      { replay },
    )

  it('registers its SKUs and leaves the stock of known ones unchanged', async () => {
    const sku = await inventory.stocked(5)
    const event = changed(newId(), [sku, `${sku}-NEW`])
    await inventory.deliver(event)
    await inventory.deliver(event)
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 5 })
    expect(await inventory.stock(`${sku}-NEW`)).toMatchObject({ onHand: 0, status: 'out_of_stock' })
  })

  it('registers its SKUs also when the catalog repeats it', async () => {
    const sku = await inventory.stocked(5)
    await inventory.deliver(changed(newId(), [sku, `${sku}-LOST`], { replay: true }))
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 5 })
    expect(await inventory.stock(`${sku}-LOST`)).toMatchObject({ onHand: 0 })
  })

  it('keeps the stock of its SKUs when it is deleted', async () => {
    const sku = await inventory.stocked(5)
    await inventory.deliver(changed(newId(), [sku], { status: 'deleted' }))
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 5 })
  })
})
