import type { Money } from '@storewright/contracts'
import type { Promotion } from '@storewright/promotions/promotion'

/** What a merchant states of a price; amounts in minor units of the currency. */
export interface StatedPrice extends Money {
  /** The price that it is compared with, which is above `amount`. */
  compareAt: number | null
}

export interface PricePromotion {
  id: string
  name: string
  kind: Promotion['kind']
  /** What one unit costs with it, in minor units. */
  amount: number
  endsAt: string | null
}

/** A variant's price in one currency, as it is stored; there is at most one for each currency. */
export interface VariantPrice extends StatedPrice {
  /** Lowest price of the 30 days before the present price began. */
  lowestBefore: number
  /** The promotion that anybody gets on one unit today. */
  promotion?: PricePromotion
}

/** What a customer is asked for one unit. */
export const askedAmount = ({ amount, promotion }: VariantPrice) => promotion?.amount ?? amount

interface Priced {
  prices: VariantPrice[]
}

export const priceIn = ({ prices }: Priced, currency: string): VariantPrice | null =>
  prices.find((price) => price.currency === currency) ?? null

/** The cheapest of these variants in a currency: the "from" price that lists show; null where none has a price in it. */
export const lowestOf = (variants: Priced[], currency: string): VariantPrice | null =>
  variants.reduce<VariantPrice | null>((lowest, variant) => {
    const price = priceIn(variant, currency)
    return price && (!lowest || price.amount < lowest.amount) ? price : lowest
  }, null)

export const currenciesOf = (variants: Priced[]): string[] =>
  [...new Set(variants.flatMap(({ prices }) => prices.map(({ currency }) => currency)))].sort()

/** Sets prices, each in the place of the one in its currency. The order is that of the currencies. */
export const withPrices = (present: VariantPrice[], stated: StatedPrice[]): VariantPrice[] => {
  const prices = new Map(present.map((price) => [price.currency, price]))
  for (const price of stated)
    prices.set(price.currency, {
      amount: price.amount,
      currency: price.currency,
      compareAt: price.compareAt,
      lowestBefore: prices.get(price.currency)?.lowestBefore ?? price.amount,
    })
  return [...prices.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1))
}

/** These prices instead of the present ones. */
export const replacePrices = (present: VariantPrice[], stated: StatedPrice[]): VariantPrice[] =>
  withPrices(
    present.filter(({ currency }) => stated.some((price) => price.currency === currency)),
    stated,
  )

/** A price as the API shows it. */
export const toPublicPrice = ({ amount, currency, compareAt, lowestBefore }: VariantPrice) => ({
  amount,
  currency,
  compareAtPrice: compareAt === null ? null : { amount: compareAt, currency },
  lowestPrice30Days: { amount: lowestBefore, currency },
})

/** A price's promotion as the API shows it, in a member that is absent where there is none. */
export const toPublicPromotion = (price: VariantPrice | null) => {
  if (!price?.promotion) return {}
  const { amount, ...promotion } = price.promotion
  return { promotion: { ...promotion, price: { amount, currency: price.currency } } }
}
