import { Currency, MAX_AMOUNT, Money, Price } from '@storewright/contracts'
import { Type } from 'typebox'

/** In how many currencies the variants of a product may have prices: each is a row of lists. */
export const MAX_CURRENCIES = 20

/** Free goods are a promotion's: a price of 0 is a slip of the pen, or a missing cell. */
const SalePrice = Type.Object(
  {
    ...Price.properties,
    amount: Type.Integer({ minimum: 1, maximum: MAX_AMOUNT, description: 'minor units' }),
  },
  { additionalProperties: false, title: 'SalePrice', examples: [{ amount: 1299, currency: 'GBP' }] },
)

const CompareAt = Type.Optional(
  Type.Union([Price, Type.Null()], {
    description: 'what `price` is compared with: above it, in its currency',
  }),
)

const pricesOf = (price: typeof Price | typeof SalePrice) => ({
  price: Type.Optional(price),
  compareAtPrice: CompareAt,
  prices: Type.Optional(
    Type.Array(
      Type.Object(
        { ...price.properties, compareAtPrice: CompareAt },
        {
          additionalProperties: false,
          title: 'NewPriceInCurrency',
          examples: [{ amount: 1499, currency: 'EUR', compareAtPrice: { amount: 1799, currency: 'EUR' } }],
        },
      ),
      {
        minItems: 1,
        maxItems: MAX_CURRENCIES,
        description: 'one for each currency, beside `price` or instead of it',
      },
    ),
  ),
})

/** The prices of a variant: one alone, several, or one beside several. */
export const PricesInput = pricesOf(SalePrice)
/** Those of a file, which may state a 0 that older code took. */
export const ImportedPrices = pricesOf(Price)

export const LOWEST =
  'lowest price while on sale of the 30 days before the present price began: the prior price of Directive 98/6/EC, article 6a'

/** In which currency `price` and the fields beside it are. */
export const CurrencyQuery = Type.Object({
  currency: Type.Optional({
    ...Currency,
    description: 'of `price`; the currency of the shop where it is absent',
  }),
})

export const ShownMoney = Type.Union([Money, Type.Null()])

export const VariantPrice = Type.Object(
  {
    amount: Type.Integer({ minimum: 0, maximum: MAX_AMOUNT, description: 'minor units' }),
    currency: Currency,
    compareAtPrice: ShownMoney,
    lowestPrice30Days: { ...Money, description: LOWEST },
  },
  {
    title: 'VariantPrice',
    examples: [
      {
        amount: 1299,
        currency: 'GBP',
        compareAtPrice: null,
        lowestPrice30Days: { amount: 1199, currency: 'GBP' },
      },
    ],
  },
)
