import type { Money } from '@storewright/contracts'

/** Minor units and their currency as the API and the events show them. */
export const money = (amount: number, currency: string): Money => ({ amount, currency })
