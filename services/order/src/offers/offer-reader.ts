import { parseJson } from '@storewright/database'
import { createBatcher } from '@storewright/runtime/batching'
import { LRUCache } from 'lru-cache'
import type { Db, Trx } from '../database.ts'
import { selectOffers } from './queries.ts'

/** What the service knows of a SKU: its own copies of the offer and of the stock status. */
export interface Offer {
  sku: string
  productId: string
  /** Of the product, without their ancestors. */
  categoryIds: readonly string[]
  /** Of one unit, packed; null where it is not known. */
  weightGrams: number | null
  name: string
  /** Minor units by currency. */
  prices: ReadonlyMap<string, number>
  onSale: boolean
  stockStatus: string | null
  available: number | null
}

/** The offers of SKUs, by SKU; an unknown one is missing. */
export type ReadOffers = (skus: readonly string[]) => Promise<ReadonlyMap<string, Offer>>

const SKUS_AT_ONCE = 1_000
/** How many SKUs are remembered, some 500 bytes each, and for how many milliseconds. */
const REMEMBERED = 10_000
const REMEMBERED_MS = 1_000

/** The offers as they are now. */
export const listOffers = async (
  db: Db | Trx,
  skus: readonly string[],
): Promise<ReadonlyMap<string, Offer>> => {
  const offers = new Map<string, Offer>()
  for (let from = 0; from < skus.length; from += SKUS_AT_ONCE) {
    for (const row of await selectOffers(db, skus.slice(from, from + SKUS_AT_ONCE))) {
      const prices = new Map(Object.entries(parseJson(row.prices)))
      const categoryIds = parseJson((row.categoryIds ?? []) as string[] | string)
      offers.set(row.sku, { ...row, categoryIds, prices, onSale: row.onSale === 1 })
    }
  }
  return offers
}

export interface OfferReader {
  /** For carts: at most a second old. */
  read: ReadOffers
  /** Offers are about to change: nothing is remembered until the function that this returns is called, or for a second. */
  beginChange(): () => void
}

/** Reads offers of concurrent requests in one statement, and remembers them for a second. */
export const createOfferReader = (db: Db): OfferReader => {
  // Null stands for an unknown SKU, so that asking for one again and again costs no statement each.
  const memory = new LRUCache<string, { offer: Offer | null }>({ max: REMEMBERED, ttl: REMEMBERED_MS })
  let changes = 0
  let changingUntil = 0

  const readBatch = createBatcher(
    async (wanted: (readonly string[])[]) => {
      const before = changes
      const skus = [...new Set(wanted.flat())]
      const offers = await listOffers(db, skus)
      // A change is seen by others before its commit is answered.
      if (before === changes && performance.now() > changingUntil)
        for (const sku of skus) memory.set(sku, { offer: offers.get(sku) ?? null })
      return wanted.map(() => offers)
    },
    { maxBatch: 200 },
  )

  const forget = (until: number) => {
    changes += 1
    changingUntil = until
    memory.clear()
  }

  return {
    read: async (skus) => {
      const offers = new Map<string, Offer>()
      const missing: string[] = []
      for (const sku of skus) {
        const known = memory.get(sku)
        if (!known) missing.push(sku)
        else if (known.offer) offers.set(sku, known.offer)
      }
      if (missing.length === 0) return offers
      const read = await readBatch(missing)
      for (const sku of missing) {
        const offer = read.get(sku)
        if (offer) offers.set(sku, offer)
      }
      return offers
    },
    beginChange: () => {
      forget(performance.now() + REMEMBERED_MS)
      return () => forget(0)
    },
  }
}
