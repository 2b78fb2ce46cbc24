const GROUPS_OF_A_SITE = 4

/** The eight groups of an IPv6 address, written out. */
const groupsOf = (address: string) => {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array<string>(missing).fill('0'), ...after]
}

/** What one party has to itself: an IPv4 address, or the /64 of an IPv6 address, in which everybody has many. */
export const networkOf = (address: string): string =>
  address.includes(':')
    ? `${groupsOf(address)
        .slice(0, GROUPS_OF_A_SITE)
        .map((group) => group.replace(/^0+(?=.)/, ''))
        .join(':')}::/64`
    : address
