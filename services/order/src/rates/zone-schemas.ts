import { isCurrency, MAX_AMOUNT, Price, Timestamp, Uuid, type Money } from '@storewright/contracts'
import { countries } from '@storewright/runtime/countries'
import { Type, type Static } from 'typebox'
import { Version } from '../schemas.ts'
import { OTHER_COUNTRIES, type ShippingMethod } from './shipping.ts'

const Days = (description: string) => Type.Integer({ minimum: 0, maximum: 1_000, description })
const Name = (example: string) =>
  Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', examples: [example] })
const Prices = (description: string) => Type.Array(Price, { maxItems: 200, description })

const Rate = Type.Object(
  {
    from: Type.Integer({
      minimum: 0,
      maximum: MAX_AMOUNT,
      description: 'by weight: grams; by amount: minor units of the price’s own currency; flat: 0',
    }),
    price: Prices('one for each currency'),
  },
  { title: 'ShippingRate' },
)

const Method = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z0-9][a-z0-9_-]{0,39}$',
      maxLength: 40,
      description: 'for `shippingMethod` of an order; once in a zone',
      examples: ['express'],
    }),
    name: Name('Express delivery'),
    by: Type.Optional(
      Type.Enum(['flat', 'weight', 'amount'], {
        title: 'ShippingRateBy',
        description: 'what the rates go by: nothing, the weight, or what the goods cost before promotions',
      }),
    ),
    rates: Type.Optional(
      Type.Array(Rate, {
        maxItems: 100,
        description:
          'the highest `from` that is reached counts; without any it costs nothing in any currency',
      }),
    ),
    freeFrom: Type.Optional(Prices('goods for so much, before promotions, travel for nothing')),
    minDays: Days('from the order to the door, at least'),
    maxDays: Days('at most'),
  },
  { title: 'ZoneShippingMethod' },
)

const fields = {
  name: Name('Europe'),
  countries: Type.Array(Type.String({ pattern: '^([A-Z]{2}|[*])$', maxLength: 2 }), {
    minItems: 1,
    maxItems: 300,
    description: 'ISO 3166-1 alpha-2, each in one zone at most; `*` is every country that is in none',
    examples: [['FR', 'DE']],
  }),
  methods: Type.Array(Method, { maxItems: 50 }),
}

const example = {
  name: 'Europe',
  countries: ['DE', 'FR'],
  methods: [
    {
      id: 'express',
      name: 'Express delivery',
      by: 'weight',
      rates: [
        { from: 0, price: [{ amount: 599, currency: 'GBP' }] },
        { from: 5_000, price: [{ amount: 1_299, currency: 'GBP' }] },
      ],
      freeFrom: [{ amount: 10_000, currency: 'GBP' }],
      minDays: 1,
      maxDays: 2,
    },
  ],
}

export const NewZone = Type.Object(fields, { title: 'NewShippingZone', examples: [example] })
export const ZonePatch = Type.Partial(Type.Object(fields), {
  title: 'ShippingZonePatch',
  minProperties: 1,
  examples: [{ countries: ['DE', 'FR', 'NL'] }],
})
export const Zone = Type.Object(
  { id: Uuid, ...fields, version: Version, createdAt: Timestamp, updatedAt: Timestamp },
  {
    title: 'ShippingZone',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5b10',
        ...example,
        version: 1,
        createdAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

type Fault = { path: string; message: string }

const priceFaults = (prices: readonly Money[], path: string): Fault[] =>
  prices.flatMap(({ currency }, index) => {
    const at = `${path}.${index}.currency`
    if (!isCurrency(currency)) return [{ path: at, message: 'is no ISO 4217 currency' }]
    const isFirst = prices.findIndex((other) => other.currency === currency) === index
    return isFirst ? [] : [{ path: at, message: 'has a price already' }]
  })

const rateFaults = ({ by, rates }: ShippingMethod, path: string): Fault[] => {
  const seen = new Set<string>()
  return rates.flatMap(({ from, price }, index) => {
    const at = `${path}.rates.${index}`
    const faults = priceFaults(price, `${at}.price`)
    if (by === 'flat' && from !== 0) faults.push({ path: `${at}.from`, message: 'must be 0 for a flat rate' })
    for (const { currency } of price) {
      const key = `${from} ${currency}`
      if (seen.has(key)) faults.push({ path: `${at}.from`, message: `has a price in ${currency} already` })
      seen.add(key)
    }
    return faults
  })
}

/** What makes no sense in a zone that fits the schema. */
export const zoneFaults = (zone: {
  countries: readonly string[]
  methods: readonly ShippingMethod[]
}): Fault[] => [
  ...zone.countries.flatMap((country, index) =>
    country === OTHER_COUNTRIES || countries.includes(country)
      ? []
      : [{ path: `countries.${index}`, message: 'is no ISO 3166-1 country' }],
  ),
  ...zone.methods.flatMap((method, index) => {
    const path = `methods.${index}`
    const faults = [...rateFaults(method, path), ...priceFaults(method.freeFrom, `${path}.freeFrom`)]
    if (zone.methods.findIndex(({ id }) => id === method.id) !== index)
      faults.push({ path: `${path}.id`, message: 'is the id of another method of the zone' })
    if (method.minDays > method.maxDays)
      faults.push({ path: `${path}.maxDays`, message: 'must not be less than minDays' })
    return faults
  }),
]

/** With everything that a client may leave out. */
export const completeMethod = (method: Static<typeof Method>): ShippingMethod => ({
  ...method,
  by: method.by ?? 'flat',
  rates: method.rates ?? [],
  freeFrom: method.freeFrom ?? [],
})
