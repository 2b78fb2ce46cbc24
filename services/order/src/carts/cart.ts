import { MAX_QUANTITY } from '@storewright/contracts'
import type { CartLineState } from '../database.ts'
import type { Offer } from '../offers/offer-reader.ts'
import { priceLine, sumTotals, type PricedLine, type Totals } from '../pricing/totals.ts'

/** A line and what is known of its SKU. */
export interface CartLine extends CartLineState {
  offer: Offer | null
}

export const MAX_CODES = 20

/** What a customer chose beside the lines. */
export interface CartChoices {
  codes: string[]
  country: string | null
  postalCode: string | null
  shippingMethod: string | null
}

export type Notice = 'priceChanged' | 'unavailable' | 'lowStock'

export interface Demand {
  sku: string
  quantity: number
}

/** What the offer costs in a currency, in minor units; undefined where it cannot be bought in it. */
export const priceOf = (offer: Offer | null, currency: string): number | undefined =>
  offer?.onSale ? offer.prices.get(currency) : undefined

const canBuy = ({ offer }: CartLine, currency: string) => priceOf(offer, currency) !== undefined

/** What changed for a line since its price was shown last, and whether it can be had. */
export const noticesOf = ({ quantity, seenPriceMinor, offer }: CartLine, currency: string): Notice[] => {
  const price = priceOf(offer, currency)
  if (!offer || price === undefined) return ['unavailable']
  const notices: Notice[] = []
  if (price !== seenPriceMinor) notices.push('priceChanged')
  const scarce = offer.stockStatus !== null && offer.stockStatus !== 'in_stock'
  if (scarce || (offer.available !== null && offer.available < quantity)) notices.push('lowStock')
  return notices
}

/** A line at its current price. What cannot be bought costs nothing, so that the lines add up to the total. */
export const priceCartLine = (line: CartLine, currency: string): PricedLine => {
  const { sku, quantity, offer, seenPriceMinor } = line
  const priced = priceLine({
    sku,
    name: offer?.name ?? sku,
    quantity,
    unitPriceMinor: offer?.prices.get(currency) ?? seenPriceMinor,
  })
  return canBuy(line, currency) ? priced : { ...priced, totalMinor: 0 }
}

export const findUnavailable = (lines: readonly CartLine[], currency: string) =>
  lines.filter((line) => !canBuy(line, currency))

export const cartTotals = (lines: readonly CartLine[], currency: string, shippingMinor: number): Totals =>
  sumTotals(
    lines.filter((line) => canBuy(line, currency)).map((line) => priceCartLine(line, currency)),
    shippingMinor,
  )

export type Refusal = { sku: string } & (
  | { why: 'unknown' }
  | { why: 'unavailable' }
  | { why: 'currency'; currencies: string[] }
  | { why: 'short'; wanted: number; available: number }
)

/** Why a wanted line cannot go into a cart; null when it can. Without a known stock it can. */
export const findRefusal = (
  { sku, quantity }: Demand,
  offer: Offer | undefined,
  currency: string,
  freshlyAvailable: ReadonlyMap<string, number> | null,
): Refusal | null => {
  if (!offer) return { sku, why: 'unknown' }
  if (!offer.onSale) return { sku, why: 'unavailable' }
  if (!offer.prices.has(currency))
    return { sku, why: 'currency', currencies: [...offer.prices.keys()].sort() }
  // A response without the SKU means that inventory has none of it.
  const available = freshlyAvailable ? (freshlyAvailable.get(sku) ?? 0) : offer.available
  return available !== null && available < quantity
    ? { sku, why: 'short', wanted: quantity, available }
    : null
}

/** One line per SKU, in order of first mention: real baskets name the same article twice. */
export const mergeDemand = (items: readonly Demand[]): Demand[] => {
  const merged = new Map<string, number>()
  for (const { sku, quantity } of items) merged.set(sku, (merged.get(sku) ?? 0) + quantity)
  return [...merged].map(([sku, quantity]) => ({ sku, quantity }))
}

/** The lines with what is known of their SKUs. */
export const linesWith = (lines: readonly CartLineState[], offers: ReadonlyMap<string, Offer>): CartLine[] =>
  lines.map((line) => ({ ...line, offer: offers.get(line.sku) ?? null }))

/** The lines as they are stored once they have been shown at their present prices. */
export const seenLines = (lines: readonly CartLine[], currency: string): CartLineState[] =>
  lines.map(({ sku, quantity, seenPriceMinor, offer }) => ({
    sku,
    quantity,
    seenPriceMinor: priceOf(offer, currency) ?? seenPriceMinor,
  }))

/** Two carts in one: quantities add up, as far as a line may go and to what is available; what is sold out is left out. */
export const mergeCarts = (
  mine: readonly CartLineState[],
  theirs: readonly CartLineState[],
  available: (sku: string) => number | null,
): CartLineState[] => {
  const have = new Map(mine.map(({ sku, quantity }) => [sku, quantity]))
  const merged = theirs.map((line) => {
    const sum = line.quantity + (have.get(line.sku) ?? 0)
    return { ...line, quantity: Math.max(0, Math.min(sum, MAX_QUANTITY, available(line.sku) ?? Infinity)) }
  })
  return linesAfter(mine, merged, 'one').filter(({ quantity }) => quantity > 0)
}

/** The codes and the shipping of two carts in one: codes united, mine first; the guest's shipping, chosen last, wins. */
export const mergeChoices = (mine: CartChoices, theirs: CartChoices): CartChoices => {
  const { country, postalCode, shippingMethod } = theirs.country === null ? mine : theirs
  const codes = [...new Set([...mine.codes, ...theirs.codes])].slice(0, MAX_CODES)
  return { codes, country, postalCode, shippingMethod }
}

/** The cart's lines after some were set: `one` beside the others, each in its place, `all` instead of them. */
export const linesAfter = (
  lines: readonly CartLineState[],
  changed: readonly CartLineState[],
  scope: 'one' | 'all',
): CartLineState[] => {
  if (scope === 'all') return [...changed]
  const bySku = new Map(changed.map((line) => [line.sku, line]))
  const known = new Set(lines.map(({ sku }) => sku))
  return [
    ...lines.map((line) => bySku.get(line.sku) ?? line),
    ...changed.filter(({ sku }) => !known.has(sku)),
  ]
}
