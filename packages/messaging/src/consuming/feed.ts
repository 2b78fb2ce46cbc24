import type { Channel, ConsumeMessage } from 'amqplib'

/** A message in hand, with the only thing that may settle it. */
export interface Delivery {
  readonly message: ConsumeMessage
  readonly redelivered: boolean
  /**
   * Acks on the channel that delivered: tags of another one name other messages. Where that channel is gone the
   * broker delivers again, and the inbox takes it from there.
   */
  ack(): void
}

/** The deliveries of one queue over one channel, as long as that lasts. */
export interface Feed {
  /** Aborted once nothing more will come. */
  readonly ended: AbortSignal
  /** Begins to consume, with at most so many messages unacked. */
  subscribe(prefetch: number): Promise<void>
  /** No further deliveries; those in hand stay ours. */
  unsubscribe(): Promise<void>
  /** What is there, at least one; nothing only when the feed has ended or the signal says to stop waiting. */
  take(atMost: number, signal: AbortSignal): Promise<Delivery[]>
  /** What is there, or nothing. */
  takeBuffered(atMost: number): Delivery[]
  /** Ends it; the broker takes back what was not acked. */
  close(): Promise<void>
}

/** Turns a channel's callbacks into batches: whatever has arrived while the last one was handled. */
export const openFeed = (channel: Channel, queue: string): Feed => {
  const ended = new AbortController()
  let buffer: Delivery[] = []
  let arrival: (() => void) | undefined
  let consumerTag: string | undefined

  const end = (reason: string) => {
    if (ended.signal.aborted) return
    ended.abort(new Error(reason))
    // They come again: to handle them now would only be double work.
    buffer = []
    arrival?.()
  }
  channel.on('close', () => end('the channel was closed'))

  const receive = (message: ConsumeMessage | null) => {
    if (message === null) return end('the broker cancelled the consumer')
    buffer.push({
      message,
      redelivered: message.fields.redelivered,
      ack: () => {
        try {
          channel.ack(message)
        } catch {
          end('the channel was closed')
        }
      },
    })
    arrival?.()
  }

  const takeBuffered = (atMost: number) => buffer.splice(0, atMost)

  return {
    ended: ended.signal,
    subscribe: async (prefetch) => {
      await channel.prefetch(prefetch)
      consumerTag = (await channel.consume(queue, receive)).consumerTag
    },
    unsubscribe: async () => {
      if (consumerTag !== undefined && !ended.signal.aborted) await channel.cancel(consumerTag)
      consumerTag = undefined
    },
    take: async (atMost, signal) => {
      if (buffer.length === 0 && !ended.signal.aborted && !signal.aborted) {
        await new Promise<void>((resolve) => {
          arrival = () => {
            signal.removeEventListener('abort', wakeUp)
            resolve()
          }
          const wakeUp = arrival
          signal.addEventListener('abort', wakeUp, { once: true })
        })
        arrival = undefined
      }
      return signal.aborted ? [] : takeBuffered(atMost)
    },
    takeBuffered,
    close: async () => {
      end('closed by us')
      try {
        await channel.close()
      } catch {
        // Gone already.
      }
    },
  }
}
