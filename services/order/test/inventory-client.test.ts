import { expect, it } from 'vitest'
import { createInventoryClient } from '../src/carts/inventory-client.ts'
import { startInventoryStub } from './inventory-stub.ts'

it('the fresh stock of a thousand SKUs of 64 characters, slashes most of them, is read in one call', async () => {
  const inventory = await startInventoryStub('secret')
  const failures: unknown[] = []
  const onFailure = (error: unknown) => failures.push(error)
  const client = createInventoryClient({ urls: inventory.url, token: 'secret', timeoutMs: 5_000, onFailure })
  try {
    const skus = Array.from({ length: 1_000 }, (_, at) => `${'A/'.repeat(30)}${String(at).padStart(4, '0')}`)
    inventory.setStock(Object.fromEntries(skus.map((sku, at) => [sku, at])))
    const available = await client.read(skus)
    expect([inventory.calls, failures]).toEqual([1, []])
    expect(available).toEqual(new Map(skus.map((sku, at) => [sku, at])))
  } finally {
    await Promise.all([client.close(), inventory.stop()])
  }
})
