import { expect, it } from 'vitest'
import { exceedsBcrypt, normalisePassword } from './password.ts'

it('takes 72 bytes and refuses 73', () => {
  expect(exceedsBcrypt('a'.repeat(72))).toBe(false)
  expect(exceedsBcrypt('a'.repeat(73))).toBe(true)
})

it('counts bytes and not characters', () => {
  expect(exceedsBcrypt('é'.repeat(36))).toBe(false)
  expect(exceedsBcrypt('é'.repeat(37))).toBe(true)
})

it('refuses a NUL, after which bcrypt starts over', () => {
  expect(exceedsBcrypt('abcdefghij\0abcdefghij')).toBe(true)
})

it('makes one form of composed and decomposed letters', () => {
  expect(normalisePassword('cafe\u0301')).toBe(normalisePassword('caf\u00e9'))
})
