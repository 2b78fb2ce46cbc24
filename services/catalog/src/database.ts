import { idempotencyMigrations, loadMigrations } from '@storewright/database'
import { messagingMigrations } from '@storewright/messaging'
import type { Db as KyselyDb, Trx as KyselyTrx } from '@storewright/database'
import type { StockStatus } from '@storewright/contracts'
import type { Promotion } from '@storewright/promotions/promotion'
import type { Attributes } from './attributes.ts'
import type { AttributeDefinition } from './categories/definitions.ts'
import type { Seo } from './field-schemas.ts'
import type { Metadata } from './metadata.ts'
import type { ColumnType, Generated, GeneratedAlways, Insertable, Selectable } from 'kysely'
import type { VariantPrice } from './products/variant-prices.ts'

export type ProductStatus = 'draft' | 'published' | 'archived' | 'deleted'
export type ScheduleState = 'waiting' | 'applied' | 'failed'

/** A JSON column: written as text, read as MySQL (parsed) or MariaDB (text) sends it; `parseJson` takes both. */
type Json<T> = ColumnType<T | string, string, string>
type Instant = ColumnType<Date, Date, Date>
type MaybeInstant = ColumnType<Date | null, Date | null, Date | null>

/** Raise it when stored views of an unchanged product come out differently: services rewrite older ones at start. */
export const RENDERING = 4

interface CategoriesTable {
  id: string
  parent_id: string | null
  parent_key: string
  slug: string
  name: string
  name_key: string
  position: number
  /** Definitions of typed attributes, for the products in it and below it. */
  attributes: ColumnType<AttributeDefinition[] | string, string | undefined, string>
  /** 1 where there are definitions. */
  defines: GeneratedAlways<number>
  version: number
  created_at: Instant
  updated_at: Instant
}

interface ProductsTable {
  id: string
  slug: string
  /** The `product` column of the import that made it. */
  handle: string | null
  name: string
  description: string
  status: ProductStatus
  attributes: Json<Attributes>
  /** What variants are chosen by. */
  options: Json<{ name: string; values: string[] }[]>
  media: Json<{ url: string; alt: string }[]>
  seo: Json<Seo>
  metadata: Json<Metadata>
  popularity: Generated<number>
  version: number
  /** Rises with everything that a page shows; with the version it is the page's ETag. */
  revision: number
  /** The RENDERING of the code that wrote what is stored beside the product. */
  rendered: number
  created_at: Instant
  updated_at: Instant
  published_at: MaybeInstant
}

interface VariantsTable {
  sku: string
  product_id: string
  position: number
  name: string
  attributes: Json<Attributes>
  /** Option name → value. */
  options: Json<Record<string, string>>
  prices: Json<VariantPrice[]>
  weight_grams: number | null
  deleted: number
}

interface PriceHistoryTable {
  id: Generated<number>
  sku: string
  price_minor: number
  currency: string
  previous_minor: number | null
  previous_currency: string | null
  lowest_before_minor: number
  compare_at_minor: number | null
  /** 1 where the price was taken away: `price_minor` is what it was. */
  removed: number
  effective_at: Instant
  reason: string | null
  changed_by: string | null
}

/** What customers were asked for one unit, from when until when; the last one of a price is open-ended. */
interface SalePeriodsTable {
  id: Generated<number>
  sku: string
  currency: string
  amount_minor: number
  from_at: Instant
  until_at: Instant
}

interface ScheduledPricesTable {
  id: string
  sku: string
  price_minor: number
  currency: string
  compare_at_minor: number | null
  effective_at: Instant
  reason: string | null
  requested_by: string | null
  state: ScheduleState
  failure: string | null
}

interface ListingsTable {
  product_id: string
  scope: string
  status: Exclude<ProductStatus, 'deleted'>
  listed_at: Instant
  name: string
  price_minor: number
  /** '' in the lists of drafts and archived products that do not ask for prices. */
  currency: string
  in_stock: number
  popularity: number
}

