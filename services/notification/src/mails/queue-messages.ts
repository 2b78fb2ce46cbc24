import { afterCommit } from '@storewright/database'
import type { Trx } from '../database.ts'
import { isMailable } from './address.ts'
import type { NewMessage } from './mail.ts'
import { mails } from './metrics.ts'
import { insertMessages, lockRecipients } from './queries.ts'

/** Stores what is to be sent, once per cause; the worker is notified when this is committed. */
export const queueMessages = async (
  trx: Trx,
  messages: readonly NewMessage[],
  { now, notifyWorker }: { now: Date; notifyWorker: () => void },
) => {
  const erased = await lockRecipients(
    trx,
    messages.map(({ userId }) => userId),
  )
  const wanted = messages
    .filter(({ userId }) => !erased.has(userId))
    .map((message) =>
      isMailable(message.recipient)
        ? message
        : { ...message, fault: 'the address is not one that mail can be sent to' },
    )
  if (wanted.length === 0) return
  await insertMessages(trx, wanted, now)
  afterCommit(trx, () => {
    notifyWorker()
    for (const message of wanted) {
      mails.inc({ kind: message.mail.kind, outcome: 'fault' in message ? 'failed' : 'queued' })
    }
  })
}
