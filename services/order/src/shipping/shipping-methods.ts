/** Flat rates, in minor units of whatever currency the order has; the first is what a cart assumes. */
const methods = [
  { id: 'standard', name: 'Standard delivery', priceMinor: 0, minDays: 3, maxDays: 5 },
  { id: 'express', name: 'Express delivery', priceMinor: 599, minDays: 1, maxDays: 2 },
] as const

export type ShippingMethod = (typeof methods)[number]

/** What a customer can choose from. */
export const listShippingMethods = (): readonly ShippingMethod[] => methods

/** The chosen method; undefined for one that is not offered. */
export const findShippingMethod = (id: string): ShippingMethod | undefined =>
  methods.find((method) => method.id === id)
