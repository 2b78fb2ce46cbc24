import { PriceChanged, ProductChanged, type Money } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import type { Trx } from '../database.ts'
import { listingOf, replaceListings } from './listing-queries.ts'
import { lowestBefore, windowStart } from './price.ts'
import { insertPriceChanges, listStepsAfter, type PriceChange } from './price-queries.ts'
import { comparableState, activeVariants, type Product } from './product.ts'
import { lockTreeShared } from './queries.ts'
import { termsOf } from './search-terms.ts'
import { productView } from './view.ts'
import {
  insertProducts,
  replaceProductCategories,
  replaceTerms,
  updateProducts,
  writeVariants,
} from './write-queries.ts'

/** A product as it was read and locked, and as it is to be; `before` is null for a new one. */
export interface ProductChange {
  before: Product | null
  after: Product
}

export interface ChangeContext {
  /** Asked under the product's lock, so that prices begin in the order in which they are made. */
  clock: () => Date
  /** The user, or null for the system. */
  by: string | null
  /** Why prices change, for their history. */
  reason?: string | null
}

const textsOf = ({ status, name, variants }: Product) =>
  status === 'deleted'
    ? ''
    : [name, ...variants.flatMap((v) => (v.deleted ? [] : [v.name, v.sku]))].join('\n')

const standingOf = (product: Product) => JSON.stringify([listingOf(product), product.categoryIds])

const isSame = (a: Money | null, b: Money) => a?.amount === b.amount && a.currency === b.currency

const priceBefore = ({ before }: ProductChange, sku: string): Money | null =>
  before?.variants.find((variant) => variant.sku === sku)?.price ?? null

const findPriceChanges = async (
  trx: Trx,
  edits: ProductChange[],
  at: Date,
  { by, reason = null }: ChangeContext,
) => {
  const moved = edits.flatMap((edit) =>
    activeVariants(edit.after).flatMap(({ sku, price }) => {
      const previous = priceBefore(edit, sku)
      return isSame(previous, price) ? [] : [{ sku, price, previous }]
    }),
  )
  const known = moved.flatMap(({ sku, previous }) => (previous ? [sku] : []))
  const steps = Map.groupBy(await listStepsAfter(trx, known, windowStart(at)), ({ sku }) => sku)
  return new Map(
    moved.map(({ sku, price, previous }): [string, PriceChange] => [
      sku,
      {
        sku,
        price,
        previous,
        lowestBefore: lowestBefore(steps.get(sku) ?? [], previous, price, at),
        effectiveAt: at,
        reason,
        changedBy: by,
      },
    ]),
  )
}

const withLowest = (product: Product, changes: Map<string, PriceChange>): Product => ({
  ...product,
  variants: product.variants.map((variant) => ({
    ...variant,
    lowestBefore: changes.get(variant.sku)?.lowestBefore ?? variant.lowestBefore,
  })),
})

/** What the merchant changed makes a new version; what inventory told does not. */
const versioned = ({ before, after }: ProductChange, at: Date): Product =>
  before && comparableState(before) === comparableState(after)
    ? after
    : { ...after, version: after.version + 1, updatedAt: at }

const say = async (trx: Trx, product: Product, changes: Map<string, PriceChange>) => {
  const variants = activeVariants(product)
  await emit(trx, ProductChanged, {
    productId: product.id,
    slug: product.slug,
    name: product.name,
    status: product.status,
    categoryIds: product.categoryIds,
    variants: variants.map(({ sku, name, price }) => ({ sku, name, price })),
  })
  for (const { sku } of variants) {
    const change = changes.get(sku)
    if (!change) continue
    await emit(trx, PriceChanged, {
      productId: product.id,
      sku,
      price: change.price,
      previousPrice: change.previous,
      effectiveAt: change.effectiveAt.toISOString(),
      reason: change.reason,
    })
  }
}

/**
 * Writes what differs between `before` and `after` of any number of products in a fixed number of statements, with
 * price history, listings, search terms and events; where nothing differs it does nothing. Returns them as stored.
 */
export const saveProducts = async (
  trx: Trx,
  edits: ProductChange[],
  context: ChangeContext,
): Promise<Product[]> => {
  const at = context.clock()
  const changes = await findPriceChanges(trx, edits, at, context)
  const saved = edits.map(({ before, after }) => {
    const stored = versioned({ before, after: withLowest(after, changes) }, at)
    const differs = (look: (product: Product) => unknown) => !before || look(before) !== look(stored)
    return {
      before,
      stored,
      said: differs(({ version }) => version),
      shown: differs(productView) || differs(comparableState),
      filed: differs(({ categoryIds }) => categoryIds.join()),
      moved: differs(standingOf),
      reworded: differs(textsOf),
    }
  })
  const written = saved.filter(({ shown }) => shown)
  type Flag = 'said' | 'filed' | 'moved' | 'reworded'
  const only = (flag: Flag) => saved.filter((edit) => edit[flag]).map(({ stored }) => stored)
  const oldIds = (flag: Flag) => saved.flatMap((edit) => (edit[flag] && edit.before ? [edit.stored.id] : []))

  const moved = only('moved')
  if (moved.length > 0) await lockTreeShared(trx)
  await insertProducts(
    trx,
    written.flatMap(({ before, stored }) => (before ? [] : [stored])),
  )
  await updateProducts(
    trx,
    written.flatMap(({ before, stored }) => (before ? [stored] : [])),
  )
  const said = only('said')
  await writeVariants(trx, said)
  await insertPriceChanges(trx, [...changes.values()])
  await replaceProductCategories(trx, only('filed'), oldIds('filed'))
  await replaceTerms(
    trx,
    new Map(only('reworded').map((product) => [product.id, termsOf(textsOf(product))])),
    oldIds('reworded'),
  )
  await replaceListings(trx, moved, oldIds('moved'))
  for (const product of said) await say(trx, product, changes)
  return saved.map(({ stored }) => stored)
}
