import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** An IPv4 address, or the /64 of an IPv6 one, in which everybody has many; other text as it is. */
export const networkOf = (address: string): string => {
  if (isIP(address) === 0) return address
  const parsed = ipaddr.process(address)
  if (!('parts' in parsed)) return parsed.toString()
  const site = parsed.parts.slice(0, 4).map((part) => part.toString(16))
  return `${site.join(':')}::/64`
}
