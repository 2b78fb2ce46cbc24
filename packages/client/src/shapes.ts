// What the tools read of the API's answers; the answers hold more.
import type { Money } from '@storewright/contracts'

export type Tokens = { accessToken: string; refreshToken: string; tokenType: string; expiresIn: number }

export type Category = { id: string; slug: string; name: string }

export type Variant = { sku: string; name: string; price: Money; stockStatus?: string }

export type Product = {
  id: string
  slug: string
  name: string
  status: 'draft' | 'published' | 'archived'
  version: number
  price: Money
  variants: Variant[]
}

export type ImportReport = {
  created: number
  updated: number
  unchanged: number
  rejected: { line: number; errors: { path: string; message: string }[] }[]
  rejectedCount: number
}

export type Stock = { sku: string; status: string; available: number; onHand?: number; reserved?: number }

export type Totals = Record<'subtotal' | 'discount' | 'shipping' | 'tax' | 'total', Money>

export type Cart = {
  id: string
  currency: string
  version: number
  items: { sku: string; name: string; quantity: number; unitPrice: Money; total: Money }[]
  totals: Totals
}

export type OrderStatus =
  | 'pending'
  | 'reserved'
  | 'awaiting_payment'
  | 'confirmed'
  | 'partly_shipped'
  | 'shipped'
  | 'delivered'
  | 'rejected'
  | 'cancelled'
  | 'returned'

export type Order = {
  id: string
  number: string
  status: OrderStatus
  reason?: string | null
  shortages?: { sku: string; wanted: number; available: number }[]
  lines: { sku: string; name: string; quantity: number; unitPrice: Money; total: Money }[]
  totals: Totals
  payment: { status: string }
  placedAt: string
  version: number
  /** Only in the answer to the order that was just placed. */
  accessToken?: string
}

export type TimelineEntry = { at: string; type: string; by: string; summary: string; correlationId: string }

export type Address = { name: string; line1: string; city: string; postalCode: string; country: string }

export type Demand = { sku: string; quantity: number }[]

export type List<Item> = { items: Item[]; nextCursor: string | null }
