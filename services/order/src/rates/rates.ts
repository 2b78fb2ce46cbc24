import { minorDigitsOf } from '@storewright/contracts'
import { inTransaction, newId } from '@storewright/database'
import { createSharedReads, READ_WAIT_MS } from '@storewright/runtime/batching'
import { phaseOf, type Promotion } from '@storewright/promotions/promotion'
import type { Db, Trx } from '../database.ts'
import {
  claimFirstZone,
  insertZone,
  listAutomaticPromotions,
  listCategoryParents,
  listPromotionsByCode,
  listZones,
  readPricingVersion,
} from './queries.ts'
import { listTaxRates } from './tax-queries.ts'
import { OTHER_COUNTRIES, type ShippingMethod, type ShippingZone } from './shipping.ts'
import { taxesFrom, type CategoryParents, type TaxProvider } from './taxes.ts'

/** All that carts and orders are priced by, but for offers and coupon codes. */
export interface Rates {
  zones: readonly ShippingZone[]
  taxes: TaxProvider
  categoryParents: CategoryParents
  /** Those without a code that are not over, of the future too. */
  promotions: readonly Promotion[]
}

/** What is in memory is never older. */
const MAX_AGE_MS = 1_000

/** Every country by standard delivery for nothing, and by express for 5.99 in the shop's own currency. */
const firstZone = (currency: string) => ({
  id: newId(),
  name: 'Every country',
  countries: [OTHER_COUNTRIES],
  methods: [
    { id: 'standard', name: 'Standard delivery', rates: [], minDays: 3, maxDays: 5 },
    {
      id: 'express',
      name: 'Express delivery',
      rates: [
        { from: 0, price: [{ amount: Math.round(5.99 * 10 ** (minorDigitsOf(currency) ?? 2)), currency }] },
      ],
      minDays: 1,
      maxDays: 2,
    },
  ].map((method): ShippingMethod => ({ ...method, by: 'flat', freeFrom: [] })),
})

const isLater = (a: Promotion, b: Promotion) =>
  a.endsAt === null || (b.endsAt !== null && new Date(a.endsAt) > new Date(b.endsAt))

/** One promotion for each code: the one that runs, else the one that ends last. */
const onePerCode = (promotions: readonly Promotion[], now: Date): Promotion[] =>
  [...Map.groupBy(promotions, ({ code }) => code).values()].flatMap(
    (same) =>
      same.find((promotion) => phaseOf(promotion, now) === 'active') ??
      same.reduce((last, promotion) => (isLater(promotion, last) ? promotion : last)),
  )

/** Reads what carts are priced by, into memory: whole again only where something has changed. */
export const createRates = (db: Db, { currency, clock }: { currency: string; clock: () => Date }) => {
  const share = createSharedReads<Rates>({ waitMs: READ_WAIT_MS })
  let known: { rates: Rates; version: number; readAt: number } | undefined
  let writes = 0

  const load = async (): Promise<Rates> => {
    const [zones, taxRates, categoryParents, promotions] = await Promise.all([
      listZones(db),
      listTaxRates(db),
      listCategoryParents(db),
      listAutomaticPromotions(db, clock()),
    ])
    return {
      zones,
      taxes: taxesFrom(
        taxRates.map(({ category, ...rate }) => ({ ...rate, categoryId: category })),
        categoryParents,
      ),
      categoryParents,
      promotions,
    }
  }

  const inMemory = () => (known && performance.now() - known.readAt < MAX_AGE_MS ? known.rates : undefined)

  const readAgain = async (): Promise<Rates> => {
    // The calls that share this one waited for another, which may have read it.
    const present = inMemory()
    if (present) return present
    const [before, readAt] = [writes, performance.now()]
    // Before the rest: what is committed in between is then read once more, and never missed.
    let version = await readPricingVersion(db)
    if (version === 0) {
      await inTransaction(db, async (trx) => {
        const isFirst = (await claimFirstZone(trx)) && (await listZones(trx)).length === 0
        if (isFirst) await insertZone(trx, firstZone(currency), clock())
      })
      version = await readPricingVersion(db)
    }
    const rates = known?.version === version ? known.rates : await load()
    if (before === writes) known = { rates, version, readAt }
    return rates
  }

  return {
    readRates: async (): Promise<Rates> => inMemory() ?? share('rates', readAgain),
    /** The promotions of coupon codes, one for each that there is; without codes no statement. */
    readPromotionsByCode: async (codes: readonly string[], from: Db | Trx = db): Promise<Promotion[]> =>
      codes.length === 0 ? [] : onePerCode(await listPromotionsByCode(from, codes), clock()),
    /** After a write of this replica: its next reader sees it. */
    forget: () => {
      writes += 1
      known = undefined
    },
  }
}
export type RatesReader = ReturnType<typeof createRates>
