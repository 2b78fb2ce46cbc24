import { describe, expect, it } from 'vitest'
import { findMismatch } from './order-holds.ts'
import { sideBySide } from './side-by-side.ts'

const goods = { units: 3, sum: 42 }
const order = (status: string, change = {}) => ({ id: 'a', status, overdue: 0, ...goods, ...change })
const hold = (live: number, change = {}) => ({ id: 'a', live, ...goods, ...change })

describe('an order and the hold on its stock', () => {
  it.each(['pending', 'reserved', 'awaiting_payment', 'confirmed', 'partly_shipped'])(
    '%s may hold',
    (status) => {
      expect(findMismatch(order(status), hold(1))).toBeNull()
    },
  )

  it.each(['reserved', 'awaiting_payment', 'confirmed', 'partly_shipped'])('%s must hold', (status) => {
    expect(findMismatch(order(status), hold(0))).toContain('no stock is held')
    expect(findMismatch(order(status), undefined)).toContain('no stock is held')
  })

  it.each(['rejected', 'cancelled', 'shipped', 'delivered', 'returned'])('%s must not hold', (status) => {
    expect(findMismatch(order(status), hold(1))).toContain('still held')
    expect(findMismatch(order(status), hold(0))).toBeNull()
    expect(findMismatch(order(status), undefined)).toBeNull()
  })

  it('a pending order may wait for its stock until its deadline', () => {
    expect(findMismatch(order('pending'), undefined)).toBeNull()
    expect(findMismatch(order('pending', { overdue: 1 }), undefined)).toContain('no stock is held')
  })

  it('other goods or another number of them is a mismatch, and so is a hold without an order', () => {
    expect(findMismatch(order('confirmed'), hold(1, { units: 2 }))).toContain('other stock')
    expect(findMismatch(order('confirmed'), hold(1, { sum: 41 }))).toContain('other stock')
    expect(findMismatch(undefined, hold(1))).toContain('does not exist')
    expect(findMismatch(undefined, hold(0))).toBeNull()
  })
})

it('walks two sorted lists side by side', async () => {
  const list = async function* (...ids: string[]) {
    for (const id of ids) yield { id }
  }
  const pairs: string[] = []
  for await (const pair of sideBySide(list('a', 'b', 'd'), list('b', 'c', 'd', 'e')))
    pairs.push(pair.map((row) => row?.id ?? '-').join(''))
  expect(pairs).toEqual(['a-', 'bb', '-c', 'dd', '-e'])
})
