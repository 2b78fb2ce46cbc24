import { PriceChanged, type Money } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { holdCategoryTree } from '../categories/require-categories.ts'
import type { Listing, Trx } from '../database.ts'
import { replaceSearchTerms } from '../listings/search-terms.ts'
import { replaceListings } from '../listings/update-listings.ts'
import { planPriceChanges, recordPriceChanges, type PriceChange } from '../price-history/price-changes.ts'
import {
  activeVariants,
  isSameProduct,
  lowestPrice,
  renderSummary,
  stockStatusOf,
  type Product,
} from './product.ts'
import { emitProductChanged } from './repeat-products.ts'
import { insertProducts, replaceProductCategories, updateProducts, writeVariants } from './queries.ts'

/** A product as it was read and locked, and as it is to be; `before` is null for a new one. */
export interface ProductChange {
  before: Product | null
  after: Product
}

export interface ChangeContext {
  /** Read under the product's lock, so that prices begin in the order in which they are made. */
  clock: () => Date
  /** The user, or null for the system. */
  by: string | null
  /** Why prices change, for their history. */
  reason?: string | null
}

export const changeContextOf = (auth: { userId: string }, reason: string | null = null): ChangeContext => ({
  clock: () => new Date(),
  by: auth.userId,
  reason,
})

const searchTextOf = ({ status, name, variants }: Product) =>
  status === 'deleted'
    ? ''
    : [name, ...variants.flatMap((v) => (v.deleted ? [] : [v.name, v.sku]))].join('\n')

/** How a product stands in lists; null for a deleted one. */
const listingOf = (product: Product): Listing | null => {
  if (product.status === 'deleted') return null
  const price = lowestPrice(product)
  return {
    product_id: product.id,
    status: product.status,
    listed_at: product.publishedAt ?? product.createdAt,
    name: product.name,
    price_minor: price?.amount ?? 0,
    currency: price?.currency ?? null,
    in_stock: Number(stockStatusOf(product) !== 'out_of_stock'),
  }
}

/** Replaces listings and search terms; `storedIds` are the products that may have some. */
export const indexProducts = async (
  trx: Trx,
  { listed, searched }: { listed: Product[]; searched: Product[] },
  storedIds: Set<string>,
) => {
  const idsOf = (products: Product[]) => products.flatMap(({ id }) => (storedIds.has(id) ? [id] : []))
  await replaceSearchTerms(
    trx,
    new Map(searched.map((product) => [product.id, searchTextOf(product)])),
    idsOf(searched),
  )
  await replaceListings(
    trx,
    listed.flatMap((product) => listingOf(product) ?? []),
    idsOf(listed),
  )
}

const isSamePrice = (a: Money | null, b: Money) => a?.amount === b.amount && a.currency === b.currency

const priceMoves = ({ before, after }: ProductChange) =>
  activeVariants(after).flatMap(({ sku, price }) => {
    const previous = before?.variants.find((variant) => variant.sku === sku)?.price ?? null
    return isSamePrice(previous, price) ? [] : [{ sku, price, previous }]
  })

/** The product as it is stored: what the merchant changed makes a new version, a stock status does not. */
const toStored = ({ before, after }: ProductChange, prices: Map<string, PriceChange>, at: Date): Product => {
  const product = {
    ...after,
    variants: after.variants.map((variant) => ({
      ...variant,
      lowestBefore: prices.get(variant.sku)?.lowestBefore ?? variant.lowestBefore,
    })),
  }
  return before && isSameProduct(before, product)
    ? product
    : { ...product, version: product.version + 1, updatedAt: at }
}

const emitProductEvents = async (trx: Trx, product: Product, prices: Map<string, PriceChange>) => {
  await emitProductChanged(trx, product)
  for (const { sku } of activeVariants(product)) {
    const change = prices.get(sku)
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
 * Writes what differs between `before` and `after`, with price history, listings, search terms and events, in a fixed
 * number of statements for any number of products. Returns them as stored.
 */
export const saveProducts = async (
  trx: Trx,
  changes: ProductChange[],
  { clock, by, reason = null }: ChangeContext,
): Promise<Product[]> => {
  const at = clock()
  const prices = await planPriceChanges(trx, changes.flatMap(priceMoves), { at, by, reason })
  const saved = changes.map((change) => {
    const { before } = change
    const product = toStored(change, prices, at)
    const differs = (look: (product: Product) => unknown) => !before || look(before) !== look(product)
    const isNewVersion = differs(({ version }) => version)
    return {
      product,
      isNew: !before,
      isNewVersion,
      isWritten: isNewVersion || differs(renderSummary),
      isRecategorised: differs(({ categoryIds }) => categoryIds.join()),
      isRelisted: differs((look) => JSON.stringify([listingOf(look), look.categoryIds])),
      isReworded: differs(searchTextOf),
    }
  })
  const where = (test: (entry: (typeof saved)[number]) => boolean) =>
    saved.filter(test).map(({ product }) => product)
  const storedIds = new Set(where(({ isNew }) => !isNew).map(({ id }) => id))

  const listed = where(({ isRelisted }) => isRelisted)
  if (listed.length > 0) await holdCategoryTree(trx)
  await insertProducts(
    trx,
    where(({ isNew }) => isNew),
  )
  await updateProducts(
    trx,
    where(({ isNew, isWritten }) => !isNew && isWritten),
  )
  const versions = where(({ isNewVersion }) => isNewVersion)
  await writeVariants(trx, versions)
  await recordPriceChanges(trx, prices.values())
  const recategorised = where(({ isRecategorised }) => isRecategorised)
  await replaceProductCategories(
    trx,
    recategorised,
    recategorised.flatMap(({ id }) => (storedIds.has(id) ? [id] : [])),
  )
  await indexProducts(trx, { listed, searched: where(({ isReworded }) => isReworded) }, storedIds)
  for (const product of versions) await emitProductEvents(trx, product, prices)
  return saved.map(({ product }) => product)
}
