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

/** Within a batch they run in this order: mails are queued before what erases them. */
export const userSubscriptions = ({
  notifyWorker,
  clock,
}: {
  notifyWorker: () => void
  clock: () => Date
}) => {
  const options = () => ({ now: clock(), notifyWorker })
  return [
    onBatch(EmailVerificationRequested, (trx: Trx, events) =>
      queueMessages(trx, events.map(verificationMessage), options()),
    ),
    onBatch(PasswordResetRequested, (trx: Trx, events) =>
      queueMessages(trx, events.map(resetMessage), options()),
    ),
    onBatch(PasswordChanged, (trx: Trx, events) =>
      queueMessages(trx, events.map(passwordChangedMessage), options()),
    ),
    onBatch(EmailChanged, (trx: Trx, events) =>
      queueMessages(trx, events.map(emailChangedMessage), options()),
    ),
    on(UserErased, (trx: Trx, { data }) => erasePerson(trx, data, clock())),
  ]
}
