import { parseJson } from '@storewright/database'
import type { Db } from '../database.ts'
import { ATTRIBUTE_PREFIX, COLUMNS } from './csv-rows.ts'
import { toMajorUnits } from './major-units.ts'
import { listAttributeNames, listCategoryNames, listForExport } from './queries.ts'

const PRODUCTS_AT_ONCE = 500

const quote = (text: string) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const line = (cells: string[]) => `${cells.map(quote).join(',')}\n`

/** Path of each category, as an import takes it. */
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
  yield line([...COLUMNS, ...attributeNames.map((name) => ATTRIBUTE_PREFIX + name)])
  for (let after = ''; ;) {
    const rows = await listForExport(db, after, PRODUCTS_AT_ONCE)
    const last = rows.at(-1)
    if (!last) return
    after = last.id
    const siblings = Map.groupBy(rows, ({ id }) => id)
    yield rows
      .map((row) => {
        const { sku, name, amount, currency } = row
        // A product without variants has no row in this format.
        if (sku === null || name === null || amount === null || currency === null) return ''
        const isAlone = siblings.get(row.id)?.length === 1
        const attributes = { ...parseJson(row.shared), ...parseJson(row.attributes ?? '{}') }
        return line([
          sku,
          row.handle ?? (isAlone ? '' : row.slug),
          name,
          row.description,
          pathOf(row.categoryId),
          toMajorUnits(amount, currency),
          currency,
          row.status,
          parseJson(row.media)[0]?.url ?? '',
          ...attributeNames.map((attribute) => attributes[attribute] ?? ''),
        ])
      })
      .join('')
  }
}
