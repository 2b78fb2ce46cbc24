import { describe, expect, it } from 'vitest'
import { findMismatch } from './order-holds.ts'
import { mergeJoin } from './merge-join.ts'

const goods = { units: 3, sum: 42 }
type OrderStatus = NonNullable<Parameters<typeof findMismatch>[0]>['status']
const order = (status: OrderStatus, change = {}) => ({ id: 'a', status, overdue: 0, ...goods, ...change })
const hold = (active: 0 | 1, change = {}) => ({ id: 'a', active, ...goods, ...change })

describe('an order and the hold on its stock', () => {
  it.each<OrderStatus>(['pending', 'reserved', 'awaiting_payment', 'confirmed', 'partly_shipped'])(
    'accepts a hold for an order that is %s',
    (status) => {
      expect(findMismatch(order(status), hold(1))).toBeNull()
    },
  )

  it.each<OrderStatus>(['reserved', 'awaiting_payment', 'confirmed', 'partly_shipped'])(
    'finds a missing hold of an order that is %s',
    (status) => {
      expect(findMismatch(order(status), hold(0))).toContain('no stock is held')
      expect(findMismatch(order(status), undefined)).toContain('no stock is held')
    },
  )

  it.each<OrderStatus>(['rejected', 'cancelled', 'shipped', 'delivered', 'returned'])(
    'finds a hold of an order that is %s',
    (status) => {
      expect(findMismatch(order(status), hold(1))).toContain('still held')
      expect(findMismatch(order(status), hold(0))).toBeNull()
      expect(findMismatch(order(status), undefined)).toBeNull()
    },
  )

  it('accepts a pending order without a hold until its deadline', () => {
    expect(findMismatch(order('pending'), undefined)).toBeNull()
    expect(findMismatch(order('pending', { overdue: 1 }), undefined)).toContain('no stock is held')
  })

  it('finds other SKUs, another quantity and a hold without an order', () => {
    expect(findMismatch(order('confirmed'), hold(1, { units: 2 }))).toContain('other stock')
    expect(findMismatch(order('confirmed'), hold(1, { sum: 41 }))).toContain('other stock')
    expect(findMismatch(undefined, hold(1))).toContain('does not exist')
    expect(findMismatch(undefined, hold(0))).toBeNull()
  })
})

it('merges two sorted lists by id', async () => {
  const list = async function* (...ids: string[]) {
    for (const id of ids) yield { id }
  }
  const pairs: string[] = []
  for await (const pair of mergeJoin(list('a', 'b', 'd'), list('b', 'c', 'd', 'e')))
    pairs.push(pair.map((row) => row?.id ?? '-').join(''))
  expect(pairs).toEqual(['a-', 'bb', '-c', 'dd', '-e'])
})
