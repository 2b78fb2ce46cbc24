import fc from 'fast-check'
import { expect, it } from 'vitest'
import { foldText, isOneLine } from './text.ts'

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

it.each([
  'Ada Lovelace',
  "Seán O'Brien-Müller",
  '山田　太郎',
  '葛\u{E0100}城',
  'می\u200cخواهم',
  'ශ්\u200dරී',
  'क्\u200dष',
  'ജോണ്\u200d',
  'خَانِه\u200cها',
  'שרה כהן',
  'Mug \u2764\uFE0F \u{1F468}\u200D\u{1F469}\u200D\u{1F467} \u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}',
  '½ " – 20 °C',
  'X',
])('takes %j for one line of text', (text) => {
  expect(isOneLine(text)).toBe(true)
})

it.each([
  ...'\r\n\t\0\x1b\x7f\x85\u2028\u2029\u202e\u2066\u200e\u200b\u200c\u200d\ufeff\u00ad\u034f\u3164\u115f\ufff9\ufffe\ufe0f',
  '\u{E0041}',
  '\u0301\u200d\u0301',
  '\ud800',
])('refuses %j within a line', (character) => {
  expect(isOneLine(`Ada${character}Lovelace`)).toBe(false)
})

it.each([' ', '\u00a0\u3000', '\u2800', '\u0301', '\u200d'])(
  'refuses %j as a line: nobody sees it',
  (text) => {
    expect(isOneLine(text)).toBe(false)
  },
)
