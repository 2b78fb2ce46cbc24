import { setTimeout as pause } from 'node:timers/promises'
import { MAX_LOOKUP } from '@storewright/contracts'
import { currentCorrelation } from '@storewright/messaging/correlation'
import { createInternalClient } from '@storewright/runtime/internal-client'

/** Looks up SKUs in the catalog whose ProductChanged event may still be on its way. */
export interface CatalogClient {
  /** Those of `skus` that are variants of a product; null when the catalog does not answer. */
  listExisting(skus: readonly string[], retry?: { attempts: number }): Promise<Set<string> | null>
  close(): Promise<void>
}

const TIMEOUT_MS = 1_500
const PAUSE_MS = 250
/** After a failure the catalog counts as unavailable for this long, so that requests do not queue for time-outs. */
const BACK_OFF_MS = 2_000

const isVariants = (body: unknown): body is { items: { sku: string; status: string }[] } =>
  typeof body === 'object' && body !== null && Array.isArray(Reflect.get(body, 'items'))

interface Options {
  urls: string
  token: string
  onFailure: (error: unknown) => void
}

export const createCatalogClient = ({ urls, token, onFailure }: Options): CatalogClient => {
  const client = createInternalClient({
    service: 'catalog',
    urls,
    token,
    timeoutMs: TIMEOUT_MS,
    requestId: () => currentCorrelation()?.correlationId,
  })
  // Not the client's own `restMs`, which would also end the attempts of one call.
  let unavailableUntil = 0

  const lookUp = async (skus: readonly string[]): Promise<string[]> => {
    const variants = await client.call({
      method: 'POST',
      path: '/internal/variants',
      body: { skus },
      repeatable: true,
      accept: (status, body) => (status === 200 && isVariants(body) ? body.items : undefined),
    })
    return variants.filter(({ status }) => status !== 'deleted').map(({ sku }) => sku)
  }

  return {
    listExisting: async (skus, { attempts } = { attempts: 1 }) => {
      if (performance.now() < unavailableUntil) return null
      const calls = Array.from({ length: Math.ceil(skus.length / MAX_LOOKUP) }, (_, call) =>
        skus.slice(call * MAX_LOOKUP, (call + 1) * MAX_LOOKUP),
      )
      for (let attempt = 1; ; attempt++) {
        try {
          return new Set((await Promise.all(calls.map(lookUp))).flat())
        } catch (error) {
          onFailure(error)
          if (attempt >= attempts) break
          await pause(PAUSE_MS * attempt)
        }
      }
      unavailableUntil = performance.now() + BACK_OFF_MS
      return null
    },
    close: () => client.close(),
  }
}
