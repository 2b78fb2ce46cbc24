import type { FieldError } from '@storewright/service-kit/http'
import { ATTRIBUTE_PREFIX, findColumn, NOTHING } from './columns.ts'

/** What a row of CSV empties: an empty cell leaves what is there, so the cell of `clear` names these columns. */
export interface Cleared {
  edits: [field: string, empty: unknown][]
  attributes: string[]
  prices: string[]
  /** Undefined is the currency of the only price. */
  compareAts: (string | undefined)[]
  isUncategorised: boolean
  isWeightless: boolean
  errors: FieldError[]
}

const SEPARATORS = /[\n,;]/
const MAX_SHOWN = 100

export const readCleared = (cell: string): Cleared => {
  const cleared: Cleared = {
    edits: [],
    attributes: [],
    prices: [],
    compareAts: [],
    isUncategorised: false,
    isWeightless: false,
    errors: [],
  }
  for (const name of cell.split(SEPARATORS).map((text) => text.trim())) {
    const column = name === '' ? undefined : findColumn(name)
    if (name === '') continue
    else if (column?.kind === 'text' || column?.kind === 'json')
      cleared.edits.push([column.name, NOTHING.get(column.name)])
    else if (column?.kind === 'attribute') cleared.attributes.push(column.name.slice(ATTRIBUTE_PREFIX.length))
    else if (column?.kind === 'price' && column.of === 'amount') cleared.prices.push(column.currency)
    else if (column?.kind === 'price') cleared.compareAts.push(column.currency)
    else if (column?.name === 'compareAtPrice') cleared.compareAts.push(undefined)
    else if (column?.name === 'category') cleared.isUncategorised = true
    else if (column?.name === 'weightGrams') cleared.isWeightless = true
    else
      cleared.errors.push({
        path: 'clear',
        message: `names "${name.slice(0, MAX_SHOWN)}", which ${column ? 'cannot be emptied' : 'is no column'}`,
      })
  }
  return cleared
}
