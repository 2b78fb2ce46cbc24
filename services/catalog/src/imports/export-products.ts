import { streamSnapshot } from '@storewright/database'
import { toCsvLine } from '@storewright/runtime/csv'
import { attributeNameKey, attributeText } from '../attributes.ts'
import type { Db, Trx } from '../database.ts'
import { tidyName } from '../names.ts'
import { listProductsAfter } from '../products/load-products.ts'
import { activeVariants, type Product } from '../products/product.ts'
import { priceIn, type VariantPrice } from '../products/variant-prices.ts'
import { ProductPatch } from '../schemas.ts'
import { ATTRIBUTE_PREFIX, COLUMNS, JSONS, TEXTS, VARIANT_OPTIONS } from './columns.ts'
import { toMajorUnits } from './major-units.ts'
import { hasWeights, listAttributeNames, listCategoryNames, listCurrencies } from './queries.ts'

const PRODUCTS_AT_ONCE = 500

export type ExportFormat = 'csv' | 'ndjson'

const readPaths = async (db: Trx) => {
  const categories = new Map((await listCategoryNames(db)).map((row) => [row.id, row]))
  const namesOf = (id: string | null): string[] => {
    const category = id === null ? undefined : categories.get(id)
    return category ? [...namesOf(category.parentId), category.name] : []
  }
  const paths = new Map([...categories.keys()].map((id) => [id, namesOf(id).join(' > ')]))
  return ({ categoryIds }: Product) => categoryIds.flatMap((id) => paths.get(id) ?? [])
}
type PathsOf = Awaited<ReturnType<typeof readPaths>>

const major = (amount: number | null | undefined, currency = '') =>
  amount === null || amount === undefined ? '' : toMajorUnits(amount, currency)

/** Empty where a column beside it, or the absence of a value, has it already. */
const jsonCell = (product: Product, field: (typeof JSONS)[number]): string => {
  const value = product[field]
  if (field === 'media' && product.media.every(({ alt }, index) => index === 0 && alt === '')) return ''
  return value === null || Object.keys(value).length === 0 ? '' : JSON.stringify(value)
}

/** The price of the columns `price` and `currency`: in the shop's currency where there is one. */
const mainPrice = (prices: VariantPrice[], currency: string) => priceIn({ prices }, currency) ?? prices[0]

const csvWriter = async (db: Trx, pathsOf: PathsOf, shopCurrency: string) => {
  // A column for each attribute, however products spell its name.
  const attributeNames = new Map<string, string>()
  for (const name of await listAttributeNames(db)) {
    const key = attributeNameKey(name)
    if (!attributeNames.has(key)) attributeNames.set(key, tidyName(name))
  }
  const used = await listCurrencies(db)
  const others = used.filter(({ currency }) => currency !== shopCurrency)
  const compared = used.filter(({ compares }) => compares).map(({ currency }) => currency)
  const hasCompareAt = compared.length > 0
  const isWeighed = await hasWeights(db)
  const header = [
    ...COLUMNS,
    ...[...attributeNames.values()].map((name) => ATTRIBUTE_PREFIX + name),
    ...JSONS,
    VARIANT_OPTIONS,
    ...(isWeighed ? ['weightGrams'] : []),
    ...others.map(({ currency }) => `price.${currency}`),
    ...(hasCompareAt ? ['compareAtPrice'] : []),
    ...(hasCompareAt ? others.map(({ currency }) => `compareAtPrice.${currency}`) : []),
  ]

  const priceCells = (prices: VariantPrice[], main: VariantPrice | undefined) => {
    const rest = others.map(({ currency }) =>
      currency === main?.currency ? null : priceIn({ prices }, currency),
    )
    const compareAts = [main, ...rest].map((price) => major(price?.compareAt, price?.currency))
    return [
      ...rest.map((price) => major(price?.amount, price?.currency)),
      ...(hasCompareAt ? compareAts : []),
    ]
  }

  const write = (product: Product) => {
    const variants = activeVariants(product)
    const shared = {
      product: product.handle ?? (variants.length === 1 ? '' : product.slug),
      texts: TEXTS.map((field) => product[field]),
      category: pathsOf(product).join('\n'),
      image: product.media[0]?.url ?? '',
      jsons: JSONS.map((field) => jsonCell(product, field)),
    }
    return variants
      .map(({ sku, name, prices, ...variant }) => {
        const main = mainPrice(prices, shopCurrency)
        const attributes = new Map(
          Object.entries({ ...product.attributes, ...variant.attributes }).map(([key, value]) => [
            attributeNameKey(key),
            value,
          ]),
        )
        return toCsvLine([
          sku,
          shared.product,
          name,
          ...shared.texts,
          shared.category,
          major(main?.amount, main?.currency),
          main?.currency ?? '',
          product.status,
          shared.image,
          ...[...attributeNames.keys()].map((key) => attributeText(attributes.get(key) ?? '')),
          ...shared.jsons,
          Object.keys(variant.options).length === 0 ? '' : JSON.stringify(variant.options),
          ...(isWeighed ? [variant.weightGrams === null ? '' : String(variant.weightGrams)] : []),
          ...priceCells(prices, main),
        ])
      })
      .join('')
  }
  return { header: toCsvLine(header), write }
}

const FIELDS = Object.keys(ProductPatch.properties).filter(
  (name) => name !== 'categoryIds',
) as (keyof typeof ProductPatch.properties & keyof Product)[]

const toStatedPrice = ({ amount, currency, compareAt }: VariantPrice) => ({
  amount,
  currency,
  ...(compareAt !== null && { compareAtPrice: { amount: compareAt, currency } }),
})

const ndjsonWriter = (pathsOf: PathsOf) => ({
  header: '',
  write: (product: Product) => {
    const line = {
      ...(product.handle === null ? {} : { product: product.handle }),
      ...Object.fromEntries(FIELDS.map((field) => [field, product[field]])),
      status: product.status,
      categories: pathsOf(product),
      variants: activeVariants(product).map(({ sku, name, prices, attributes, options, weightGrams }) => ({
        sku,
        name,
        prices: prices.map(toStatedPrice),
        attributes,
        options,
        ...(weightGrams !== null && { weightGrams }),
      })),
    }
    return `${JSON.stringify(line)}\n`
  },
})

/** The whole catalogue as it is at one instant, in the import's format: importing it again changes nothing. */
export const exportProducts = (db: Db, format: ExportFormat, currency: string): AsyncGenerator<string> =>
  streamSnapshot(db, async function* (trx) {
    const pathsOf = await readPaths(trx)
    const { header, write } =
      format === 'csv' ? await csvWriter(trx, pathsOf, currency) : ndjsonWriter(pathsOf)
    if (header) yield header
    for (let after = ''; ;) {
      const products = await listProductsAfter(trx, after, PRODUCTS_AT_ONCE)
      const last = products.at(-1)
      if (!last) return
      after = last.id
      yield products.map(write).join('')
    }
  })
