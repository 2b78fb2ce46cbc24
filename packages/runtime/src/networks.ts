import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * What one party has to itself: an IPv4 address (also one mapped into IPv6), or the /64 of an IPv6 address, in which
 * everybody has many. What is no address is returned as it is.
 */
export const networkOf = (address: string): string => {
  if (isIP(address) === 0) return address
  const parsed = ipaddr.process(address)
  if (!('parts' in parsed)) return parsed.toString()
  const site = parsed.parts.slice(0, 4).map((part) => part.toString(16))
  return `${site.join(':')}::/64`
}
