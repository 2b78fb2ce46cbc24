import { createConnection, createServer, type Socket } from 'node:net'
import type { ConsumeMessage } from 'amqplib'
import { register } from 'prom-client'
import type { Counts, TestBroker } from './harness.ts'

/** True when every emitted event took effect once, or was dead-lettered or dropped, and the outbox is empty. */
export const isBalanced = (counts: Counts, emitted: number) =>
  counts.emitted === emitted &&
  counts.applied + counts.dead + counts.dropped === emitted &&
  counts.effects === counts.applied &&
  counts.events === counts.applied &&
  counts.waiting === 0

type Publisher = ReturnType<TestBroker['createPublisher']>
type Publish = Publisher['publish']

/** A broker with another `publish`. */
export const withPublish = (broker: TestBroker, publish: (inner: Publish) => Publish): TestBroker => ({
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

/** Without a guard: publishes without the mandatory flag. */
export const withoutMandatory = (broker: TestBroker): TestBroker =>
  withPublish(broker, () => async ({ exchange, routingKey, body, properties }) => {
    const channel = await broker.openChannel()
    channel.publish(exchange, routingKey, body, { ...properties, mandatory: false })
    await channel.close()
    return { kind: 'confirmed' }
  })

/** A TCP proxy that can swallow the broker's answers, as an overloaded broker does. */
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
    swallowAnswers: () => void (silent = true),
    passAnswers: () => {
      silent = false
      // The swallowed bytes are missing in these streams, so they cannot continue.
      for (const socket of sockets) socket.destroy()
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Without a guard: messages are acked when they are delivered, before any commit. */
export const withEarlyAck = (broker: TestBroker): TestBroker => ({
  ...withPublish(broker, (publish) => publish),
  openChannel: async (signal) => {
    const channel = await broker.openChannel(signal)
    const consume = channel.consume.bind(channel)
    channel.consume = (queue, handler) => consume(queue, handler, { noAck: true })
    channel.ack = () => undefined
    return channel
  },
})

/** A broker whose consumer gets its first batch of `size` messages at once, after a first message on its own. */
export const withFirstBatchOf = (size: number, broker: TestBroker): TestBroker => ({
  ...withPublish(broker, (publish) => publish),
  openChannel: async (signal) => {
    const channel = await broker.openChannel(signal)
    const consume = channel.consume.bind(channel)
    let held: ConsumeMessage[] | undefined = []
    let subscriptions = 0
    channel.consume = (queue, handler) => {
      if (++subscriptions !== 2) return consume(queue, handler)
      return consume(queue, (message) => {
        if (!held || !message) return handler(message)
        held.push(message)
        if (held.length < size) return
        held.forEach(handler)
        held = undefined
      })
    }
    return channel
  },
})

/** The sum of a metric over all its labels. */
export const total = async (metric: string) => {
  const values = (await register.getSingleMetric(metric)?.get())?.values ?? []
  return values.reduce((sum, { value }) => sum + value, 0)
}
