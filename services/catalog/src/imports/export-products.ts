import { toCsvLine } from '@storewright/runtime/csv'
import type { Db } from '../database.ts'
import { listProductsAfter } from '../products/load-products.ts'
import { activeVariants } from '../products/product.ts'
import { ATTRIBUTE_PREFIX, COLUMNS, TEXTS } from './csv-rows.ts'
import { toMajorUnits } from './row.ts'
import { listAttributeNames, listCategoryNames } from './queries.ts'

const PRODUCTS_AT_ONCE = 500

const readPaths = async (db: Db) => {
  const categories = new Map((await listCategoryNames(db)).map((row) => [row.id, row]))
  const pathOf = (id: string | null): string[] => {
    const category = id === null ? undefined : categories.get(id)
    return category ? [...pathOf(category.parentId), category.name] : []
  }
  return (id: string | null) => pathOf(id).join(' > ')
}

/** All variants as CSV in the import's format: importing it again changes nothing. */
export async function* exportProducts(db: Db): AsyncGenerator<string> {
  const attributeNames = await listAttributeNames(db)
  const pathOf = await readPaths(db)
  yield toCsvLine([...COLUMNS, ...attributeNames.map((name) => ATTRIBUTE_PREFIX + name)])
  for (let after = ''; ;) {
    const products = await listProductsAfter(db, after, PRODUCTS_AT_ONCE)
    const last = products.at(-1)
    if (!last) return
    after = last.id
    yield products
      .flatMap((product) => {
        const variants = activeVariants(product)
        return variants.map(({ sku, name, prices, ...variant }) => {
          const [price] = prices
          const attributes = { ...product.attributes, ...variant.attributes }
          return toCsvLine([
            sku,
            product.handle ?? (variants.length === 1 ? '' : product.slug),
            name,
            ...TEXTS.map((text) => product[text.name]),
            pathOf(product.categoryIds[0] ?? null),
            price ? toMajorUnits(price.amount, price.currency) : '',
            price?.currency ?? '',
            product.status,
            product.media[0]?.url ?? '',
            ...attributeNames.map((attribute) => attributes[attribute] ?? ''),
          ])
        })
      })
      .join('')
  }
}
