import { inTransaction } from '@storewright/database'
import type { Db } from '../database.ts'
import type { Sender } from '../mails/mail.ts'
import { insertCaptured, pruneCaptured } from './queries.ts'

const MAX_CAPTURED = 1_000

/** Stores mails in place of a mail server, for development; `routes.ts` shows them. */
export const createCaptureSender = (db: Db, clock: () => Date): Sender => ({
  send: (mail) =>
    inTransaction(db, async (trx) => {
      await insertCaptured(trx, mail, clock())
      await pruneCaptured(trx, MAX_CAPTURED)
    }),
  close: () => Promise.resolve(),
})
