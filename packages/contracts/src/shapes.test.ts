import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { normaliseSku, SkuInput } from './shapes.ts'

describe('a SKU that a client wrote', () => {
  const fits = (input: string) => Value.Check(SkuInput, input)

  it.each([
    ['mug-1', 'MUG-1'],
    ['  A/B.C_d\t', 'A/B.C_D'],
    ['\u00a0A\u3000', 'A'],
    ['A//B', 'A//B'],
    ['A/..B/.C/D', 'A/..B/.C/D'],
    ['A.../B', 'A.../B'],
    ['x'.repeat(64), 'X'.repeat(64)],
  ])('%j is the article %j', (input, sku) => {
    expect(normaliseSku(input)).toBe(sku)
    expect(fits(input)).toBe(true)
  })

  it.each(['', ' ', 'STRAßE-1', 'KAPı-1', 'ſKU', '\u212aG', 'ﬁX', 'A B', '-A', 'A-', 'A\0', 'x'.repeat(65)])(
    '%j is none, whatever its upper case is',
    (input) => {
      expect(normaliseSku(input)).toBeNull()
      expect(fits(input)).toBe(false)
    },
  )

  it.each(['.', '..', 'A/../B', 'A/./B', './A', '../A', 'A/..', 'A/.', 'A/B/../../C', ' a/../b '])(
    '%j is none, since no path would reach it',
    (input) => {
      expect(normaliseSku(input)).toBeNull()
      expect(fits(input)).toBe(false)
    },
  )
})
