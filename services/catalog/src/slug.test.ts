import { describe, expect, it } from 'vitest'
import { isReservedSlug, isSlug, slugCandidates, slugify } from './slug.ts'

const ID = '0190d5a0-0000-7000-8000-000000000000'

describe('slugs', () => {
  it('are made of the letters and digits of a name', () => {
    expect(slugify('Café au lait, 2 × 250 g')).toBe('cafe-au-lait-2-250-g')
    expect(slugify("Children's  --  mug!")).toBe('childrens-mug')
    expect(slugify('Straße nach Łódź, Ø 12')).toBe('strasse-nach-lodz-o-12')
    expect(slugify('Кружка синяя')).toBe('kruzhka-sinyaya')
    expect(slugify('Μπλε κούπα')).toBe('mple-koypa')
    expect(slugify('カタログ')).toBe('katarogu')
    expect(slugify('---')).toBe('')
    expect(slugify(`${'long '.repeat(60)}`).length).toBeLessThanOrEqual(120)
  })

  it('distinguish products of one name by SKU and finally by id', () => {
    expect(slugCandidates('Mug', 'MUG/1', ID)).toEqual(['mug', 'mug-mug-1', `mug-p-${ID}`])
    expect(slugCandidates('…', 'TEA', ID)).toEqual(['tea', `p-${ID}`])
    for (const slug of slugCandidates('x'.repeat(300), 'Y'.repeat(64), ID)) expect(isSlug(slug)).toBe(true)
  })

  it('never have the form of an id or the name of another path', () => {
    expect(isReservedSlug(ID)).toBe(true)
    expect(slugCandidates('Import', 'A', ID)).toEqual(['import-a', `import-p-${ID}`])
  })
})
