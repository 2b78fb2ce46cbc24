import { expect, it } from 'vitest'
import { newestPerSubject } from './apply-events.ts'
import { offerName } from './offer-name.ts'

const event = (subject: string, aggregateVersion: number) => ({
  id: `${subject}-${aggregateVersion}`,
  type: 'catalog.product-changed.v1',
  source: '/storewright/catalog',
  subject,
  time: '2026-01-01T00:00:00Z',
  aggregateVersion,
  correlationId: 'c',
  causationId: null,
  data: {},
})

it('keeps the newest event of each subject, in subject order', () => {
  expect(newestPerSubject([event('b', 2), event('a', 1), event('b', 3), event('b', 1)])).toEqual([
    event('a', 1),
    event('b', 3),
  ])
})

it('names an offer by product and variant, unless one contains the other', () => {
  expect(offerName('Mug', 'Mug, blue')).toBe('Mug, blue')
  expect(offerName('Mug', 'Blue')).toBe('Mug, Blue')
  expect(offerName('Mug', '')).toBe('Mug')
  expect(offerName('Mug', 'mug')).toBe('mug')
})
