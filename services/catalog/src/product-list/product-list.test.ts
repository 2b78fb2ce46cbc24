import { describe, expect, it } from 'vitest'
import { chooseDriver, isWalkedBy, MAX_EXACT, type Filter } from './product-list.ts'

const colour: Filter = { kind: 'attribute', nameKey: 'colour', valueKeys: ['blue'] }
const price: Filter = { kind: 'price', min: 0, max: 100 }

describe('the set that a list is read from', () => {
  it('is the smallest', () => {
    expect(chooseDriver([colour, price], { scope: 900, filters: [500, 300] })).toBe(price)
    expect(chooseDriver([colour, price], { scope: 100, filters: [500, 300] })).toBe('scope')
    expect(chooseDriver([], { scope: 5, filters: [] })).toBe('scope')
  })

  it('is none where each is too large to be read', () => {
    const many = MAX_EXACT + 1
    expect(chooseDriver([colour, price], { scope: many, filters: [many, many] })).toBeUndefined()
    expect(chooseDriver([colour], { scope: 100_000, filters: [MAX_EXACT] })).toBe(colour)
  })

  it('counts stock and price as one, as long as a list asks for both', () => {
    const stock: Filter = { kind: 'stock', inStock: true }
    const counts = { scope: 9_000, filters: [7_000, 8_000], stockInPrice: 40 }
    expect(chooseDriver([stock, price], counts)).toBe(stock)
    expect(chooseDriver([stock], counts)).toBeUndefined()
  })
})

it('an order by price is walked within a price range, and no other order is', () => {
  expect([isWalkedBy('price', price), isWalkedBy('-price', price)]).toEqual([true, true])
  expect([isWalkedBy('newest', price), isWalkedBy('price', colour)]).toEqual([false, false])
})
