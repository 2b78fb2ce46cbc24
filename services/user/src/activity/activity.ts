/** Everything an account's timeline can tell. */
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
  'api-key-created',
  'api-key-revoked',
  'data-exported',
  'order-placed',
  'order-cancelled',
] as const

export type ActivityType = (typeof activityTypes)[number]

/** Where a request came from, as far as the account's owner may care. */
export interface Origin {
  /** IP address of the client. */
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
