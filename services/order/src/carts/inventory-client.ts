import { Pool } from 'undici'
import { createBatcher } from '../batching.ts'

/** How many of each SKU inventory has free right now; null when inventory does not answer. */
export type ReadStock = (skus: readonly string[]) => Promise<ReadonlyMap<string, number> | null>

// A request's SKUs travel in the URL, which servers bound at 16 kB.
const SKUS_PER_CALL = 100
const PAUSE_AFTER_FAILURE_MS = 1_000

const isStock = (value: unknown): value is { items: { sku: string; available: number }[] } =>
  typeof value === 'object' && value !== null && Array.isArray(Reflect.get(value, 'items'))

/**
 * Reads the stock for many requests in one call. Advice only, since the reservation decides, so it never delays a
 * cart: after a call without a response in time no other is made for a moment.
 */
export const createInventoryClient = ({
  url,
  token,
  timeoutMs = 500,
  onFailure,
}: {
  url: string
  token: string
  timeoutMs?: number
  onFailure?: (error: unknown) => void
}): { read: ReadStock; close(): Promise<void> } => {
  const pool = new Pool(new URL(url).origin, {
    connections: 4,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  let pausedUntil = 0

  const readSkus = async (skus: string[]) => {
    const query = skus.map(encodeURIComponent).join(',')
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path: `/internal/stock?skus=${query}`,
      headers: { 'x-internal-token': token },
      signal: AbortSignal.timeout(timeoutMs),
    })
    const answer: unknown = await body.json()
    if (statusCode !== 200 || !isStock(answer)) throw new Error(`inventory answered ${statusCode}`)
    return answer.items
  }

  const readBatch = createBatcher(
    async (wanted: (readonly string[])[]) => {
      const skus = [...new Set(wanted.flat())]
      if (Date.now() < pausedUntil) return wanted.map(() => null)
      try {
        const calls = Array.from({ length: Math.ceil(skus.length / SKUS_PER_CALL) }, (_, call) =>
          readSkus(skus.slice(call * SKUS_PER_CALL, (call + 1) * SKUS_PER_CALL)),
        )
        const items = (await Promise.all(calls)).flat()
        const available = new Map(items.map((item) => [item.sku, item.available]))
        return wanted.map(() => available)
      } catch (error) {
        pausedUntil = Date.now() + PAUSE_AFTER_FAILURE_MS
        onFailure?.(error)
        return wanted.map(() => null)
      }
    },
    { maxBatch: 200 },
  )

  return {
    read: (skus) => (skus.length === 0 ? Promise.resolve(new Map()) : readBatch(skus)),
    close: () => pool.destroy(),
  }
}
