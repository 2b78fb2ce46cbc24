/** Flat rates, in minor units of whatever currency the order has. */
const methods = [
  { id: 'standard', name: 'Standard delivery', priceMinor: 0, minDays: 3, maxDays: 5 },
  { id: 'express', name: 'Express delivery', priceMinor: 599, minDays: 1, maxDays: 2 },
] as const

type ShippingMethod = (typeof methods)[number]

/** What a customer can choose from. */
export const listShippingMethods = (): readonly ShippingMethod[] => methods
