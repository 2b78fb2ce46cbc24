import type { ConfirmChannel, Message } from 'amqplib'
import type { Logger } from 'pino'
import type { Outgoing } from '../envelope.ts'
import type { Link, Session } from './link.ts'
import { orAborted, within } from './waiting.ts'

/**
 * What became of a message. Only `confirmed` is safe with the broker. `returned`: no queue wanted it. `refused`:
 * the broker or the client cannot take this very message. `late`: no confirm in time. `unconfirmed`: the channel
 * went away. After the last two nobody knows whether the broker has it.
 */
export type Outcome =
  { kind: 'confirmed' } | { kind: 'returned' | 'refused' | 'late' | 'unconfirmed'; reason: string }

export interface Publisher {
  /** Resolves when publishing can begin: connected, topology declared, not blocked. */
  ready(signal: AbortSignal): Promise<void>
  /** Publishes with the mandatory flag, and awaits the confirm. Never rejects. */
  publish(message: Outgoing): Promise<Outcome>
  close(): Promise<void>
}

interface Lane {
  readonly channel: ConfirmChannel
  readonly session: Session
  /** The broker's reply by exchange, key and id: a return names no delivery tag. */
  readonly returned: Map<string, string>
}

const keyOf = (exchange: string, routingKey: string, messageId: unknown) =>
  `${exchange}|${routingKey}|${String(messageId)}`

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** A confirm channel that is replaced when it fails. One per user: a channel error fails its neighbours. */
export const createPublisher = ({
  link,
  confirmTimeoutMs,
  logger,
}: {
  link: Link
  /** A broker in a memory alarm neither confirms nor fails; after this long the outcome counts as unknown. */
  confirmTimeoutMs: number
  logger: Logger
}): Publisher => {
  const closed = new AbortController()
  let lane: Lane | undefined
  let opening: Promise<Lane> | undefined

  const open = async (): Promise<Lane> => {
    const session = await link.session(closed.signal)
    await orAborted(session.blocked ?? Promise.resolve(), closed.signal)
    const channel = await within(session.model.createConfirmChannel(), confirmTimeoutMs, 'opening a channel')
    const opened: Lane = { channel, session, returned: new Map() }
    channel.on('error', (error) => logger.warn({ err: error }, 'publishing channel failed'))
    channel.on('close', () => leave(opened))
    // Comes before the confirm of the same message.
    channel.on('return', ({ fields, properties }: Message) => {
      const { replyText } = fields as unknown as { replyText?: string }
      opened.returned.set(
        keyOf(fields.exchange, fields.routingKey, properties.messageId),
        replyText ?? 'NO_ROUTE',
      )
    })
    return (lane = opened)
  }

  const leave = (left: Lane) => {
    if (lane === left) lane = undefined
  }

  const openLane = () => (opening ??= open().finally(() => (opening = undefined)))

  const giveUp = async (late: Lane) => {
    if (lane !== late) return
    leave(late)
    logger.error({ confirmTimeoutMs }, 'no confirm in time; publishing goes on over a new channel')
    await late.channel.close().catch(() => undefined)
  }

  const send = (over: Lane, { exchange, routingKey, body, properties }: Outgoing) =>
    new Promise<Outcome>((resolve) => {
      const key = keyOf(exchange, routingKey, properties.messageId)
      const deadline = setTimeout(() => {
        resolve({ kind: 'late', reason: `no confirm within ${confirmTimeoutMs} ms` })
        void giveUp(over)
      }, confirmTimeoutMs)
      const answer = (error: Error | null) => {
        clearTimeout(deadline)
        const reply = over.returned.get(key)
        over.returned.delete(key)
        if (error) {
          const refused = error.message === 'message nacked'
          resolve({ kind: refused ? 'refused' : 'unconfirmed', reason: error.message })
        } else resolve(reply === undefined ? { kind: 'confirmed' } : { kind: 'returned', reason: reply })
      }
      try {
        over.channel.publish(exchange, routingKey, body, { ...properties, mandatory: true }, answer)
      } catch (error) {
        clearTimeout(deadline)
        // Anything but a closed channel is the message's own fault, such as headers that do not fit.
        const gone = error instanceof Error && error.name === 'IllegalOperationError'
        resolve({ kind: gone ? 'unconfirmed' : 'refused', reason: textOf(error) })
      }
    })

  return {
    ready: async (signal) => {
      const { session } = lane ?? (await orAborted(openLane(), signal))
      if (session.blocked) await orAborted(session.blocked, signal)
    },
    publish: async (message) => {
      try {
        return await send(
          lane ?? (await orAborted(openLane(), AbortSignal.timeout(confirmTimeoutMs))),
          message,
        )
      } catch (error) {
        return { kind: 'unconfirmed', reason: textOf(error) }
      }
    },
    close: async () => {
      closed.abort(new Error('the publisher was closed'))
      await lane?.channel.close().catch(() => undefined)
    },
  }
}
