import { inTransaction } from '@storewright/database'
import type { Db } from '../database.ts'
import type { Sender } from '../mails/sender.ts'
import { insertCaptured, pruneCaptured } from './queries.ts'

const KEPT = 1_000

/** Takes mails in the place of a mail server, for development: see `routes.ts` for where to read them. */
export const createCaptureSender = (db: Db, clock: () => Date): Sender => ({
  send: (mail) =>
    inTransaction(db, async (trx) => {
      await insertCaptured(trx, mail, clock())
      await pruneCaptured(trx, KEPT)
    }),
  close: () => Promise.resolve(),
})
