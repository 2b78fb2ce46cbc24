import type {
  EmailChanged,
  EmailVerificationRequested,
  Envelope,
  PasswordChanged,
  PasswordResetRequested,
} from '@storewright/contracts'
import { maskAddress } from './address.ts'
import type { NewMessage } from './mail.ts'

interface Recipient {
  userId: string
  name: string | null
}

const commonFields = ({ id, correlationId, data: { userId, name } }: Envelope<Recipient>) => ({
  causeId: id,
  correlationId,
  userId,
  name,
  secret: null,
  expiresAt: null,
})

export const verificationMessage = (event: Envelope<EmailVerificationRequested>): NewMessage => {
  const { email, purpose, token, expiresAt } = event.data
  return {
    ...commonFields(event),
    recipient: email,
    mail: { kind: 'verify-email', purpose, expiresAt },
    secret: token,
    expiresAt: new Date(expiresAt),
  }
}

export const resetMessage = (event: Envelope<PasswordResetRequested>): NewMessage => {
  const { email, token, expiresAt } = event.data
  return {
    ...commonFields(event),
    recipient: email,
    mail: { kind: 'reset-password', expiresAt },
    secret: token,
    expiresAt: new Date(expiresAt),
  }
}

export const passwordChangedMessage = (event: Envelope<PasswordChanged>): NewMessage => {
  const { email, by, changedAt } = event.data
  return { ...commonFields(event), recipient: email, mail: { kind: 'password-changed', by, changedAt } }
}

/** To the previous address: the owner of the new one confirmed it. */
export const emailChangedMessage = (event: Envelope<EmailChanged>): NewMessage => {
  const { previousEmail, email, changedAt } = event.data
  return {
    ...commonFields(event),
    recipient: previousEmail,
    mail: { kind: 'email-changed', newEmail: maskAddress(email), changedAt },
  }
}
