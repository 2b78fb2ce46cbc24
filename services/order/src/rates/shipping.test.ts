import { expect, it } from 'vitest'
import {
  findShippingMethod,
  listShippingQuotes,
  type ShippedLine,
  type ShippingMethod,
  type ShippingZone,
} from './shipping.ts'

const gbp = (amount: number) => ({ amount, currency: 'GBP' })
const eur = (amount: number) => ({ amount, currency: 'EUR' })

const aMethod = (change: Partial<ShippingMethod>): ShippingMethod => ({
  id: 'parcel',
  name: 'Parcel',
  by: 'flat',
  rates: [{ from: 0, price: [gbp(400), eur(500)] }],
  freeFrom: [],
  minDays: 1,
  maxDays: 2,
  ...change,
})
const aZone = (countries: string[], ...methods: ShippingMethod[]): ShippingZone => ({
  id: countries.join(),
  name: 'Zone',
  countries,
  methods,
})
const lines = (...given: [quantity: number, unitPriceMinor: number, weightGrams?: number][]): ShippedLine[] =>
  given.map(([quantity, unitPriceMinor, weightGrams]) => ({ quantity, unitPriceMinor, weightGrams }))

const quote = (
  zones: ShippingZone[],
  given: ShippedLine[],
  currency = 'GBP',
  country = 'GB',
  method = 'parcel',
) => {
  const found = findShippingMethod({ zones }, { country, postalCode: null, currency, lines: given, method })
  return 'quote' in found ? found.quote.priceMinor : found.refusal
}

it('prices by weight from the highest step that all units together reach', () => {
  const rates = [
    { from: 0, price: [gbp(400)] },
    { from: 2_000, price: [gbp(700)] },
    { from: 1_000, price: [gbp(550), eur(600)] },
  ]
  const zones = [aZone(['GB'], aMethod({ by: 'weight', rates }))]
  expect(quote(zones, lines([3, 100, 333]))).toBe(400)
  expect(quote(zones, lines([2, 100, 333], [1, 100, 334]))).toBe(550)
  expect(quote(zones, lines([2_000, 100, 1], [5, 100]))).toBe(700)
  expect(quote(zones, lines([2, 100, 333]), 'EUR')).toBe('no-price')
  expect(quote(zones, lines([9, 100, 333]), 'EUR')).toBe(600)
})

it('prices by what the goods cost, each currency by its own steps, and frees from a threshold on', () => {
  const rates = [
    { from: 0, price: [gbp(400), eur(500)] },
    { from: 5_000, price: [gbp(200)] },
    { from: 6_000, price: [eur(250)] },
  ]
  const zones = [aZone(['*'], aMethod({ by: 'amount', rates, freeFrom: [gbp(10_000)] }))]
  expect([4_999, 5_000, 9_999, 10_000].map((price) => quote(zones, lines([1, price])))).toEqual([
    400, 200, 200, 0,
  ])
  expect([5_999, 6_000, 10_000].map((price) => quote(zones, lines([1, price]), 'EUR'))).toEqual([
    500, 250, 250,
  ])
})

it('takes the zone that names the country before the one for all others, and states why there is no price', () => {
  const free = aMethod({ id: 'free', rates: [] })
  const zones = [aZone(['*'], free), aZone(['GB', 'IE'], aMethod({}), free)]
  const request = { postalCode: null, currency: 'JPY', lines: [] }
  expect(listShippingQuotes({ zones }, { ...request, country: 'GB' })).toMatchObject([
    { methodId: 'free', priceMinor: 0 },
  ])
  expect(quote(zones, [], 'GBP', 'IE')).toBe(400)
  expect(quote(zones, [], 'JPY', 'IE')).toBe('no-price')
  expect(quote(zones, [], 'GBP', 'FR')).toBe('unknown-method')
  expect(quote(zones.slice(1), [], 'GBP', 'FR')).toBe('country-not-served')
})
