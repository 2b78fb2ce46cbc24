import { setTimeout as pause } from 'node:timers/promises'
import { currentCorrelation } from '@storewright/messaging/correlation'

/** Asks the catalogue about SKUs that it has not told of yet: its event may still be under way. */
export interface Catalog {
  /** Those of `skus` that are variants of a product; null when the catalogue does not answer. */
  listExisting(skus: readonly string[], patience?: { attempts: number }): Promise<Set<string> | null>
}

const SKUS_PER_REQUEST = 100
const TIMEOUT_MS = 1_500
const PAUSE_MS = 250
/** After a failure nobody waits for another time-out for this long. */
const REST_MS = 2_000

interface Options {
  url: string
  internalToken: string
  onFailure: (error: unknown) => void
}

export const createCatalog = ({ url, internalToken, onFailure }: Options): Catalog => {
  let restingUntil = 0

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
    if (!response.ok) throw new Error(`the catalogue answered ${response.status}`)
    const { items } = (await response.json()) as { items: { sku: string; status: string }[] }
    return items.filter(({ status }) => status !== 'deleted').map(({ sku }) => sku)
  }

  return {
    listExisting: async (skus, { attempts } = { attempts: 1 }) => {
      if (performance.now() < restingUntil) return null
      const portions = []
      for (let from = 0; from < skus.length; from += SKUS_PER_REQUEST) {
        portions.push(skus.slice(from, from + SKUS_PER_REQUEST))
      }
      for (let attempt = 1; ; attempt++) {
        try {
          return new Set((await Promise.all(portions.map(ask))).flat())
        } catch (error) {
          onFailure(error)
          if (attempt >= attempts) break
          await pause(PAUSE_MS * attempt)
        }
      }
      restingUntil = performance.now() + REST_MS
      return null
    },
  }
}
