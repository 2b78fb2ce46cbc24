import { holdCategoryTree, readAncestry } from '../categories/require-categories.ts'
import type { Trx } from '../database.ts'
import { replaceAttributes } from '../listings/attribute-rows.ts'
import { replaceListings } from '../listings/update-listings.ts'
import { planPriceChanges, priceKey, recordPriceChanges, type Cause } from '../price-history/price-changes.ts'
import { rememberSlugs } from '../slugs/former-slugs.ts'
import { emitProductEvents } from './emit-product-events.ts'
import { priceMoves } from './price-moves.ts'
import type { Product } from './product.ts'
import { insertProducts, replaceProductCategories, updateProducts, writeVariants } from './queries.ts'
import { isSameProduct, isShownAlike } from './same-product.ts'
import { indexSearch, isReworded } from './search-text.ts'
import { attributesOf, listingsOf, shownCurrencies } from './stored-views.ts'
import { writeSummaries } from './summary-queries.ts'
import { withPromotions } from './with-promotions.ts'

/** A product as it was read and locked, and as it is to be; `before` is null for a new one. */
export interface ProductChange {
  before: Product | null
  after: Product
  /** Who changed single prices and why, by `priceKey`, where that is not the context's. */
  causes?: ReadonlyMap<string, Cause>
}

export interface ChangeContext {
  /** Read under the product's lock, so that prices begin in the order in which they are made. */
  clock: () => Date
  /** The user, or null for the system. */
  by: string | null
  /** Why prices change, for their history. */
  reason?: string | null
  /** The shop's, for the one price that events show. */
  currency: string
  /** When promotions must run to count; the database's now where it is left out. */
  promotionsAt?: Date
}

export const changeContextOf = (
  auth: { userId: string },
  currency: string,
  reason: string | null = null,
): ChangeContext => ({ clock: () => new Date(), by: auth.userId, reason, currency })

/** Replaces listings, attribute rows and what searches find; `storedIds` are the products that may have some. */
export const indexProducts = async (
  trx: Trx,
  { listed, attributed, searched }: Record<'listed' | 'attributed' | 'searched', Product[]>,
  storedIds: Set<string>,
) => {
  const idsOf = (products: Product[]) => products.flatMap(({ id }) => (storedIds.has(id) ? [id] : []))
  const categoriesOf = await readAncestry(trx, [...searched, ...listed])
  await indexSearch(trx, searched, categoriesOf, idsOf(searched))
  await replaceAttributes(trx, attributed.flatMap(attributesOf), idsOf(attributed))
  const listings = listed.map((product) => ({ ...product, listings: listingsOf(product) }))
  await replaceListings(trx, listings, categoriesOf, idsOf(listed))
}

/** The product as it is stored: what the merchant changed makes a new version, a stock status does not. */
const toStored = ({ before, after }: ProductChange, lowest: Map<string, number>, at: Date): Product => {
  const product = {
    ...after,
    variants: after.variants.map((variant) => ({
      ...variant,
      prices: variant.prices.map((price) => ({
        ...price,
        lowestBefore: lowest.get(priceKey({ ...price, sku: variant.sku })) ?? price.lowestBefore,
      })),
    })),
  }
  const isSame = before && isSameProduct(before, product)
  const versioned = isSame ? product : { ...product, version: product.version + 1, updatedAt: at }
  return isSame && isShownAlike(before, versioned)
    ? versioned
    : { ...versioned, revision: versioned.revision + 1 }
}

/** Writes what differs, with history, listings, search and events, in a fixed number of statements. */
export const saveProducts = async (
  trx: Trx,
  wanted: ProductChange[],
  { clock, by, reason = null, currency, promotionsAt }: ChangeContext,
): Promise<Product[]> => {
  if (wanted.length === 0) return []
  const promoted = await withPromotions(
    trx,
    wanted.map(({ after }) => after),
    promotionsAt,
  )
  const changes = wanted.map((change, index) => ({ ...change, after: promoted[index] ?? change.after }))
  const at = clock()
  const causes = new Map(changes.flatMap((change) => [...(change.causes ?? [])]))
  const plan = await planPriceChanges(trx, changes.flatMap(priceMoves), {
    at,
    knownSkus: new Set(changes.flatMap(({ before }) => before?.variants.map(({ sku }) => sku) ?? [])),
    causeOf: (move) => causes.get(priceKey(move)) ?? { by, reason },
  })
  const lowest = new Map(plan.planned.map((move) => [priceKey(move), move.lowestBefore]))
  const saved = changes.map((change) => {
    const { before } = change
    const product = toStored(change, lowest, at)
    const differs = (look: (product: Product) => unknown) => !before || look(before) !== look(product)
    const isNewVersion = differs(({ version }) => version)
    return {
      product,
      isNew: !before,
      isNewVersion,
      // Whatever changes a stored summary, and any new version, raises the revision.
      isWritten: differs(({ revision }) => revision),
      isRepriced: differs((look) => JSON.stringify(look.variants.map(({ prices }) => prices))),
      hasOtherCurrencies: differs((look) => shownCurrencies(look).join()),
      isRecategorised: differs(({ categoryIds }) => categoryIds.join()),
      isRelisted: differs((look) => JSON.stringify([listingsOf(look), look.categoryIds])),
      isReattributed: differs((look) => JSON.stringify(attributesOf(look))),
      isReworded: !before || isReworded(before, product),
    }
  })
  const where = (test: (entry: (typeof saved)[number]) => boolean) =>
    saved.filter(test).map(({ product }) => product)
  const storedIds = new Set(where(({ isNew }) => !isNew).map(({ id }) => id))

  const listed = where(({ isRelisted }) => isRelisted)
  const searched = where((entry) => entry.isReworded)
  if (listed.length + searched.length > 0) await holdCategoryTree(trx)
  await insertProducts(
    trx,
    where(({ isNew }) => isNew),
  )
  await updateProducts(
    trx,
    where(({ isNew, isWritten }) => !isNew && isWritten),
  )
  await rememberSlugs(
    trx,
    'product',
    changes.flatMap(({ before, after }) =>
      before && before.status !== 'deleted' && after.status !== 'deleted' && before.slug !== after.slug
        ? [before]
        : [],
    ),
  )
  await writeVariants(
    trx,
    where(({ isNewVersion, isRepriced }) => isNewVersion || isRepriced),
  )
  await writeSummaries(
    trx,
    where(({ isWritten }) => isWritten),
    where(({ isNew, hasOtherCurrencies }) => !isNew && hasOtherCurrencies).map(({ id }) => id),
  )
  await recordPriceChanges(trx, plan)
  const recategorised = where(({ isRecategorised }) => isRecategorised)
  await replaceProductCategories(
    trx,
    recategorised,
    recategorised.flatMap(({ id }) => (storedIds.has(id) ? [id] : [])),
  )
  const attributed = where(({ isReattributed }) => isReattributed)
  await indexProducts(trx, { listed, attributed, searched }, storedIds)
  await emitProductEvents(
    trx,
    where(({ isNewVersion }) => isNewVersion),
    plan,
    currency,
  )
  return saved.map(({ product }) => product)
}
