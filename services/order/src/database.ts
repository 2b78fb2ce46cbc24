import { idempotencyMigrations, loadMigrations } from '@storewright/database'
import { messagingMigrations } from '@storewright/messaging'
import type { ColumnType, Generated, Kysely, Transaction } from 'kysely'
import type { OrderStatus, PaymentStatus } from './orders/order.ts'
import type { PaymentTables } from './payments/payment-tables.ts'

/** Who took a step: `system` is everything that no person requested at that moment. */
export type Actor = 'customer' | 'system' | 'staff'

/** Written as text; arrives parsed from MySQL and as text from MariaDB. */
type Json = ColumnType<unknown, string, string>

export interface CartLineState {
  sku: string
  quantity: number
  /** Minor units of the cart's currency: what the customer was shown with the last change of the cart. */
  seenPriceMinor: number
}

export interface Database extends PaymentTables {
  offer_products: { product_id: string; version: number }
  offers: {
    sku: string
    product_id: string
    product_version: number
    name: string
    /** Minor units by currency. */
    prices: ColumnType<Record<string, number> | string, string, string>
    /** The product's own categories, without those above them; null where they are not known yet. */
    category_ids: ColumnType<unknown, string | null | undefined, string | null>
    /** Of one unit, packed. */
    weight_grams: Generated<number | null>
    on_sale: ColumnType<number, boolean, boolean>
  }
  stock_statuses: { sku: string; version: number; status: string; available: number }
  promotions: {
    promotion_id: string
    version: number
    code: string | null
    ends_at: Date | null
    /** Kept, so that a late event does not bring it back. */
    deleted: ColumnType<number, boolean, boolean>
    /** The promotion as `@storewright/promotions` reads it. */
    state: Json
  }
  coupon_redemptions: { order_id: string; promotion_id: string; customer_key: string; redeemed_at: Date }
  /** `allowed` is the limit of the last use. */
  promotion_uses: { promotion_id: string; used: number; allowed: number }
  promotion_customer_uses: { promotion_id: string; customer_key: string; used: number; allowed: number }
  /** One row: counts up with whatever carts are priced by. */
  pricing_versions: { id: number; version: number }
  shipping_zones: {
    id: string
    name: string
    methods: Json
    version: Generated<number>
    created_at: Date
    updated_at: Date
  }
  /** `*` is every country that is in no zone. */
  shipping_zone_countries: { country: string; zone_id: string }
  tax_rates: {
    id: string
    name: string
    country: string
    /** '' is whatever has no rate of its own. */
    category_id: string
    basis_points: number
    included: ColumnType<number, boolean, boolean>
    valid_from: Date
    version: Generated<number>
    created_at: Date
    updated_at: Date
  }
  categories: {
    category_id: string
    version: number
    parent_id: string | null
    deleted: ColumnType<number, boolean, boolean>
  }
  account_contacts: {
    user_id: string
    /** Of the owner's aggregate: the newest wins. */
    version: number
    /** In its normal form. */
    email: string
    name: string | null
    locale: string | null
    tax_exempt: ColumnType<number, boolean, boolean>
  }
  carts: {
    id: string
    user_id: string | null
    currency: string
    status: Generated<'open' | 'ordered' | 'merged'>
    order_id: string | null
    merged_into: string | null
    version: Generated<number>
    lines: ColumnType<CartLineState[] | string, string, string>
    /** Coupon codes in their normal form, in order of entry. */
    codes: ColumnType<string[] | string, string, string>
    /** Where it is to be sent, and how, as far as the customer has chosen. */
    country: string | null
    postal_code: string | null
    shipping_method: string | null
    /** `userId:currency` while it is the user's active cart; unique. */
    active_key: string | null
    /** When it may be deleted; null for what is kept: active carts and ordered ones. */
    expires_at: Date | null
    /** Since when there is a change that no CartActivity reported. */
    activity_due_at: Date | null
    /** When to look whether it has been left alone. */
    abandon_due_at: Date | null
    abandoned_at: Date | null
    created_at: Date
    updated_at: Date
  }
  orders: {
    id: string
    seq: Generated<number>
    cart_id: string
    /** The cart that a rejected or expired order left behind. */
    retry_cart_id: string | null
    user_id: string | null
    access_token_hash: string | null
    email: string | null
    /** What the client app calls itself. */
    channel: string | null
    status: Generated<OrderStatus>
    reason: string | null
    shortages: ColumnType<unknown, string | null | undefined, string | null>
    currency: string
    shipping_address: Json
    billing_address: ColumnType<unknown, string | null, string | null>
    shipping_method: string
    subtotal_minor: number
    discount_minor: Generated<number>
    /** What each promotion took off. */
    discounts: ColumnType<unknown, string | null | undefined, string | null>
    shipping_minor: Generated<number>
    tax_minor: Generated<number>
    /** The part of the tax that the prices contain already. */
    tax_included_minor: Generated<number>
    /** The part of the tax that is on shipping. */
    shipping_tax_minor: Generated<number>
    total_minor: number
    payment_status: Generated<PaymentStatus>
    payment_reason: string | null
    payment_provider: string
    payment_token: string | null
    /** What the customer has to do, while the payment waits for that. */
    payment_action: ColumnType<unknown, string | null | undefined, string | null>
    authorized_minor: Generated<number>
    captured_minor: Generated<number>
    refunded_minor: Generated<number>
    /** Of a manual payment, as staff recorded it. */
    received_minor: Generated<number>
    correlation_id: string
    version: Generated<number>
    placed_at: Date
    reserved_at: Date | null
    confirmed_at: Date | null
    cancelled_at: Date | null
    expires_at: Date | null
    /** When the person was taken out of the order. */
    erased_at: Generated<Date | null>
  }
  order_lines: {
    order_id: string
    position: number
    id: string
    sku: string
    name: string
    quantity: number
    unit_price_minor: number
    discount_minor: Generated<number>
    tax_minor: Generated<number>
    tax_included_minor: Generated<number>
    /** Hundredths of a per cent; null where the country had no rate. */
    tax_basis_points: Generated<number | null>
    total_minor: number
    shipped_quantity: Generated<number>
  }
  order_timeline: {
    id: Generated<number>
    order_id: string
    at: Date
    type: string
    done_by: Actor
    summary: string
    /** What the step is about, by its type; null on steps of before there was any. */
    data: ColumnType<unknown, string, string>
    correlation_id: string
  }
  shipments: {
    id: string
    order_id: string
    status: 'capturing' | 'shipped' | 'failed'
    reason: string | null
    carrier: string
    tracking_number: string
    amount_minor: number
    created_at: Date
    shipped_at: Date | null
  }
  shipment_lines: { shipment_id: string; position: number; sku: string; quantity: number }
  erased_users: { user_id: string; erasure_id: string; erased_at: Date; records: Generated<number> }
}

export type Db = Kysely<Database>
export type Trx = Transaction<Database>

export const allMigrations = async () => ({
  ...messagingMigrations,
  ...idempotencyMigrations,
  ...(await loadMigrations(new URL('../migrations/', import.meta.url))),
})
