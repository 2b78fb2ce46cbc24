import { inTransaction } from '@storewright/database'
import { runWithCorrelation } from '@storewright/messaging/correlation'
import { backoff } from '@storewright/runtime/backoff'
import { createLeaseWorker, type Job, type JobLogger } from '@storewright/runtime/jobs'
import { raceAbort, sleep } from '@storewright/runtime/timeout'
import type { Db, Trx } from '../database.ts'
import { claimMessages, type ClaimedMessage } from './claim-messages.ts'
import { MailRefused, type Sender } from './mail.ts'
import { mails } from './metrics.ts'
import { markSent, recordFailure } from './queries.ts'
import { renderMail, type Shop } from './templates.ts'

export interface MailWorkerSettings {
  /** For one delivery; the lease is twice as long, so that nobody else claims what is still under way. */
  timeoutMs: number
  /** How often to look without being notified: for messages of other replicas, and of dead ones. */
  pollMs: number
  concurrency: number
  /** Each pause is three times as long as the one before, from `firstMs` up to `maxMs`. */
  retry: { firstMs: number; maxMs: number; giveUpMs: number }
}

const DRAIN_MS = 5_000

/** An error's message without what must not be stored: a server may quote the mail that it refuses. */
const describeError = (error: unknown, secret: string | null) => {
  const secrets = secret === null ? [] : [secret, encodeURIComponent(secret)]
  const { message } = error as Error
  return secrets.reduce((text, word) => text.replaceAll(word, '…'), message).replace(/token=\S+/g, 'token=…')
}

/** For the log, without the server's own words, which quote addresses. */
const codesOf = (error: unknown) => {
  const { code, responseCode } = ((error as Error).cause ?? error) as {
    code?: unknown
    responseCode?: unknown
  }
  return { code, responseCode }
}

/** Sends what is due: claims it by a lease, delivers it outside any transaction, records the outcome. */
export const createMailWorker = ({
  db,
  sender,
  shop,
  settings: { timeoutMs, pollMs, concurrency, retry },
  clock,
  logger,
}: {
  db: Db
  sender: Sender
  shop: Shop
  settings: MailWorkerSettings
  clock: () => Date
  logger: JobLogger & { info(details: object, message: string): void }
}): Job => {
  const record = (write: (trx: Trx) => Promise<unknown>) => inTransaction(db, write)

  /** Repeated until the database accepts it: a mail that is not recorded as sent would be sent again. */
  const recordSent = async ({ id }: ClaimedMessage, signal: AbortSignal) => {
    const sentAt = clock()
    for (let failures = 0; ; failures++) {
      try {
        await record((trx) => markSent(trx, id, sentAt))
        return
      } catch (error) {
        if (signal.aborted) throw error
        logger.warn({ err: error, messageId: id }, 'a mail was sent and could not be recorded as sent yet')
        await sleep(backoff(failures, { from: 100, to: 5_000 }), signal)
      }
    }
  }

  const failOrDefer = async (message: ClaimedMessage, failure: unknown) => {
    const { id, lease, mail, attempts, createdAt } = message
    const error = describeError(failure, message.secret)
    const now = clock().getTime()
    const details = { messageId: id, kind: mail.kind, tries: attempts + 1, ...codesOf(failure) }
    if (failure instanceof MailRefused || now - createdAt.getTime() >= retry.giveUpMs) {
      await record((trx) => recordFailure(trx, { id, lease, error }))
      mails.inc({ kind: mail.kind, outcome: 'failed' })
      logger.warn(details, 'a mail could not be sent and is not tried again')
      return
    }
    const pause = backoff(attempts, {
      from: retry.firstMs,
      to: retry.maxMs,
      factor: 3,
      spread: [0.8, 1.2],
    })
    const until = new Date(now + Math.round(pause))
    await record((trx) => recordFailure(trx, { id, lease, error }, until))
    mails.inc({ kind: mail.kind, outcome: 'deferred' })
    logger.warn(details, 'a mail could not be sent; it is tried again')
  }

  const send = async (message: ClaimedMessage, signal: AbortSignal) => {
    const { id, causeId, recipient, mail } = message
    const deadline = AbortSignal.any([AbortSignal.timeout(timeoutMs), signal])
    try {
      // A race, because a sender may not look at its signal.
      const sending = sender.send({ id, causeId, recipient, ...renderMail(message, shop) }, deadline)
      await raceAbort(sending, deadline)
    } catch (error) {
      await failOrDefer(message, error)
      return
    }
    await recordSent(message, signal)
    mails.inc({ kind: mail.kind, outcome: 'sent' })
    logger.info({ messageId: id, kind: mail.kind }, 'sent')
  }

  const worker = createLeaseWorker<ClaimedMessage>({
    name: 'mail worker',
    claim: (limit) =>
      inTransaction(db, (trx) => claimMessages(trx, { now: clock(), leaseMs: 2 * timeoutMs, limit })),
    work: (message, signal) =>
      runWithCorrelation({ correlationId: message.correlationId, causationId: message.causeId }, () =>
        send(message, signal).catch((error: unknown) => {
          logger.warn({ err: error, messageId: message.id }, 'the outcome of a mail could not be recorded')
        }),
      ),
    concurrency,
    pollMs,
    drainMs: DRAIN_MS,
    logger,
  })
  return {
    ...worker,
    stop: async () => {
      await worker.stop()
      await sender.close()
    },
  }
}
