import { Problem } from '../problems.ts'

/** Flat rates, in minor units of whatever currency the order has. */
const methods = [
  { id: 'standard', name: 'Standard delivery', priceMinor: 0, minDays: 3, maxDays: 5 },
  { id: 'express', name: 'Express delivery', priceMinor: 599, minDays: 1, maxDays: 2 },
] as const

export type ShippingMethod = (typeof methods)[number]

/** What a customer can choose from. */
export const listShippingMethods = (): readonly ShippingMethod[] => methods

/** The chosen method, or 422 for one that is not offered. */
export const chooseShippingMethod = (id: string): ShippingMethod => {
  const method = methods.find((offered) => offered.id === id)
  if (method) return method
  const known = methods.map((offered) => offered.id).join(', ')
  throw new Problem('unknown-shipping-method', `Choose one of ${known}.`, {
    errors: [{ path: 'shippingMethod', message: `must be one of ${known}` }],
  })
}
