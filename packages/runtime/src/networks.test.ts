import { expect, it } from 'vitest'
import { networkOf } from './networks.ts'

const networks = {
  '192.0.2.7': '192.0.2.7',
  '::ffff:192.0.2.7': '192.0.2.7',
  '::ffff:c000:207': '192.0.2.7',
  '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
  '2001:db8:1:2::6': '2001:db8:1:2::/64',
  '2001:DB8:1:2:ffff::1': '2001:db8:1:2::/64',
  '2001:0db8:0001:0002::': '2001:db8:1:2::/64',
  '2001:db8::1': '2001:db8:0:0::/64',
  '::1': '0:0:0:0::/64',
  'fe80::1%eth0': 'fe80:0:0:0::/64',
  unknown: 'unknown',
  '': '',
  '192.0.2': '192.0.2',
}

it.each(Object.entries(networks))('counts the address %j to the network %j', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
