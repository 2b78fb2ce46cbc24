import { Type, type Static } from 'typebox'

const text = (maxLength: number, ...examples: string[]) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', ...(examples.length > 0 ? { examples } : {}) })

export const anAddress = {
  name: 'Ada Shopper',
  line1: '1 High Street',
  city: 'Leeds',
  postalCode: 'LS1 1AA',
  country: 'GB',
}

/** Where goods or bills go. */
export const Address = Type.Object(
  {
    name: text(200, 'Ada Shopper'),
    company: Type.Optional(text(200)),
    line1: text(200, '1 High Street'),
    line2: Type.Optional(text(200)),
    city: text(100, 'Leeds'),
    region: Type.Optional(text(100)),
    postalCode: Type.String({ maxLength: 20, examples: ['LS1 1AA'] }),
    country: Type.String({
      pattern: '^[A-Z]{2}$',
      maxLength: 2,
      description: 'ISO 3166-1 alpha-2',
      examples: ['GB'],
    }),
    phone: Type.Optional(text(40)),
  },
  { title: 'PostalAddress', examples: [anAddress] },
)
export type Address = Static<typeof Address>
