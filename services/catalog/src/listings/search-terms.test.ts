import { expect, it } from 'vitest'
import { queryTerms, termsOf } from './search-terms.ts'

it('splits names into words without case and accents, and SKUs into their parts', () => {
  expect(termsOf('Crème BRÛLÉE, set of 2\nSKU-15056/BL')).toEqual([
    'creme',
    'brulee',
    'set',
    'of',
    '2',
    'sku',
    '15056',
    'bl',
  ])
})

it('takes no word from punctuation, and at most eight from a query', () => {
  expect(queryTerms('%_ !')).toEqual([])
  expect(queryTerms('a b c d e f g h i j')).toHaveLength(8)
})
