import { isIP } from 'node:net'
import type { Origin } from './activity.ts'

const MAX_DEVICE_CHARACTERS = 300

interface Asker {
  ip: string
  headers: { 'user-agent'?: string | undefined }
}

/** An address in one form: IPv4 without its IPv6 wrapping, no interface behind it. */
const plainAddress = (ip: string) => {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/s, '')
  return isIP(address) ? address.toLowerCase() : 'unknown'
}

/** Where a request comes from, fit to be kept and to be shown to the account's owner. */
export const originOf = ({ ip, headers }: Asker): Origin => ({
  address: plainAddress(ip),
  device:
    headers['user-agent']
      ?.replaceAll(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, MAX_DEVICE_CHARACTERS) || null,
})
