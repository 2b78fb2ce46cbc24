import { newId } from '@storewright/database'
import type { Db, RowsOf, Trx } from '../database.ts'

export interface Choices {
  locale: string | null
  currency: string | null
  marketingConsent: boolean
  trackingConsent: boolean
  notificationChannels: ('email' | 'sms' | 'push')[]
  custom: Record<string, unknown>
}

export interface PreferencesRow {
  locale: string | null
  currency: string | null
  marketingConsent: number
  marketingConsentAt: Date | null
  trackingConsent: number
  trackingConsentAt: Date | null
  notificationChannels: unknown
  custom: unknown
  version: number
  updatedAt: Date
}

export const findPreferences = (db: Db | Trx, userId: string) =>
  db
    .selectFrom('preferences')
    .select([
      'locale',
      'currency',
      'marketing_consent as marketingConsent',
      'marketing_consent_at as marketingConsentAt',
      'tracking_consent as trackingConsent',
      'tracking_consent_at as trackingConsentAt',
      'notification_channels as notificationChannels',
      'custom',
      'version',
      'updated_at as updatedAt',
    ])
    .where('user_id', '=', userId)
    .executeTakeFirst()

export interface ConsentTimes {
  marketingConsentAt: Date | null
  trackingConsentAt: Date | null
}

/** The caller holds the account's row, so that versions follow each other. */
export const savePreferences = async (
  trx: Trx,
  {
    userId,
    choices,
    times,
    version,
  }: { userId: string; choices: Choices; times: ConsentTimes; version: number },
  now: Date,
) => {
  const values = {
    locale: choices.locale,
    currency: choices.currency,
    marketing_consent: choices.marketingConsent,
    marketing_consent_at: times.marketingConsentAt,
    tracking_consent: choices.trackingConsent,
    tracking_consent_at: times.trackingConsentAt,
    notification_channels: JSON.stringify(choices.notificationChannels),
    custom: JSON.stringify(choices.custom),
    version,
    updated_at: now,
  }
  await trx
    .insertInto('preferences')
    .values({ user_id: userId, ...values })
    .onDuplicateKeyUpdate(values)
    .execute()
}

/** All consents that an account gave or withdrew, by id. */
export const listConsents = (db: Db, { userId, after, limit }: RowsOf) => {
  const rows = db.selectFrom('consents').where('user_id', '=', userId).where('id', '>', after)
  return rows.select(['id', 'purpose', 'given', 'at']).orderBy('id').limit(limit).execute()
}

export const insertConsents = async (
  trx: Trx,
  userId: string,
  consents: readonly { purpose: 'marketing' | 'tracking'; given: boolean }[],
  now: Date,
) => {
  if (consents.length === 0) return
  await trx
    .insertInto('consents')
    .values(consents.map((consent) => ({ id: newId(), user_id: userId, ...consent, at: now })))
    .execute()
}
