import { Timestamp, Uuid } from '@storewright/contracts'
import { countries } from '@storewright/runtime/countries'
import { Type } from 'typebox'
import { orNull, Version } from '../schemas.ts'

const fields = {
  name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', examples: ['VAT'] }),
  country: Type.String({
    pattern: '^[A-Z]{2}$',
    maxLength: 2,
    description: 'ISO 3166-1 alpha-2; where the goods go',
    examples: ['GB'],
  }),
  category: Type.Optional(
    orNull(Uuid, { description: 'and all below it; null: whatever has no rate of its own' }),
  ),
  basisPoints: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    description: 'hundredths of a per cent; 0 is zero-rated',
    examples: [2_000],
  }),
  included: Type.Boolean({ description: 'whether prices contain it; else it is added' }),
  validFrom: Type.Optional({ ...Timestamp, description: 'until a later one begins; now where it is absent' }),
}
const example = {
  name: 'VAT',
  country: 'GB',
  category: null,
  basisPoints: 2_000,
  included: true,
  validFrom: '2026-01-01T00:00:00.000Z',
}

export const NewTaxRate = Type.Object(fields, { title: 'NewTaxRate', examples: [example] })
export const TaxRatePatch = Type.Partial(Type.Object(fields), {
  title: 'TaxRatePatch',
  minProperties: 1,
  examples: [{ name: 'Value added tax' }],
})
export const TaxRateView = Type.Object(
  {
    id: Uuid,
    ...fields,
    category: orNull(Uuid),
    validFrom: Timestamp,
    version: Version,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  {
    title: 'TaxRate',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5b20',
        ...example,
        version: 1,
        createdAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

export const isCountry = (code: string) => countries.includes(code)
