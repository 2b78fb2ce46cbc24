import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction } from '@storewright/database'
import { runWithCorrelation } from '@storewright/messaging/correlation'
import type { Db, Trx } from '../database.ts'
import type { Signals } from '../signals.ts'
import { claimMessages, type ClaimedMessage } from './claim-messages.ts'
import { mails } from './metrics.ts'
import { markFailed, markSent, putOff } from './queries.ts'
import { pauseAfter, type RetrySettings } from './retry.ts'
import { Refused, type Sender } from './sender.ts'
import { renderMail, type Shop } from './templates.ts'

export interface WorkerSettings {
  /** For one delivery; the lease is twice as long, so that nobody else takes what is still under way. */
  timeoutMs: number
  /** How often to look without being woken: for messages of other replicas, and of the dead. */
  pollMs: number
  concurrency: number
  retry: RetrySettings
}

interface Log {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

/** How long a stop waits for the mails that are just being handed over. */
const DRAIN_MS = 5_000

/** What an error says, without what must not be kept: a server may quote the mail that it refuses. */
const reasonOf = (error: unknown, secret: string | null) => {
  const words = secret === null ? [] : [secret, encodeURIComponent(secret)]
  const { message } = error as Error
  return words.reduce((text, word) => text.replaceAll(word, '…'), message).replace(/token=\S+/g, 'token=…')
}

/** For the log, where the server's own words have no business: they quote addresses. */
const codesOf = (error: unknown) => {
  const { code, responseCode } = ((error as Error).cause ?? error) as {
    code?: unknown
    responseCode?: unknown
  }
  return { code, responseCode }
}

/** Rejects when the time is over, also for a sender that does not look at its signal. */
const aborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })

/** Sends what is due: claims it by a lease, hands it over outside any transaction, records. */
export const createMailWorker = ({
  db,
  sender,
  shop,
  signals,
  settings: { timeoutMs, pollMs, concurrency, retry },
  clock,
  logger,
}: {
  db: Db
  sender: Sender
  shop: Shop
  signals: Signals
  settings: WorkerSettings
  clock: () => Date
  logger: Log
}) => {
  let running = false
  let woken = Promise.withResolvers<void>()
  let loop = Promise.resolve()
  const giveUp = new AbortController()
  const underWay = new Set<Promise<void>>()

  const wake = () => woken.resolve()
  signals.onMailsDue(wake)

  const record = (work: (trx: Trx) => Promise<unknown>) => inTransaction(db, work)

  /** A mail that has left and is not noted as sent would leave again: noted as soon as the database takes it. */
  const recordSent = async ({ id }: ClaimedMessage) => {
    const leftAt = clock()
    for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
      try {
        await record((trx) => markSent(trx, id, leftAt))
        return
      } catch (error) {
        if (giveUp.signal.aborted) throw error
        logger.warn({ err: error, messageId: id }, 'a mail has left and could not be noted as sent yet')
        await sleep(pause, undefined, { signal: giveUp.signal }).catch(() => undefined)
      }
    }
  }

  const recordFailure = async (message: ClaimedMessage, error: unknown) => {
    const { id, lease, mail, attempts, createdAt } = message
    const reason = reasonOf(error, message.secret)
    const now = clock().getTime()
    const tries = attempts + 1
    const told = { messageId: id, kind: mail.kind, tries, ...codesOf(error) }
    if (error instanceof Refused || now - createdAt.getTime() >= retry.giveUpMs) {
      await record((trx) => markFailed(trx, { id, lease, error: reason }))
      mails.inc({ kind: mail.kind, outcome: 'failed' })
      logger.warn(told, 'a mail could not be sent, and will not be')
      return
    }
    const until = new Date(now + pauseAfter(tries, retry))
    await record((trx) => putOff(trx, { id, lease, error: reason, until }))
    mails.inc({ kind: mail.kind, outcome: 'put-off' })
    logger.warn(told, 'a mail could not be sent; it is tried again')
  }

  const send = async (message: ClaimedMessage) => {
    const { id, causeId, recipient, mail } = message
    const deadline = AbortSignal.any([AbortSignal.timeout(timeoutMs), giveUp.signal])
    try {
      const handedOver = sender.send({ id, causeId, recipient, ...renderMail(message, shop) }, deadline)
      await Promise.race([handedOver, aborted(deadline)])
    } catch (error) {
      await recordFailure(message, error)
      return
    }
    await recordSent(message)
    mails.inc({ kind: mail.kind, outcome: 'sent' })
    logger.info({ messageId: id, kind: mail.kind }, 'sent')
  }

  const workOn = (message: ClaimedMessage) =>
    runWithCorrelation({ correlationId: message.correlationId, causationId: message.causeId }, () =>
      send(message).catch((error: unknown) => {
        // The lease will run out by itself.
        logger.warn({ err: error, messageId: message.id }, 'what became of a mail could not be noted')
      }),
    )

  const claim = async () => {
    const limit = concurrency - underWay.size
    if (limit <= 0) return false
    const { claimed, more } = await inTransaction(db, (trx) =>
      claimMessages(trx, { now: clock(), leaseMs: 2 * timeoutMs, limit }),
    )
    for (const message of claimed) {
      const work: Promise<void> = workOn(message).finally(() => {
        underWay.delete(work)
        wake()
      })
      underWay.add(work)
    }
    return more
  }

  const rest = async () => {
    const timer = setTimeout(wake, pollMs)
    await woken.promise
    clearTimeout(timer)
  }

  const run = async () => {
    while (running) {
      woken = Promise.withResolvers()
      try {
        if (await claim()) continue
      } catch (error) {
        logger.warn({ err: error }, 'messages cannot be claimed')
        await sleep(pollMs)
        continue
      }
      await rest()
    }
  }

  return {
    name: 'mail worker',
    start: () => {
      running = true
      loop = run()
      return Promise.resolve()
    },
    /** Takes no more and finishes what is being sent; what hangs is given up, and found again by its lease. */
    stop: async () => {
      running = false
      wake()
      await loop
      const timer = setTimeout(() => giveUp.abort(), DRAIN_MS)
      await Promise.allSettled(underWay)
      clearTimeout(timer)
      await sender.close()
    },
  }
}
