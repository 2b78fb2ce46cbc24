import { Problem } from '@storewright/service-kit/http'
import { lockActiveAccount } from '../accounts/accounts.ts'
import { emitContactChanged } from '../accounts/contact.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Trx } from '../database.ts'
import { type NewPreferences, parsePreferences } from './preferences.ts'
import { findPreferences, insertConsents, type PreferencesRow, savePreferences } from './queries.ts'

/** Sets all preferences; a consent keeps the time at which it was given or withdrawn, and its history. */
export const setPreferences = async (
  trx: Trx,
  {
    userId,
    given,
    origin,
    check,
  }: { userId: string; given: NewPreferences; origin: Origin; check: (version: number) => void },
  now: Date,
): Promise<PreferencesRow> => {
  const { choices, faults } = parsePreferences(given)
  const [fault] = faults
  if (fault) throw new Problem('unprocessable', `${fault.path} ${fault.message}.`, { errors: faults })

  await lockActiveAccount(trx, userId)
  const before = await findPreferences(trx, userId)
  check(before?.version ?? 0)

  const wasGiven = { marketing: before?.marketingConsent === 1, tracking: before?.trackingConsent === 1 }
  const consents = [
    { purpose: 'marketing' as const, given: choices.marketingConsent },
    { purpose: 'tracking' as const, given: choices.trackingConsent },
  ].filter((consent) => consent.given !== wasGiven[consent.purpose])
  const changed = new Set(consents.map(({ purpose }) => purpose))
  const times = {
    marketingConsentAt: changed.has('marketing') ? now : (before?.marketingConsentAt ?? null),
    trackingConsentAt: changed.has('tracking') ? now : (before?.trackingConsentAt ?? null),
  }
  await savePreferences(trx, { userId, choices, times, version: (before?.version ?? 0) + 1 }, now)
  await insertConsents(trx, userId, consents, now)
  await recordActivity(trx, { userId, type: 'preferences-changed', origin }, now)
  await emitContactChanged(trx, userId, now)
  const saved = await findPreferences(trx, userId)
  if (!saved) throw new Error(`the preferences of ${userId} vanished`)
  return saved
}
