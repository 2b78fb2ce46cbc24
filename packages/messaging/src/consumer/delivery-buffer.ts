import type { Channel, ConsumeMessage } from 'amqplib'

export interface Delivery {
  readonly message: ConsumeMessage
  readonly redelivered: boolean
  /** Acks on the channel that delivered: on another one the tag names another message. */
  ack(): void
  /** Acks this one and all that were delivered before it, in one frame. */
  ackUpToHere(): void
}

export interface DeliveryBuffer {
  readonly ended: AbortSignal
  subscribe(prefetch: number): Promise<void>
  /** Ends new deliveries; those taken or buffered can still be acked. */
  unsubscribe(): Promise<void>
  /** At least one delivery; empty only when the buffer has ended or the signal aborts. Waits `lingerMs` for more than one. */
  take(atMost: number, signal: AbortSignal, lingerMs?: number): Promise<Delivery[]>
  takeBuffered(atMost: number): Delivery[]
  close(): Promise<void>
}

/** Turns a channel's callbacks into batches: whatever arrived while the last batch was handled. */
export const openDeliveryBuffer = (channel: Channel, queue: string): DeliveryBuffer => {
  const ended = new AbortController()
  let buffer: Delivery[] = []
  let onArrival: (() => void) | undefined
  let consumerTag: string | undefined

  const end = (reason: string) => {
    if (ended.signal.aborted) return
    ended.abort(new Error(reason))
    // They are delivered again; handling them now would be double work.
    buffer = []
    onArrival?.()
  }
  channel.on('close', () => end('the channel was closed'))

  const receive = (message: ConsumeMessage | null) => {
    if (message === null) return end('the broker cancelled the consumer')
    const ack = (upToHere: boolean) => () => {
      try {
        channel.ack(message, upToHere)
      } catch {
        end('the channel was closed')
      }
    }
    const { redelivered } = message.fields
    buffer.push({ message, redelivered, ack: ack(false), ackUpToHere: ack(true) })
    onArrival?.()
  }

  const takeBuffered = (atMost: number) => buffer.splice(0, atMost)

  const waitFor = (count: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (buffer.length < count && !ended.signal.aborted && !signal.aborted) return
        onArrival = undefined
        signal.removeEventListener('abort', check)
        resolve()
      }
      onArrival = check
      signal.addEventListener('abort', check)
      check()
    })

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
    take: async (atMost, signal, lingerMs = 0) => {
      await waitFor(1, signal)
      if (lingerMs > 0) await waitFor(atMost, AbortSignal.any([signal, AbortSignal.timeout(lingerMs)]))
      return signal.aborted ? [] : takeBuffered(atMost)
    },
    takeBuffered,
    close: async () => {
      end('closed by this process')
      try {
        await channel.close()
      } catch {}
    },
  }
}
