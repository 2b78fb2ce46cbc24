import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeDocument, documentOf, encodeDocument, withPopularity, WEIGHTS } from './documents.ts'
import { matchTerms, planSearch, sharesOf } from './plan.ts'
import { scoreDocument } from './rank.ts'
import { parseQuery } from './words.ts'

const product = (name: string, { sku = 'X-1', attribute = '', units = 0 } = {}) =>
  documentOf({
    name,
    codes: [sku],
    fields: [{ text: attribute, weight: WEIGHTS.attribute }],
    popularity: units,
  })

const catalogue = (documents: Map<string, number>[]) => {
  const counts = new Map<string, number>()
  for (const document of documents)
    for (const word of document.keys()) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, documents]) => ({ word, documents }))
}

/** The products in the order in which a search shows them. */
const ranked = (q: string, products: Record<string, Map<string, number>>) => {
  const words = catalogue(Object.values(products))
  const terms = matchTerms(parseQuery(q), words, words)
  return Object.entries(products)
    .map(([key, document]) => ({ key, score: scoreDocument(terms, encodeDocument(document)) }))
    .filter(({ score }) => score > 60)
    .sort((a, b) => b.score - a.score)
    .map(({ key }) => key)
}

describe('ranking', () => {
  it('puts short names before long ones, names before attributes, words before beginnings', () => {
    const products = {
      prefix: product('Muggle'),
      attribute: product('Tray', { attribute: 'mug' }),
      long: product('Tray for a mug and a plate or two'),
      short: product('Mug'),
    }
    expect(ranked('mug', products)).toEqual(['short', 'long', 'prefix', 'attribute'])
  })

  it('puts words as they were typed before those with typing errors', () => {
    expect(ranked('lamps', { similar: product('Lamp'), exact: product('Lamps') })[0]).toBe('exact')
  })

  it('puts what sells more first among equals', () => {
    const products = { seldom: product('Mug'), often: product('Mug', { units: 100 }) }
    expect(ranked('mug', products)).toEqual(['often', 'seldom'])
  })

  it('gives a product a SKU that was typed without punctuation first', () => {
    const products = {
      name: product('Set 15056 of the SKU BL'),
      sku: product('Thing', { sku: 'SKU-15056/BL' }),
    }
    expect(ranked('sku15056bl', products)[0]).toBe('sku')
  })
})

it('stores a document as it is, and with the popularity of later', () => {
  const document = product('Große Tasse', { units: 5 })
  expect(decodeDocument(encodeDocument(document))).toEqual(document)
  expect(withPopularity(product('Große Tasse'), 5)).toEqual(document)
  expect(decodeDocument(encodeDocument(new Map()))).toEqual(new Map())
})

describe('planning', () => {
  const words = [
    { word: 'blue', documents: 9_000 },
    { word: 'bluebell', documents: 1_000 },
    { word: 'mug', documents: 300 },
  ]

  it('reaches products by the rarest word', () => {
    const { words: read, ...plan } = planSearch(matchTerms(parseQuery('blue mug'), words))
    expect(read).toMatchObject([{ word: 'mug' }])
    expect(plan).toMatchObject({ documents: 300, isSimple: false, isCut: false })
  })

  it('reads of frequent words a part each, never more than allowed', () => {
    const plan = planSearch(matchTerms(parseQuery('blue'), words))
    expect(plan).toMatchObject({ documents: 10_000, isSimple: true })
    expect(sharesOf(plan.words, 5_000).map(({ word, limit }) => [word, limit])).toEqual([
      ['blue', 4_500],
      ['bluebell', 500],
    ])
  })

  it('never reads more postings than allowed, whatever is typed and however frequent it is', () => {
    const counts = fc.array(
      fc.record({
        word: fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1 }),
        documents: fc.nat(100_000),
      }),
    )
    fc.assert(
      fc.property(fc.stringMatching(/^[ab ]{1,12}$/), counts, (q, words) => {
        const terms = matchTerms(parseQuery(q), words, words).filter(
          ({ alternatives }) => alternatives.length > 0,
        )
        if (terms.length === 0) return
        const plan = planSearch(terms)
        const shares = sharesOf(plan.words, 5_000)
        // At least eight postings of each word, and no word is left out.
        expect(shares.reduce((sum, { limit }) => sum + limit, 0)).toBeLessThanOrEqual(
          5_000 + 8 * shares.length,
        )
        expect(shares.length).toBe(plan.words.length)
      }),
    )
  })
})

it('a short beginning that is itself a word is cut where its window is full', () => {
  const words = ['10', ...Array.from({ length: 31 }, (_, at) => `10x${at}`)].map((word) => ({
    word,
    documents: 2,
  }))
  expect(planSearch(matchTerms(parseQuery('10'), words)).isCut).toBe(true)
  expect(planSearch(matchTerms(parseQuery('10'), words.slice(0, 31))).isCut).toBe(false)
})
