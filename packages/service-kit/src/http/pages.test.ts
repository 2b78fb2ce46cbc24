import { describe, expect, it } from 'vitest'
import { NextCursor } from '@storewright/contracts'
import { Value } from 'typebox/value'
import { defineCursor, pageOf, PageQuery } from './pages.ts'
import { Problem } from './problem.ts'

const pack = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const ID = '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69'

describe('a cursor', () => {
  const products = defineCursor('products by price', ['number', 'text'])
  const orders = defineCursor('orders', ['time', 'id'])

  it('decodes to the key that was encoded, and is safe in a URL', () => {
    const cursor = products.encode(1299, 'MUG-ü')
    expect(cursor).toMatch(/^[\w-]+$/)
    expect(products.decode(cursor)).toEqual([1299, 'MUG-ü'])
    const placedAt = new Date('2026-02-01T09:30:00.123Z')
    expect(orders.decode(orders.encode(placedAt, ID))).toEqual([placedAt, ID])
  })

  it.each([
    ['200 emoji', '🫖'.repeat(200)],
    ['200 characters that JSON escapes', '\u0001'.repeat(200)],
    ['254 characters of four bytes', '𝒂'.repeat(254)],
  ])('of %s fits in a query and in an answer', (_what, name) => {
    const names = defineCursor('products in a category by name', ['text', 'id'])
    const long = names.encode(name, ID)
    expect(Value.Check(NextCursor, long)).toBe(true)
    expect(Value.Check(PageQuery, { limit: 1, cursor: long })).toBe(true)
    expect(names.decode(long)).toEqual([name, ID])
  })

  it('that is absent decodes to undefined', () => expect(products.decode(undefined)).toBeUndefined())

  it('is refused by another list with a key of the same types', () => {
    const others = defineCursor('products by stock', ['number', 'text'])
    expect(() => others.decode(products.encode(1, 'a'))).toThrow(Problem)
  })

  it.each([
    ['nothing', ''],
    ['no base64', '***'],
    ['no JSON', Buffer.from('[1,').toString('base64url')],
    ['null', pack(null)],
    ['an object', pack({ 0: 'products by price', 1: 1, 2: 'a' })],
    ['no list', pack([1, 'a'])],
    ['too few values', pack(['products by price', 1])],
    ['too many values', pack(['products by price', 1, 'a', 'b'])],
    ['a value of another type', pack(['products by price', '1', 'a'])],
    ['a number that is not exact', pack(['products by price', 2 ** 53, 'a'])],
    ['a fraction', pack(['products by price', 1.5, 'a'])],
    ['an object as a value', pack(['products by price', 1, { $ne: 1 }])],
    ['a list as a value', pack(['products by price', 1, ['a']])],
    ['null as a value', pack(['products by price', 1, null])],
    ['a NUL', pack(['products by price', 1, 'a\0'])],
    ['half a character', pack(['products by price', 1, '\ud800'])],
  ])('made of %s is refused', (_what, cursor) => {
    expect(() => products.decode(cursor)).toThrow(Problem)
  })

  it.each(['', 'é'.repeat(36), `${ID}0`, ID.toUpperCase(), 1])('with %j for an id is refused', (id) => {
    expect(() => orders.decode(pack(['orders', 0, id]))).toThrow(Problem)
  })

  it.each([8.64e15 + 1, 253_402_300_800_000, -62_135_596_800_001, '0', null])(
    'with %j for a time is refused, since no database can compare it',
    (time) => {
      expect(() => orders.decode(pack(['orders', time, ID]))).toThrow(Problem)
    },
  )
})

describe('a page', () => {
  const cursors = defineCursor('things', ['number', 'number'])
  const stored = [1, 1, 1, 2, 2].map((rank, index) => ({ rank, id: index + 1 }))

  /** As a query reads it: sorted by rank and id, after the key, at most `limit` rows. */
  const read = (limit: number, cursor?: string | null) => {
    const [rank, id] = cursors.decode(cursor ?? undefined) ?? [0, 0]
    const rows = stored.filter((row) => row.rank > rank || (row.rank === rank && row.id > id))
    return pageOf(rows.slice(0, limit + 1), limit, (last) => cursors.encode(last.rank, last.id))
  }

  it('of fewer rows than the limit is the last', () =>
    expect(read(6)).toEqual({ items: stored, nextCursor: null }))

  it('of exactly as many rows as the limit is the last', () =>
    expect(read(5)).toEqual({ items: stored, nextCursor: null }))

  it('of one row more than the limit shows the limit, and a cursor of the last row that it shows', () => {
    expect(read(4)).toEqual({ items: stored.slice(0, 4), nextCursor: cursors.encode(2, 4) })
  })

  it('of nothing is empty and the last', () =>
    expect(pageOf([], 5, () => 'x')).toEqual({ items: [], nextCursor: null }))

  it('that ends between rows with equal sort keys goes on without a gap or a repeat', () => {
    const ids: number[] = []
    for (let page = read(2); ; page = read(2, page.nextCursor)) {
      ids.push(...page.items.map(({ id }) => id))
      if (page.nextCursor === null) break
    }
    expect(ids).toEqual([1, 2, 3, 4, 5])
  })

  it('shows its rows as items, and makes its cursor of the row', () => {
    const { items, nextCursor } = pageOf(
      stored,
      1,
      ({ rank, id }) => cursors.encode(rank, id),
      ({ id }) => `thing ${id}`,
    )
    expect({ items, nextCursor }).toEqual({ items: ['thing 1'], nextCursor: cursors.encode(1, 1) })
  })
})
