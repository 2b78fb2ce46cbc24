import { isIP } from 'node:net'

/** The address that a request comes from; what a trusted proxy passed on that is none counts as its own. */
export const clientAddress = ({
  ip,
  socket,
}: {
  ip: string
  socket: { remoteAddress?: string | undefined }
}) => (isIP(ip) ? ip : (socket.remoteAddress ?? ''))

/**
 * Whom an address stands for: an IPv4 address for itself, an IPv6 one for its network of 64 bits, which is what one
 * customer has; counting the addresses in it singly would be no limit at all.
 */
export const addressName = (ip: string): string => {
  if (!ip.includes(':')) return ip
  if (ip.startsWith('::ffff:') && ip.includes('.')) return ip.slice(7)
  const [head = '', tail] = (ip.split('%', 1)[0] ?? '').split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)
  const groups = [...front, ...Array<string>(zeros).fill('0'), ...back]
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
