import type { Broker } from '@storewright/messaging'
import { createConnection, createServer, type Socket } from 'node:net'
import { register } from 'prom-client'
import type { Books } from './rig.ts'

/** The check of every test here: what was said took effect, once each, and nothing is left. */
export const isBalanced = (books: Books, said: number) =>
  books.emitted === said &&
  books.applied + books.dead + books.dropped === said &&
  books.effects === books.applied &&
  books.events === books.applied &&
  books.waiting === 0

type Publisher = ReturnType<Broker['createPublisher']>
type Publish = Publisher['publish']

/** A broker whose publishers do something else. */
export const withPublish = (broker: Broker, publish: (inner: Publish) => Publish): Broker => ({
  get connected() {
    return broker.connected
  },
  get topologyDeclared() {
    return broker.topologyDeclared
  },
  topology: broker.topology,
  name: broker.name,
  openChannel: (signal) => broker.openChannel(signal),
  stop: () => broker.stop(),
  createPublisher: () => {
    const inner = broker.createPublisher()
    return { ...inner, publish: publish(inner.publish) }
  },
})

/** The guard taken away: published with a confirm, but without the mandatory flag. */
export const withoutMandatory = (broker: Broker): Broker =>
  withPublish(broker, () => async ({ exchange, routingKey, body, properties }) => {
    const channel = await broker.openChannel()
    channel.publish(exchange, routingKey, body, { ...properties, mandatory: false })
    await channel.close()
    return { kind: 'confirmed' }
  })

/** A way to the broker that can be made to swallow all answers, as a broker in trouble does. */
export const startProxy = async (target: string) => {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let silent = false
  const server = createServer((client) => {
    const upstream = createConnection({ host: hostname, port: Number(port) })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk) => {
      if (!silent) client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(target)
  url.port = String(typeof address === 'object' ? address?.port : '')
  return {
    url: url.href,
    silence: () => void (silent = true),
    speak: () => {
      silent = false
      // What was swallowed is missing in the stream: these connections are beyond saving.
      for (const socket of sockets) socket.destroy()
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** The guard taken away: messages count as acked when they are delivered, long before any commit. */
export const withEarlyAck = (broker: Broker): Broker => ({
  ...withPublish(broker, (publish) => publish),
  openChannel: async (signal) => {
    const channel = await broker.openChannel(signal)
    const consume = channel.consume.bind(channel)
    channel.consume = (queue, handler) => consume(queue, handler, { noAck: true })
    channel.ack = () => undefined
    return channel
  },
})

/** A counter of prom-client's, over all its labels. */
export const total = async (metric: string) => {
  const values = (await register.getSingleMetric(metric)?.get())?.values ?? []
  return values.reduce((sum, { value }) => sum + value, 0)
}
