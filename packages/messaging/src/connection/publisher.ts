import type { ConfirmChannel, Message } from 'amqplib'
import type { Logger } from 'pino'
import { raceAbort, withTimeout } from '@storewright/runtime/timeout'
import type { OutgoingMessage } from '../envelope.ts'
import type { Connection, ManagedConnection } from './managed-connection.ts'

/** `returned`: no queue is bound. `refused`: not this message. `late`, `unconfirmed` (channel closed): stored or not, nobody knows. */
export type Outcome =
  { kind: 'confirmed' } | { kind: 'returned' | 'refused' | 'late' | 'unconfirmed'; reason: string }

export interface Publisher {
  /** Resolves when publishing can begin: connected, topology declared, not blocked. */
  ready(signal: AbortSignal): Promise<void>
  publish(message: OutgoingMessage): Promise<Outcome>
  close(): Promise<void>
}

interface ChannelState {
  readonly channel: ConfirmChannel
  readonly connection: Connection
  /** Why a message was returned, by exchange, key and id: a return names no delivery tag. */
  readonly returned: Map<string, string>
}

const keyOf = (exchange: string, routingKey: string, messageId: unknown) =>
  `${exchange}|${routingKey}|${String(messageId)}`

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Each user has its own channel: an error closes it, and it is replaced. */
export const createPublisher = ({
  connection: managed,
  confirmTimeoutMs,
  logger,
}: {
  connection: Pick<ManagedConnection, 'current'>
  /** A broker in a memory alarm neither confirms nor fails; after this long the outcome counts as unknown. */
  confirmTimeoutMs: number
  logger: Logger
}): Publisher => {
  const closed = new AbortController()
  let state: ChannelState | undefined
  let opening: Promise<ChannelState> | undefined

  const forget = (old: ChannelState) => {
    if (state === old) state = undefined
  }

  const open = async (): Promise<ChannelState> => {
    const connection = await managed.current(closed.signal)
    await raceAbort(connection.blocked ?? Promise.resolve(), closed.signal)
    const creating = connection.model.createConfirmChannel()
    const channel = await withTimeout(creating, confirmTimeoutMs, 'opening a channel')
    const opened: ChannelState = { channel, connection, returned: new Map() }
    channel.on('error', (error) => logger.warn({ err: error }, 'publishing channel failed'))
    channel.on('close', () => forget(opened))
    channel.on('return', ({ fields, properties }: Message) => {
      const { replyText } = fields as unknown as { replyText?: string }
      opened.returned.set(
        keyOf(fields.exchange, fields.routingKey, properties.messageId),
        replyText ?? 'NO_ROUTE',
      )
    })
    return (state = opened)
  }

  const openChannel = () => (opening ??= open().finally(() => (opening = undefined)))

  const replaceChannel = async (late: ChannelState) => {
    if (state !== late) return
    forget(late)
    logger.error({ confirmTimeoutMs }, 'no confirm in time; publishing continues on a new channel')
    await late.channel.close().catch(() => undefined)
  }

  const send = (
    over: ChannelState,
    { exchange, routingKey, body, properties, mandatory = true }: OutgoingMessage,
  ) =>
    new Promise<Outcome>((resolve) => {
      const key = keyOf(exchange, routingKey, properties.messageId)
      const deadline = setTimeout(() => {
        resolve({ kind: 'late', reason: `no confirm within ${confirmTimeoutMs} ms` })
        void replaceChannel(over)
      }, confirmTimeoutMs)
      const onConfirm = (error: Error | null) => {
        clearTimeout(deadline)
        const reply = over.returned.get(key)
        over.returned.delete(key)
        if (error) {
          const refused = error.message === 'message nacked'
          resolve({ kind: refused ? 'refused' : 'unconfirmed', reason: error.message })
        } else resolve(reply === undefined ? { kind: 'confirmed' } : { kind: 'returned', reason: reply })
      }
      try {
        over.channel.publish(exchange, routingKey, body, { ...properties, mandatory }, onConfirm)
      } catch (error) {
        clearTimeout(deadline)
        // Only a closed channel is not the message's own fault; headers that do not fit a frame are.
        const gone = error instanceof Error && error.name === 'IllegalOperationError'
        resolve({ kind: gone ? 'unconfirmed' : 'refused', reason: textOf(error) })
      }
    })

  return {
    ready: async (signal) => {
      const { connection } = state ?? (await raceAbort(openChannel(), signal))
      if (connection.blocked) await raceAbort(connection.blocked, signal)
    },
    publish: async (message) => {
      try {
        const over = state ?? (await raceAbort(openChannel(), AbortSignal.timeout(confirmTimeoutMs)))
        return await send(over, message)
      } catch (error) {
        return { kind: 'unconfirmed', reason: textOf(error) }
      }
    },
    close: async () => {
      closed.abort(new Error('the publisher was closed'))
      await state?.channel.close().catch(() => undefined)
    },
  }
}
