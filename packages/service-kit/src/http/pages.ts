import { MAX_CURSOR } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import { Problem } from './problem.ts'

export const PageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'how many at most' }),
  cursor: Type.Optional(Type.String({ maxLength: MAX_CURSOR, description: 'nextCursor of the page before' })),
})
export type PageQuery = Static<typeof PageQuery>

/** `id`: text that a column of ids can be compared with. `time`: a Date within the years that databases know. */
type ValueType = 'id' | 'number' | 'text' | 'time'
type ValueOf<T extends ValueType> = T extends 'number' ? number : T extends 'time' ? Date : string
type Values<Types extends readonly ValueType[]> = { -readonly [I in keyof Types]: ValueOf<Types[I]> }

const ID = /^[0-9a-f-]{36}$/
const isText = (value: unknown) => typeof value === 'string' && value.isWellFormed() && !value.includes('\0')

const isTime = (value: unknown) => {
  const year = typeof value === 'number' ? new Date(value).getUTCFullYear() : NaN
  return year >= 1 && year <= 9_999
}

const matches: Record<ValueType, (value: unknown) => boolean> = {
  id: (value) => typeof value === 'string' && ID.test(value),
  number: Number.isSafeInteger,
  text: isText,
  time: isTime,
}

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return null
  }
}

export const invalidCursor = () =>
  new Problem('invalid-cursor', 'Start again without a cursor.', {
    errors: [{ path: 'cursor', message: 'does not belong to this list' }],
  })

/** They hold the sort key of a page's last row, and every other list and order refuses them. */
export const defineCursor = <const Types extends readonly ValueType[]>(list: string, types: Types) => ({
  encode: (...key: Values<Types>): string => {
    const values = (key as readonly unknown[]).map((value) =>
      value instanceof Date ? value.getTime() : value,
    )
    return Buffer.from(JSON.stringify([list, ...values])).toString('base64url')
  },
  decode: (cursor: string | undefined): Values<Types> | undefined => {
    if (cursor === undefined) return undefined
    const [of, ...values] = [parse(cursor)].flat()
    const fits =
      of === list &&
      values.length === types.length &&
      types.every((type, index) => matches[type](values[index]))
    if (!fits) throw invalidCursor()
    return types.map((type, index) =>
      type === 'time' ? new Date(values[index] as number) : values[index],
    ) as Values<Types>
  },
})

/** Out of up to `limit + 1` rows: the one more only shows that there is a next page. */
export const pageOf = <Row, Item = Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (last: Row) => string,
  toItem: (row: Row) => Item = (row) => row as unknown as Item,
): { items: Item[]; nextCursor: string | null } => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map((row) => toItem(row)),
    nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  }
}
