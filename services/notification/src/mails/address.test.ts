import { expect, it } from 'vitest'
import { safeDisplayName, isMailable, maskAddress } from './address.ts'

it.each(['ada@example.com', 'a.b+c@sub.example.co.uk', 'jörg@exämple.de', "o'neill@example.com"])(
  'accepts %s as an address that mail can be sent to',
  (address) => {
    expect(isMailable(address)).toBe(true)
  },
)

it.each([
  'ada@example.com\r\nBcc: all@example.com',
  'ada@example.com,all@example.com',
  'ada@example.com all@example.com',
  '"<all@example.com>"@example.com',
  '<ada@example.com>',
  'ada',
  'ada@',
  '@example.com',
  'a@b@example.com',
  'ada\0@example.com',
  `${'a'.repeat(250)}@example.com`,
])('refuses %j as an address that mail can be sent to', (address) => {
  expect(isMailable(address)).toBe(false)
})

const greetings = {
  'Ada Lovelace': 'Ada Lovelace',
  '  Ada \r\n\t Lovelace ': 'Ada Lovelace',
  'Jean-Luc O’Neill': 'Jean-Luc O’Neill',
  'J. R. R. Tolkien': 'J. R. R. Tolkien',
  '\u202eadA': 'adA',
  李小龍: '李小龍',
}

it.each(Object.entries(greetings))('greets a person named %j as %j', (name, greeting) => {
  expect(safeDisplayName(name)).toBe(greeting)
})

it.each([
  null,
  '',
  ' \r\n ',
  'You won! https://evil.example',
  'visit evil.example',
  'evil.example/x',
  'write to me@evil.example',
  '<b>Ada</b>',
  'a'.repeat(61),
])('greets a person named %j without a name', (name) => {
  expect(safeDisplayName(name)).toBeNull()
})

it.each([
  ['ada@example.com', 'a…@example.com'],
  ['ö@example.com', 'ö…@example.com'],
  ['nonsense', '…'],
])('masks the address %s as %s', (address, shown) => {
  expect(maskAddress(address)).toBe(shown)
})
