import { Currency, isCurrency, Timestamp } from '@storewright/contracts'
import { parseJson } from '@storewright/database'
import type { FieldError } from '@storewright/service-kit/http'
import { Type, type Static } from 'typebox'
import type { Db } from '../database.ts'
import { findPreferences, type Choices, type PreferencesRow } from './queries.ts'

export { listConsents } from './queries.ts'

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()])

const Channels = Type.Array(Type.Enum(['email', 'sms', 'push']), {
  maxItems: 3,
  uniqueItems: true,
  description: 'how the shop may report what happens to an order',
})
const Custom = Type.Object(
  {},
  {
    additionalProperties: true,
    maxProperties: 100,
    description: 'whatever a client app wants to keep: 16 KiB of JSON, 6 levels deep',
  },
)
const choices = {
  locale: orNull(
    Type.String({
      pattern: '^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$',
      maxLength: 35,
      description: 'BCP 47; null is the shop’s own',
      examples: ['en-GB'],
    }),
  ),
  currency: orNull(Currency),
  marketingConsent: Type.Boolean({ description: 'may be sent what the shop wants to sell' }),
  trackingConsent: Type.Boolean({ description: 'what they look at may be counted' }),
  notificationChannels: Channels,
  custom: Custom,
}
const example = {
  locale: 'en-GB',
  currency: 'GBP',
  marketingConsent: false,
  trackingConsent: true,
  notificationChannels: ['email'] as const,
  custom: { theme: 'dark' },
}

export const NewPreferences = Type.Object(
  {
    locale: Type.Optional(choices.locale),
    currency: Type.Optional(choices.currency),
    marketingConsent: Type.Optional(choices.marketingConsent),
    trackingConsent: Type.Optional(choices.trackingConsent),
    notificationChannels: Type.Optional(choices.notificationChannels),
    custom: Type.Optional(choices.custom),
  },
  {
    title: 'NewPreferences',
    description: 'All of them: what is left out becomes its default',
    // A request that lost its body must withdraw no consent.
    minProperties: 1,
    examples: [example],
  },
)
export type NewPreferences = Static<typeof NewPreferences>

export const Preferences = Type.Object(
  {
    ...choices,
    marketingConsentAt: orNull(
      Type.String({ ...Timestamp, description: 'when that was given or withdrawn; null: never asked' }),
    ),
    trackingConsentAt: orNull(
      Type.String({ ...Timestamp, description: 'when that was given or withdrawn; null: never asked' }),
    ),
    version: Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: '0 until they are set' }),
    updatedAt: orNull(Timestamp),
  },
  {
    title: 'Preferences',
    description: 'What a customer prefers',
    examples: [
      {
        ...example,
        marketingConsentAt: null,
        trackingConsentAt: '2026-01-31T09:30:00.000Z',
        version: 1,
        updatedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)
export type Preferences = Static<typeof Preferences>

/** What holds for somebody who never chose: no consent is ever assumed. */
const defaults: Choices = {
  locale: null,
  currency: null,
  marketingConsent: false,
  trackingConsent: false,
  notificationChannels: ['email'],
  custom: {},
}

/** A language tag in its canonical spelling; null where it is none. */
const canonicalLocale = (tag: string): string | null => {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null
  } catch {
    return null
  }
}

/** What was chosen with the rest at its defaults, and what is wrong with it. */
export const parsePreferences = (given: NewPreferences): { choices: Choices; faults: FieldError[] } => {
  const chosen: Choices = { ...defaults, ...(given as Partial<Choices>) }
  const faults: FieldError[] = []
  const locale = chosen.locale === null ? null : canonicalLocale(chosen.locale)
  if (chosen.locale !== null && locale === null)
    faults.push({ path: 'locale', message: 'is not a language tag (BCP 47)' })
  if (chosen.currency !== null && !isCurrency(chosen.currency))
    faults.push({ path: 'currency', message: 'is not a currency (ISO 4217)' })
  const custom = findCustomError(chosen.custom)
  if (custom !== null) faults.push({ path: 'custom', message: custom })
  return { choices: { ...chosen, locale }, faults }
}

const MAX_BYTES = 16_384
const MAX_DEPTH = 6

const isText = (text: string) => text.isWellFormed() && !text.includes('\0')

/** What is wrong with a client app's own data; null where it can be kept as it is. */
export const findCustomError = (custom: Record<string, unknown>): string | null => {
  // By levels and not by recursion: a body may be nested deeper than the stack is.
  let level: unknown[] = [custom]
  for (let depth = 1; level.length > 0; depth++) {
    const nested = level.filter((value) => typeof value === 'object' && value !== null)
    if (nested.length > 0 && depth > MAX_DEPTH) return `may be ${MAX_DEPTH} levels deep at most`
    for (const value of level) {
      if (typeof value === 'string' && !isText(value)) return 'must be well-formed text without NUL'
      if (typeof value === 'number' && !Number.isFinite(value)) return 'has a number that is too large'
    }
    if (!nested.every((value) => Object.keys(value).every(isText)))
      return 'must be well-formed text without NUL'
    level = nested.flatMap((value) => Object.values(value) as unknown[])
  }
  if (Buffer.byteLength(JSON.stringify(custom)) > MAX_BYTES) return `may have ${MAX_BYTES} bytes at most`
  return null
}

/** The preferences in their public form, also of somebody who never set any. */
export const describePreferences = (row: PreferencesRow | undefined): Preferences =>
  row
    ? {
        ...row,
        marketingConsent: row.marketingConsent === 1,
        marketingConsentAt: row.marketingConsentAt?.toISOString() ?? null,
        trackingConsent: row.trackingConsent === 1,
        trackingConsentAt: row.trackingConsentAt?.toISOString() ?? null,
        notificationChannels: parseJson(row.notificationChannels as Choices['notificationChannels'] | string),
        custom: parseJson(row.custom as Choices['custom'] | string),
        updatedAt: row.updatedAt.toISOString(),
      }
    : { ...defaults, marketingConsentAt: null, trackingConsentAt: null, version: 0, updatedAt: null }

export const readPreferences = async (db: Db, userId: string): Promise<Preferences> =>
  describePreferences(await findPreferences(db, userId))
