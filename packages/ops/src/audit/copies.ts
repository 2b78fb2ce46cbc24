import { isDeepStrictEqual } from 'node:util'
import {
  AccountContactChanged,
  ProductChanged,
  PromotionChanged,
  StockStatusChanged,
  UserErased,
  type EventContract,
} from '@storewright/contracts'
import {
  listPromotions,
  listStockStatuses as listCatalogStatuses,
  listVariants,
  productChangedWithin,
  promotionChangedWithin,
} from '@storewright/catalog/invariants'
import { parseJson } from '@storewright/database'
import { listAvailable, listPriceCopies, stockChangedWithin } from '@storewright/inventory/invariants'
import {
  listContacts as listContactCopies,
  listOffers,
  listPromotions as listPromotionCopies,
  listStockStatuses as listOrderStatuses,
  offerName,
} from '@storewright/order/invariants'
import { contactMayChange, listContacts } from '@storewright/user/invariants'
import { addBreach, newCheck, type Check } from './check.ts'
import { isBalanced, readFlows } from './event-flows.ts'
import { flatten, mergeJoin, paged } from './merge-join.ts'
import type { Schemas } from './snapshot.ts'

type Row = { id: string }
type Variant = Awaited<ReturnType<typeof listVariants>>[number]
type Offer = Awaited<ReturnType<typeof listOffers>>[number]
type Available = Awaited<ReturnType<typeof listAvailable>>[number]
type PriceCopy = Awaited<ReturnType<typeof listPriceCopies>>[number]
type Promotion = Awaited<ReturnType<typeof listPromotions>>[number]
type PromotionCopy = Awaited<ReturnType<typeof listPromotionCopies>>[number]
type Contact = Awaited<ReturnType<typeof listContacts>>[number]
type Status = { id: string; status: string; version: number }

const PAGE = 5_000
/** What changed less than this ago may still be on its way. */
const AT_REST_SECONDS = 60

const isAhead = (copy: { version: number | null }, owner: { version: number }) =>
  Number(copy.version) > Number(owner.version)
    ? `the copy has version ${copy.version}, its owner has emitted ${owner.version}`
    : null

const inOrder = (prices: [currency: string, amount: number][]) => JSON.stringify(prices.sort())
const pricesOf = ({ prices }: Pick<Variant, 'prices'>) =>
  inOrder(parseJson(prices).map(({ currency, amount }) => [currency, amount]))
const copiedPricesOf = ({ prices }: Pick<Offer | PriceCopy, 'prices'>) =>
  inOrder(Object.entries(parseJson(prices)))

/** How an offer differs from the variant that it is a copy of; null where it does not. */
const findOfferMismatch = (variant: Variant | undefined, offer: Offer | undefined): string | null => {
  if (!variant) return 'an offer of a SKU that the catalog does not have'
  if (variant.deleted) return offer?.onSale ? 'a deleted variant is on sale' : null
  if (!offer) return 'the variant has no offer'
  const ahead = isAhead(offer, variant)
  if (ahead) return ahead
  const differences = [
    offer.productId !== variant.productId && 'product',
    offer.name !== offerName(variant.productName, variant.variantName) && 'name',
    pricesOf(variant) !== copiedPricesOf(offer) && 'prices',
    Boolean(offer.onSale) !== (variant.status === 'published') && 'whether it is on sale',
  ].filter((difference) => difference !== false)
  return differences.length === 0 ? null : `${differences.join(' and ')} differ`
}

/** How the order service's copy of a promotion differs from it; null where it does not. */
const findPromotionMismatch = (
  promotion: Promotion | undefined,
  copy: PromotionCopy | undefined,
): string | null => {
  if (!promotion) return 'a promotion that the catalog does not have'
  if (promotion.deleted) return copy && !copy.deleted ? 'a deleted promotion is offered' : null
  if (!copy) return 'the promotion has no copy'
  const isSame = isDeepStrictEqual(parseJson<unknown>(copy.state), parseJson<unknown>(promotion.state))
  return isAhead(copy, promotion) ?? (isSame && !copy.deleted ? null : 'its state differs')
}

/** A variant that inventory does not know could not be stocked; more SKUs than the catalog has are no fault. */
const findUnknownSku = (variant: Variant | undefined, stock: Row | undefined): string | null =>
  variant && !variant.deleted && variant.status !== 'deleted' && !stock
    ? 'inventory does not know the SKU'
    : null

/** How a list price differs from the variant's; what inventory has none of yet, and what was withdrawn, is no fault. */
const findPriceMismatch = (variant: Variant | undefined, copy: PriceCopy | undefined): string | null => {
  if (!copy) return null
  if (!variant) return 'a list price of a SKU that the catalog does not have'
  if (variant.deleted || variant.status === 'deleted') return null
  return (
    isAhead(copy, variant) ?? (pricesOf(variant) === copiedPricesOf(copy) ? null : 'its list prices differ')
  )
}

/** Whether a copy shows as sold out what is not, or the reverse: where "low" begins is a setting that inventory alone knows. */
const findStatusMismatch = (stock: Available | undefined, copy: Status | undefined): string | null => {
  const outOfStock = !copy || copy.status === 'out_of_stock'
  if (!stock) return outOfStock ? null : 'a status of a SKU that inventory does not know'
  if (Number(stock.available) > 0 === outOfStock)
    return `${stock.available} are available, and the copy has ${copy?.status ?? 'no status'}`
  return copy ? isAhead(copy, stock) : null
}

