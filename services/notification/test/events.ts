import {
  EmailChanged,
  EmailVerificationRequested,
  PasswordChanged,
  PasswordResetRequested,
  UserErased,
  type EventContract,
} from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import type { Static } from 'typebox'

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
const person = () => {
  const userId = newId()
  return { userId, email: `u-${userId}@example.com`, name: 'Ada Lovelace' }
}

type Over<Contract extends EventContract> = Partial<Static<Contract['data']>>

/** A token as the user service makes them, with characters that a URL has to escape. */
export const newToken = () => `tok+/=${newId()}`

export const verificationRequested = (over: Over<typeof EmailVerificationRequested> = {}) =>
  anEvent(EmailVerificationRequested, {
    ...person(),
    purpose: 'registration',
    token: newToken(),
    expiresAt: inMinutes(60),
    ...over,
  })

export const resetRequested = (over: Over<typeof PasswordResetRequested> = {}) =>
  anEvent(PasswordResetRequested, { ...person(), token: newToken(), expiresAt: inMinutes(30), ...over })

export const passwordChanged = (over: Over<typeof PasswordChanged> = {}) =>
  anEvent(PasswordChanged, { ...person(), by: 'change', changedAt: inMinutes(0), ...over })

export const emailChanged = (over: Over<typeof EmailChanged> = {}) =>
  anEvent(EmailChanged, {
    ...person(),
    previousEmail: `old-${newId()}@example.com`,
    changedAt: inMinutes(0),
    ...over,
  })

export const userErased = (userId: string) =>
  anEvent(UserErased, { userId, erasureId: newId(), erasedAt: inMinutes(0) })
