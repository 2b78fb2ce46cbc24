import type { Money } from '@storewright/contracts'

/** In a zone's countries: every country that no zone names. */
export const OTHER_COUNTRIES = '*'

export interface Destination {
  /** ISO 3166-1 alpha-2. */
  country: string
  postalCode: string | null
}

/** What a parcel costs from so many grams, or from so much money in the price's own currency, on. */
export interface ShippingRate {
  from: number
  price: Money[]
}

export interface ShippingMethod {
  id: string
  name: string
  by: 'flat' | 'weight' | 'amount'
  /** Without any it costs nothing, in every currency. */
  rates: ShippingRate[]
  /** Goods for so much travel for nothing. */
  freeFrom: Money[]
  minDays: number
  maxDays: number
}

export interface ShippingZone {
  id: string
  name: string
  countries: string[]
  methods: ShippingMethod[]
}

export interface ShippedLine {
  quantity: number
  unitPriceMinor: number
  /** Of one unit, packed; where it is not known it counts as none. */
  weightGrams?: number | null | undefined
}

/** A method at its price for these lines, promotions not taken off. */
export interface ShippingQuote {
  methodId: string
  name: string
  priceMinor: number
  minDays: number
  maxDays: number
}

export type ShippingRefusal = 'country-not-served' | 'unknown-method' | 'no-price'

interface ShippingRequest extends Destination {
  currency: string
  lines: readonly ShippedLine[]
}

const sumOf = (lines: readonly ShippedLine[], part: (line: ShippedLine) => number) =>
  lines.reduce((sum, line) => sum + line.quantity * part(line), 0)

const amountIn = (amounts: readonly Money[], currency: string) =>
  amounts.find((money) => money.currency === currency)?.amount

/** Minor units; undefined where it has no price for this weight or amount in the currency. */
const priceOf = ({ by, rates, freeFrom }: ShippingMethod, { currency, lines }: ShippingRequest) => {
  if (rates.length === 0) return 0
  const goods = sumOf(lines, ({ unitPriceMinor }) => unitPriceMinor)
  const measure = { flat: 0, weight: sumOf(lines, ({ weightGrams }) => weightGrams ?? 0), amount: goods }[by]
  const reached = rates
    .filter(({ from }) => from <= measure)
    .flatMap(({ from, price }) => {
      const amount = amountIn(price, currency)
      return amount === undefined ? [] : { from, amount }
    })
    .sort((a, b) => b.from - a.from)
  const [highest] = reached
  return highest && goods >= (amountIn(freeFrom, currency) ?? Infinity) ? 0 : highest?.amount
}

/** The zone that names the country, else the one for all others. */
export const zoneOf = (zones: readonly ShippingZone[], country: string): ShippingZone | undefined =>
  zones.find(({ countries }) => countries.includes(country)) ??
  zones.find(({ countries }) => countries.includes(OTHER_COUNTRIES))

const quoteOf = (method: ShippingMethod, request: ShippingRequest): ShippingQuote | undefined => {
  const priceMinor = priceOf(method, request)
  const { id: methodId, name, minDays, maxDays } = method
  return priceMinor === undefined ? undefined : { methodId, name, priceMinor, minDays, maxDays }
}

/** How these lines may travel to a country, in the zone's order. */
export const listShippingQuotes = (
  { zones }: { zones: readonly ShippingZone[] },
  request: ShippingRequest,
): ShippingQuote[] =>
  (zoneOf(zones, request.country)?.methods ?? []).flatMap((method) => quoteOf(method, request) ?? [])

/** The chosen method at its price for these lines, or why it cannot be had. */
export const findShippingMethod = (
  { zones }: { zones: readonly ShippingZone[] },
  { method: id, ...request }: ShippingRequest & { method: string },
): { quote: ShippingQuote } | { refusal: ShippingRefusal } => {
  const zone = zoneOf(zones, request.country)
  if (!zone) return { refusal: 'country-not-served' }
  const method = zone.methods.find((offered) => offered.id === id)
  if (!method) return { refusal: 'unknown-method' }
  const quote = quoteOf(method, request)
  return quote ? { quote } : { refusal: 'no-price' }
}
