import { expect, it } from 'vitest'
import { decodeCursor, encodeCursor } from './pages.ts'
import { Problem } from './problem.ts'

it('gives back what was packed', () => {
  const cursor = encodeCursor([1299, 'MUG-ü', 'id'])
  expect(cursor).toMatch(/^[\w-]+$/)
  expect(decodeCursor(cursor, ['number', 'string', 'string'])).toEqual([1299, 'MUG-ü', 'id'])
})

const pack = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

it.each([
  ['nothing', ''],
  ['no base64', '***'],
  ['no JSON', Buffer.from('[1,').toString('base64url')],
  ['no list', pack({ 0: 1 })],
  ['too few values', pack([1])],
  ['too many values', pack([1, 'a', 'b'])],
  ['another type', pack(['1', 'a'])],
  ['an object inside', pack([1, { $ne: 1 }])],
  ['null', pack([1, null])],
  ['a NUL', pack([1, 'a\0'])],
  ['half a character', pack([1, '\ud800'])],
])('refuses a cursor of %s', (_what, cursor) => {
  expect(() => decodeCursor(cursor, ['number', 'string'])).toThrow(Problem)
})

it('takes only what looks like an id for one', () => {
  const id = '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69'
  expect(decodeCursor(pack([id]), ['id'])).toEqual([id])
  for (const other of ['', 'é'.repeat(36), `${id}0`, id.toUpperCase(), 1]) {
    expect(() => decodeCursor(pack([other]), ['id'])).toThrow(Problem)
  }
})
