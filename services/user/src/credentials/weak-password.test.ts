import { expect, it } from 'vitest'
import { findWeakness, requireStrongPassword } from './weak-password.ts'

const ada = { email: 'ada.byron@example.com', name: 'Ada Lovelace' }

const weak = {
  'is among the first that are tried': [
    '1q2w3e4r5t6y',
    'QWERTYUIOP',
    'Password123!',
    '!!sunshine2024',
    'passwordpassword',
    'aaaaaaaaaaaa',
    'abcabcabcabc',
    'abcdefghijkl',
    '9876543210',
    '\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44\uff11\uff12\uff13', // "password123" in full width
  ],
  'must not be made of the e-mail address or the name': [
    'ada.byron@example.com',
    'AdaByron1815',
    'lovelace-1815',
    'Ada Lovelace!',
    'adaadaada1815',
  ],
}
const cases = Object.entries(weak).flatMap(([why, passwords]) =>
  passwords.map((password) => ({ password, why })),
)

it.each(cases)('refuses $password as a password, which $why', ({ password, why }) => {
  expect(findWeakness(password, ada)).toBe(why)
})

it.each([
  ['correct horse battery'],
  ['customer of the demo shop'],
  ['a shopper of the replay'],
  ['ada likes long walks'],
  ['x7#kQz!pW2'],
  ['пароль из трёх слов'],
])('accepts %j as a password', (password) => {
  expect(findWeakness(password, ada)).toBeNull()
  expect(() => requireStrongPassword(password, ada)).not.toThrow()
})

it('judges any password within 100 ms', () => {
  const began = performance.now()
  findWeakness(`${'ab'.repeat(35)}c`, { email: `${'a.'.repeat(120)}@example.com`, name: 'ab '.repeat(66) })
  expect(performance.now() - began).toBeLessThan(100)
})
