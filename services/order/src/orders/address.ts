import { Type, type Static } from 'typebox'

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' })

/** Where goods or bills go. */
export const Address = Type.Object({
  name: text(200),
  company: Type.Optional(text(200)),
  line1: text(200),
  line2: Type.Optional(text(200)),
  city: text(100),
  region: Type.Optional(text(100)),
  postalCode: Type.String({ maxLength: 20 }),
  country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2', examples: ['GB'] }),
  phone: Type.Optional(text(40)),
})
export type Address = Static<typeof Address>
