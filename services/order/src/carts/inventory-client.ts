import { MAX_LOOKUP } from '@storewright/contracts'
import { createBatcher } from '@storewright/runtime/batching'
import { createInternalClient } from '@storewright/runtime/internal-client'
import { LRUCache } from 'lru-cache'

/** How many of each SKU inventory has free right now; null when inventory does not answer. */
export type ReadStock = (skus: readonly string[]) => Promise<ReadonlyMap<string, number> | null>

const PAUSE_AFTER_FAILURE_MS = 1_000
/** How many SKUs' stock is remembered, and for how many milliseconds. */
const REMEMBERED = 20_000
const REMEMBERED_MS = 1_000

const isStock = (value: unknown): value is { items: { sku: string; available: number }[] } =>
  typeof value === 'object' && value !== null && Array.isArray(Reflect.get(value, 'items'))

/** Reads the stock for many requests in one call, and remembers it for a second. Advice only, so a failure never delays a cart. */
export const createInventoryClient = ({
  urls,
  token,
  timeoutMs,
  onFailure,
}: {
  urls: string
  token: string
  timeoutMs: number
  onFailure: (error: unknown) => void
}): { read: ReadStock; close(): Promise<void> } => {
  const client = createInternalClient({
    service: 'inventory',
    urls,
    token,
    timeoutMs,
    restMs: PAUSE_AFTER_FAILURE_MS,
    connections: 4,
  })

  const readSkus = (skus: string[]) =>
    client.call({
      method: 'POST',
      path: '/internal/stock',
      body: { skus },
      repeatable: true,
      accept: (status, body) => (status === 200 && isStock(body) ? body.items : undefined),
    })

  const memory = new LRUCache<string, number>({ max: REMEMBERED, ttl: REMEMBERED_MS })
  const readBatch = createBatcher(
    async (wanted: (readonly string[])[]) => {
      const skus = [...new Set(wanted.flat())]
      try {
        const calls = Array.from({ length: Math.ceil(skus.length / MAX_LOOKUP) }, (_, call) =>
          readSkus(skus.slice(call * MAX_LOOKUP, (call + 1) * MAX_LOOKUP)),
        )
        const items = (await Promise.all(calls)).flat()
        const available = new Map(items.map((item) => [item.sku, item.available]))
        // An answer without the SKU means that there is none of it.
        for (const sku of skus) memory.set(sku, available.get(sku) ?? 0)
        return wanted.map(() => available)
      } catch (error) {
        onFailure(error)
        return wanted.map(() => null)
      }
    },
    { maxBatch: 200 },
  )

  return {
    read: async (skus) => {
      const available = new Map<string, number>()
      const missing: string[] = []
      for (const sku of skus) {
        const known = memory.get(sku)
        if (known === undefined) missing.push(sku)
        else available.set(sku, known)
      }
      if (missing.length === 0) return available
      const read = await readBatch(missing)
      if (!read) return null
      for (const sku of missing) available.set(sku, read.get(sku) ?? 0)
      return available
    },
    close: () => client.close(),
  }
}
