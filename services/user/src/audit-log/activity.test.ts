import { expect, it } from 'vitest'
import { originOf } from './activity.ts'

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:DB8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['not an address', 'unknown'],
  [`192.0.2.7${' '.repeat(500)}`, 'unknown'],
])('shows the address %j as %j', (ip, address) => {
  expect(originOf({ ip, headers: {} })).toEqual({ address, device: null })
})

it('cuts the device of a request to what a line can hold', () => {
  const device = (agent: string) => originOf({ ip: '::1', headers: { 'user-agent': agent } }).device
  expect(device(' Firefox/150 ')).toBe('Firefox/150')
  expect(device('a\tb\0c')).toBe('a b c')
  expect(device('é'.repeat(8_000))).toBe('é'.repeat(300))
  expect(device('  ')).toBeNull()
})
