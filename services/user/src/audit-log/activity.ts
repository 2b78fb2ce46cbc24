import { isIP } from 'node:net'

export const activityTypes = [
  'registered',
  'logged-in',
  'log-in-failed',
  'log-in-locked',
  'logged-out',
  'refresh-reused',
  'session-ended',
  'email-verified',
  'email-change-requested',
  'email-changed',
  'password-changed',
  'password-reset-requested',
  'password-reset',
  'profile-changed',
  'preferences-changed',
  'address-added',
  'address-changed',
  'address-removed',
  'roles-changed',
  'account-disabled',
  'account-enabled',
  'tax-exemption-changed',
  'api-key-created',
  'api-key-revoked',
  'data-exported',
  'order-placed',
  'order-cancelled',
] as const

export type ActivityType = (typeof activityTypes)[number]

export interface Origin {
  address: string
  /** The client's `User-Agent`, cut to 300 characters; null where it sent none. */
  device: string | null
}

export interface NewActivity {
  userId: string
  type: ActivityType
  origin?: Origin | undefined
  /** Who did it, where it was not the account's owner: staff. */
  byUserId?: string | undefined
  /** Small facts, no secrets; shown to the owner. */
  details?: Record<string, string | number | boolean | string[]> | undefined
}

const MAX_DEVICE_CHARACTERS = 300

/** An address in one form: IPv4 without its IPv6 wrapping, no interface behind it. */
const plainAddress = (ip: string) => {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/s, '')
  return isIP(address) ? address.toLowerCase() : 'unknown'
}

/** The origin of a request, in the form in which it is stored and shown to the account's owner. */
export const originOf = ({
  ip,
  headers,
}: {
  ip: string
  headers: { 'user-agent'?: string | undefined }
}): Origin => ({
  address: plainAddress(ip),
  device:
    headers['user-agent']
      ?.replaceAll(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, MAX_DEVICE_CHARACTERS) || null,
})
