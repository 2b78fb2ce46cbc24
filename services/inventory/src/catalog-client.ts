import { setTimeout as pause } from 'node:timers/promises'
import { currentCorrelation } from '@storewright/messaging/correlation'

/** Looks up SKUs in the catalog whose ProductChanged event may still be on its way. */
export interface CatalogClient {
  /** Those of `skus` that are variants of a product; null when the catalog does not answer. */
  listExisting(skus: readonly string[], retry?: { attempts: number }): Promise<Set<string> | null>
}

const SKUS_PER_REQUEST = 100
const TIMEOUT_MS = 1_500
const PAUSE_MS = 250
/** After a failure the catalog counts as unavailable for this long, so that requests do not queue for time-outs. */
const BACK_OFF_MS = 2_000

interface Options {
  url: string
  internalToken: string
  onFailure: (error: unknown) => void
}

export const createCatalogClient = ({ url, internalToken, onFailure }: Options): CatalogClient => {
  let unavailableUntil = 0

  const ask = async (skus: readonly string[]): Promise<string[]> => {
    const target = new URL('/internal/variants', url)
    target.searchParams.set('skus', skus.join(','))
    const correlationId = currentCorrelation()?.correlationId
    const response = await fetch(target, {
      headers: {
        'x-internal-token': internalToken,
        ...(correlationId ? { 'x-request-id': correlationId } : {}),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok) throw new Error(`the catalog answered ${response.status}`)
    const { items } = (await response.json()) as { items: { sku: string; status: string }[] }
    return items.filter(({ status }) => status !== 'deleted').map(({ sku }) => sku)
  }

  return {
    listExisting: async (skus, { attempts } = { attempts: 1 }) => {
      if (performance.now() < unavailableUntil) return null
      const allocations = []
      for (let from = 0; from < skus.length; from += SKUS_PER_REQUEST) {
        allocations.push(skus.slice(from, from + SKUS_PER_REQUEST))
      }
      for (let attempt = 1; ; attempt++) {
        try {
          return new Set((await Promise.all(allocations.map(ask))).flat())
        } catch (error) {
          onFailure(error)
          if (attempt >= attempts) break
          await pause(PAUSE_MS * attempt)
        }
      }
      unavailableUntil = performance.now() + BACK_OFF_MS
      return null
    },
  }
}
