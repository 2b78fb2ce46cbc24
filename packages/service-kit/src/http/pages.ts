import { Type, type Static } from 'typebox'
import { Problem } from './problem.ts'

/** Query of every list. */
export const PageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'how many at most' }),
  cursor: Type.Optional(Type.String({ maxLength: 1_000, description: 'nextCursor of the page before' })),
})
export type PageQuery = Static<typeof PageQuery>

/** Packs the sort key of a page's last row; opaque to clients. */
export const encodeCursor = (values: (string | number)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url')

/** `id`: text that may stand in a column of ids, which takes no other letters, not even to compare with. */
type Shape = readonly ('string' | 'number' | 'id')[]
type Values<S extends Shape> = { -readonly [I in keyof S]: S[I] extends 'number' ? number : string }

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return null
  }
}

/** Unpacks a cursor, or ends the request: a cursor is a client's input like any other. */
export const decodeCursor = <const S extends Shape>(cursor: string, shape: S): Values<S> => {
  const values = parse(cursor)
  const fits =
    Array.isArray(values) &&
    values.length === shape.length &&
    values.every((value, index) =>
      shape[index] === 'id'
        ? typeof value === 'string' && ID.test(value)
        : typeof value === shape[index] && (typeof value !== 'string' || isText(value)),
    )
  if (!fits) {
    throw new Problem('invalid-cursor', 'Start again without a cursor.', {
      errors: [{ path: 'cursor', message: 'is not one that this list gave' }],
    })
  }
  return values as Values<S>
}

const ID = /^[0-9a-f-]{36}$/
const isText = (value: string) => value.isWellFormed() && !value.includes('\0')
