import {
  EmailChanged,
  EmailVerificationRequested,
  PasswordChanged,
  PasswordResetRequested,
  UserErased,
} from '@storewright/contracts'
import { on, onBatch } from '@storewright/messaging'
import type { Trx } from './database.ts'
import {
  emailChangedMessage,
  passwordChangedMessage,
  resetMessage,
  verificationMessage,
} from './mails/messages.ts'
import { queueMessages } from './mails/queue-messages.ts'
import { erasePerson } from './personal-data/erase-person.ts'
import type { Signals } from './signals.ts'

/** Causes before consequences: the order in which a batch is worked off. */
export const userSubscriptions = ({ signals, clock }: { signals: Signals; clock: () => Date }) => {
  const when = () => ({ signals, now: clock() })
  return [
    onBatch(EmailVerificationRequested, (trx: Trx, events) =>
      queueMessages(trx, events.map(verificationMessage), when()),
    ),
    onBatch(PasswordResetRequested, (trx: Trx, events) =>
      queueMessages(trx, events.map(resetMessage), when()),
    ),
    onBatch(PasswordChanged, (trx: Trx, events) =>
      queueMessages(trx, events.map(passwordChangedMessage), when()),
    ),
    onBatch(EmailChanged, (trx: Trx, events) => queueMessages(trx, events.map(emailChangedMessage), when())),
    on(UserErased, (trx: Trx, { data }) => erasePerson(trx, data, clock())),
  ]
}