interface ProductAttributesTable {
  product_id: string
  name_key: string
  value_key: string
  name: string
  value: string
  /** Of values that are numbers, not of text that looks like one. */
  number: number | null
}

interface ImportsTable {
  id: string
  started_by: string
  dry_run: number
  state: 'running' | 'finished' | 'failed'
  problem: string | null
  records_read: number
  /** An ImportReport as JSON. */
  report: string
  started_at: Instant
  updated_at: Instant
}

interface ImportProblemsTable {
  import_id: string
  line: number
  /** FieldErrors as JSON. */
  errors: string
}

interface SearchWordsTable {
  word: string
  /** Products that have it; changes of the last seconds may be missing. */
  documents: number
  /** Since when no product has it; it is deleted later. */
  emptied_at: Date | null
  first: GeneratedAlways<string>
  first_two: GeneratedAlways<string>
}

/** The tables of the search index; see their migrations. */
interface SearchTables {
  search_words: SearchWordsTable
  search_spellings: { spelling: string; word: string }
  search_postings: { word: string; strength: number; product_id: Buffer }
  search_documents: { product_id: Buffer; words: string }
  search_word_changes: { id: Generated<number>; word: string; change: number }
  search_queue: { category_id: string; after_product: string }
}

interface PromotionsTable {
  id: string
  code: string | null
  /** The code, as long as no other promotion may have it. */
  live_code: string | null
  enabled: number
  /** Needs no code and is enabled: every cart is offered it while it runs. */
  automatic: number
  starts_at: Instant
  ends_at: Instant
  state: Json<Promotion>
  version: number
  deleted: number
  created_at: Instant
  updated_at: Instant
}

interface PriceRefreshesTable {
  id: Generated<number>
  /** Null where categories moved. */
  promotion_id: string | null
  due_at: Instant
  /** Which products; see price-refreshes/queries.ts. */
  scope: Json<{ productIds: string[]; categoryIds: string[] }>
  /** The last product that is done. */
  after_id: Generated<string>
}

/** A product's row as it is read. */
export type ProductRow = Selectable<ProductsTable>

/** A value that an attribute has on a product or on a variant of it, with the keys by which it is found. */
export type AttributeRow = Selectable<ProductAttributesTable>

/** A product as it stands in the lists of one currency, before it is copied to its categories. */
export type Listing = Omit<Insertable<ListingsTable>, 'scope' | 'popularity'>

export interface Database extends SearchTables {
  categories: CategoriesTable
  category_ancestors: { category_id: string; ancestor_id: string }
  category_tree: { id: number }
  category_counts: { category_id: string; currency: string; shard: number; products: number }
  products: ProductsTable
  product_summaries: { product_id: string; currency: string; revision: number; summary: string }
  product_attributes: ProductAttributesTable
  product_categories: { product_id: string; position: number; category_id: string }
  variants: VariantsTable
  price_history: PriceHistoryTable
  sale_periods: SalePeriodsTable
  scheduled_prices: ScheduledPricesTable
  stock_statuses: { sku: string; status: StockStatus; version: number }
  listings: ListingsTable
  sku_sales: { sku: string; units: number; dirty: number }
  promotions: PromotionsTable
  price_refreshes: PriceRefreshesTable
  former_slugs: { kind: 'product' | 'category'; slug: string; owner_id: string }
  import_rows: { import_id: string; sku: string; line: number }
  imports: ImportsTable
  import_problems: ImportProblemsTable
}

export type Db = KyselyDb<Database>
export type Trx = KyselyTrx<Database>

/** Everything that this service's schema needs: its own tables and those of its packages. */
export const allMigrations = async () => ({
  ...messagingMigrations,
  ...idempotencyMigrations,
  ...(await loadMigrations(new URL('../migrations/', import.meta.url))),
})