const findContactMismatch = (account: Contact | undefined, copy: Contact | undefined): string | null =>
  isDeepStrictEqual({ ...account }, { ...copy }) ? null : 'how to reach it differs'

/** Both are copies of one status, so also "low" must be the same. */
const findDifference = (one: Status | undefined, other: Status | undefined): string | null =>
  (one?.status ?? 'out_of_stock') === (other?.status ?? 'out_of_stock')
    ? null
    : `${one?.status ?? 'no status'} in the catalog and ${other?.status ?? 'no status'} in the order service`

type Comparison<A extends Row, B extends Row> = {
  what: string
  left: (page: { after: string; limit: number }) => Promise<A[]>
  right: (page: { after: string; limit: number }) => Promise<B[]>
  findMismatch: (left: A | undefined, right: B | undefined) => string | null
  /** Whether an event that would end the difference may be under way. */
  mayBePending: (id: string) => Promise<boolean>
}

const compare = async <A extends Row, B extends Row>(
  { what, left, right, findMismatch, mayBePending }: Comparison<A, B>,
  settled: boolean,
): Promise<Check> => {
  const check = newCheck(10, what)
  const inPages = <R extends Row>(list: (page: { after: string; limit: number }) => Promise<R[]>) =>
    flatten(paged((after) => list({ after, limit: PAGE }), PAGE))
  for await (const [a, b] of mergeJoin(inPages(left), inPages(right))) {
    check.checked += 1
    const mismatch = findMismatch(a, b)
    if (!mismatch) continue
    const id = (a ?? b)?.id ?? ''
    if (!settled && (await mayBePending(id))) check.pending += 1
    else addBreach(check, `${id}: ${mismatch}`)
  }
  return check
}

/** Invariant 10: what a service copied of another's state is that state. `ops rebuild` mends a copy. */
export const checkCopies = async (schemas: Schemas, settled: boolean): Promise<Check[]> => {
  const { user, catalog, inventory, order } = schemas
  const flows = await readFlows(schemas)
  const isUnderWay = ({ type }: EventContract, ...groups: string[]) =>
    flows.some((flow) => flow.type === type && groups.includes(flow.group) && !isBalanced(flow))
  const productMoves = (group: string) => async (sku: string) =>
    isUnderWay(ProductChanged, group) || (await productChangedWithin(catalog, sku, AT_REST_SECONDS))
  const stockMoves =
    (...groups: string[]) =>
    async (sku: string) =>
      isUnderWay(StockStatusChanged, ...groups) || (await stockChangedWithin(inventory, sku, AT_REST_SECONDS))

  const variants: Comparison<Variant, Row>['left'] = (page) => listVariants(catalog, page)
  const available: Comparison<Available, Row>['left'] = (page) => listAvailable(inventory, page)
  const inCatalog: Comparison<Status, Row>['left'] = (page) => listCatalogStatuses(catalog, page)
  const inOrder: Comparison<Row, Status>['right'] = (page) => listOrderStatuses(order, page)
  return [
    await compare(
      {
        what: 'the offers are those of the catalog',
        left: variants,
        right: (page) => listOffers(order, page),
        findMismatch: findOfferMismatch,
        mayBePending: productMoves('order.catalog-events'),
      },
      settled,
    ),
    await compare(
      {
        what: 'the promotions are those of the catalog',
        left: (page) => listPromotions(catalog, page),
        right: (page) => listPromotionCopies(order, page),
        findMismatch: findPromotionMismatch,
        mayBePending: async (id) =>
          isUnderWay(PromotionChanged, 'order.catalog-events') ||
          (await promotionChangedWithin(catalog, id, AT_REST_SECONDS)),
      },
      settled,
    ),
    await compare(
      {
        what: 'the order service knows how to reach account holders',
        left: (page) => listContacts(user, page),
        right: (page) => listContactCopies(order, page),
        findMismatch: findContactMismatch,
        mayBePending: async (id) =>
          [AccountContactChanged, UserErased].some((event) => isUnderWay(event, 'order.user-events')) ||
          (await contactMayChange(user, id, AT_REST_SECONDS)),
      },
      settled,
    ),
    await compare(
      {
        what: 'inventory knows the SKUs of the catalog',
        left: variants,
        right: available,
        findMismatch: findUnknownSku,
        mayBePending: productMoves('inventory.catalog-events'),
      },
      settled,
    ),
    await compare(
      {
        what: 'the list prices in inventory are those of the catalog',
        left: variants,
        right: (page) => listPriceCopies(inventory, page),
        findMismatch: findPriceMismatch,
        mayBePending: productMoves('inventory.catalog-events'),
      },
      settled,
    ),
    await compare(
      {
        what: 'the catalog shows what is in stock',
        left: available,
        right: inCatalog,
        findMismatch: findStatusMismatch,
        mayBePending: stockMoves('catalog.inventory-events'),
      },
      settled,
    ),
    await compare(
      {
        what: 'the order service knows what is in stock',
        left: available,
        right: inOrder,
        findMismatch: findStatusMismatch,
        mayBePending: stockMoves('order.inventory-events'),
      },
      settled,
    ),
    await compare(
      {
        what: 'the catalog and the order service have the same stock status',
        left: inCatalog,
        right: inOrder,
        findMismatch: findDifference,
        mayBePending: stockMoves('catalog.inventory-events', 'order.inventory-events'),
      },
      settled,
    ),
  ]
}
