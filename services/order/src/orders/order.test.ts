import { describe, expect, it } from 'vitest'
import {
  beforeMoveTo,
  canMove,
  demandOf,
  isSettled,
  onAuthorized,
  onCancelRequested,
  onStockRejected,
  onStockReleased,
  onStockReserved,
  ORDER_STATUSES,
  orderNumber,
} from './order.ts'

const all = ORDER_STATUSES

describe('an order', () => {
  it('never leaves a final status', () => {
    for (const to of all) {
      for (const from of ['rejected', 'cancelled', 'returned'] as const) expect(canMove(from, to)).toBe(false)
    }
  })

  it('is cancelled only before anything was shipped', () => {
    expect(beforeMoveTo('cancelled')).toEqual(['pending', 'reserved', 'awaiting_payment', 'confirmed'])
  })

  it('is confirmed only while its stock is held', () => {
    expect(beforeMoveTo('confirmed')).toEqual(['reserved', 'awaiting_payment'])
  })

  it('is reserved once, whatever arrives twice or late', () => {
    expect(all.filter((status) => onStockReserved(status) === 'reserve')).toEqual(['pending'])
  })

  it('is rejected while pending, and cancelled when its hold turns out to be gone later', () => {
    expect(onStockRejected('pending')).toBe('reject')
    for (const status of ['reserved', 'awaiting_payment', 'confirmed', 'partly_shipped'] as const)
      expect(onStockRejected(status)).toBe('cancel')
    for (const status of ['shipped', 'rejected', 'cancelled', 'delivered'] as const)
      expect(onStockRejected(status)).toBe('ignore')
  })

  it('is cancelled by an expired hold only while it is unpaid', () => {
    const cancelledBy = (reason: 'cancelled' | 'expired') =>
      all.filter((status) => onStockReleased(status, reason) === 'cancel')
    expect(cancelledBy('expired')).toEqual(['pending', 'reserved', 'awaiting_payment'])
    expect(cancelledBy('cancelled')).toEqual([])
  })

  it('has its authorization voided when it ended before the provider answered', () => {
    expect(all.filter((status) => onAuthorized(status) === 'confirm')).toEqual([
      'reserved',
      'awaiting_payment',
    ])
  })

  it('answers a second cancellation as the first', () => {
    expect(onCancelRequested({ status: 'confirmed', cancelled: false })).toBe('cancel')
    expect(onCancelRequested({ status: 'cancelled', cancelled: true })).toBe('already')
    expect(onCancelRequested({ status: 'partly_shipped', cancelled: false })).toBe('cancel-rest')
    expect(onCancelRequested({ status: 'shipped', cancelled: true })).toBe('already')
    expect(onCancelRequested({ status: 'shipped', cancelled: false })).toBe('too-late')
    expect(onCancelRequested({ status: 'rejected', cancelled: false })).toBe('too-late')
  })

  it('is settled when the next step is a person’s', () => {
    expect(isSettled('pending', 'pending')).toBe(false)
    expect(isSettled('reserved', 'pending')).toBe(false)
    expect(isSettled('awaiting_payment', 'declined')).toBe(true)
    expect(isSettled('awaiting_payment', 'pending')).toBe(false)
    for (const status of ['confirmed', 'rejected', 'cancelled', 'shipped'] as const)
      expect(isSettled(status, 'authorized')).toBe(true)
  })

  it('sums the demand of a SKU over its lines, in SKU order', () => {
    expect(
      demandOf([
        { sku: 'MUG', quantity: 2 },
        { sku: 'CUP', quantity: 1 },
        { sku: 'MUG', quantity: 3 },
        { sku: 'GONE', quantity: 0 },
      ]),
    ).toEqual([
      { sku: 'CUP', quantity: 1 },
      { sku: 'MUG', quantity: 5 },
    ])
  })

  it('has a short number', () => {
    expect(orderNumber(100_042)).toBe('SW-100042')
  })
})
