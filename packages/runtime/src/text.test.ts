import fc from 'fast-check'
import { expect, it } from 'vitest'
import { foldText } from './text.ts'

const alike: [string, ...string[]][] = [
  ['grosse tasse', 'Große Tasse', 'GROSSE TASSE', 'GROẞE TASSE'],
  ['kapi kolu', 'Kapı Kolu', 'KAPI KOLU', 'KAPİ KOLU'],
  ['creme brulee', 'Crème BRÛLÉE', 'Cre\u0300me Bru\u0302le\u0301e'],
  ['lodz o 12', 'Łódź Ø 12'],
  ['encyclopaedia thorn', 'Encyclopædia Þorn'],
  ['σισυφοσ', 'ΣΊΣΥΦΟΣ', 'Σίσυφος'],
  ['елка', 'Ёлка'],
  ['カップ', 'ｶｯﾌﾟ'],
  ['levi’s', 'LEVI’S'],
  ['fi 12 no', 'ﬁ １２ №'],
  ['49', '٤٩', '४९'],
  ['donaudampf', 'Donau\u00ADdampf'],
  ['كتاب', 'كِتَاب', 'كـتاب'],
  ['שלום', 'שָׁלוֹם'],
  ['한국어', '한국어'.normalize('NFD')],
]

it.each(alike)('folds to %j what is written in other ways: %j', (folded, ...ways) => {
  expect([folded, ...ways].map(foldText)).toEqual(Array.from({ length: ways.length + 1 }, () => folded))
})

it('keeps apart what is another word in its script', () => {
  for (const [one, other] of [
    ['バッグ', 'ハック'],
    ['की', 'का'],
    ['แก้ว', 'แกว'],
    ['tasse', 'tasche'],
  ] as const)
    expect(foldText(one)).not.toBe(foldText(other))
})

const anyText = fc
  .array(fc.oneof(fc.nat(0x2fff), fc.nat(0x10ffff)), { maxLength: 30 })
  .map((codes) => String.fromCodePoint(...codes))

it('changes nothing that is folded already, whatever it is, and takes upper case for lower case', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const folded = foldText(text)
      expect([foldText(folded), foldText(text.toUpperCase())]).toEqual([folded, folded])
    }),
  )
})
