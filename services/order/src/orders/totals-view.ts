import { money } from '../money.ts'
import type { Totals } from './totals.ts'

/** Totals as the API and the events show them. */
export const totalsView = (totals: Totals, currency: string) => ({
  subtotal: money(totals.subtotalMinor, currency),
  discount: money(totals.discountMinor, currency),
  shipping: money(totals.shippingMinor, currency),
  tax: money(totals.taxMinor, currency),
  total: money(totals.totalMinor, currency),
})
