import { MAX_LOOKUP } from '@storewright/contracts'
import { createBatcher } from '@storewright/runtime/batching'
import { createInternalClient } from '@storewright/runtime/internal-client'

/** How many of each SKU inventory has free right now; null when inventory does not answer. */
export type ReadStock = (skus: readonly string[]) => Promise<ReadonlyMap<string, number> | null>

const PAUSE_AFTER_FAILURE_MS = 1_000

const isStock = (value: unknown): value is { items: { sku: string; available: number }[] } =>
  typeof value === 'object' && value !== null && Array.isArray(Reflect.get(value, 'items'))

/** Reads the stock for many requests in one call. Advice only, so a failure never delays a cart. */
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

  const readBatch = createBatcher(
    async (wanted: (readonly string[])[]) => {
      const skus = [...new Set(wanted.flat())]
      try {
        const calls = Array.from({ length: Math.ceil(skus.length / MAX_LOOKUP) }, (_, call) =>
          readSkus(skus.slice(call * MAX_LOOKUP, (call + 1) * MAX_LOOKUP)),
        )
        const items = (await Promise.all(calls)).flat()
        const available = new Map(items.map((item) => [item.sku, item.available]))
        return wanted.map(() => available)
      } catch (error) {
        onFailure(error)
        return wanted.map(() => null)
      }
    },
    { maxBatch: 200 },
  )

  return {
    read: (skus) => (skus.length === 0 ? Promise.resolve(new Map()) : readBatch(skus)),
    close: () => client.close(),
  }
}
