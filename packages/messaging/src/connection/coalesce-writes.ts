import type { Duplex } from 'node:stream'
import type { ChannelModel } from 'amqplib'

/** One system call per turn of the event loop: amqplib's call per message costs a relay four tenths of its time. */
export const coalesceWrites = ({ connection }: ChannelModel) => {
  const { stream } = connection as unknown as { stream?: Duplex }
  // Not part of amqplib's interface: without it everything works as before, only slower.
  if (typeof stream?.cork !== 'function') return
  const write = stream.write.bind(stream) as (chunk: Buffer) => boolean
  let corked = false
  stream.write = (chunk: Buffer) => {
    if (!corked) {
      corked = true
      stream.cork()
      process.nextTick(() => {
        corked = false
        stream.uncork()
      })
    }
    return write(chunk)
  }
}
