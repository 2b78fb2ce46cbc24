import { inTransaction } from '@storewright/database'
import { createFanoutConsumer, onEveryReplica, onSubject } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { apiPath, eventually, managementApi } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { withPublish } from './support/faults.ts'
import { startHarness, type Harness } from './support/harness.ts'
import { silent } from './support/service.ts'
import { ThingIgnored, ThingNoted } from './support/test-events.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())
afterEach(() => harness.clear())

const startReplica = async (options: Partial<Parameters<typeof createFanoutConsumer>[0]> = {}) => {
  const received: string[] = []
  const consumer = createFanoutConsumer({
    broker: harness.broker,
    service: 'test',
    subscriptions: [onEveryReplica(ThingIgnored, ({ data }) => void received.push(data.text))],
    logger: silent,
    ...options,
  })
  await consumer.start()
  await eventually(() => consumer.listening)
  return { received, stop: () => consumer.stop(), consumer }
}
const emitText = (text: string) =>
  inTransaction(harness.db, (trx) => emit(trx, ThingIgnored, { thingId: 'a', text }))
const queues = () =>
  managementApi(harness.vhost.managementUrl)<{ name: string }[]>(
    'GET',
    `${apiPath('queues', harness.vhost.name)}`,
  )

describe('a fanout consumer', () => {
  it('receives an event at every replica and deletes its queue when it stops', async () => {
    await harness.relay()
    const replicas = await Promise.all([startReplica(), startReplica(), startReplica()])
    await emitText('to all')
    for (const { received } of replicas) await eventually(() => received.length === 1)
    for (const { stop } of replicas) await stop()
    await eventually(async () => !(await queues()).some(({ name }) => name.includes('broadcast')))
  })

  it('continues after a handler that fails', async () => {
    await harness.relay()
    const received: string[] = []
    const failing = onEveryReplica(ThingIgnored, ({ data }) => {
      received.push(data.text)
      if (data.text === 'bad') throw new Error('no')
    })
    const { stop } = await startReplica({ subscriptions: [failing] })
    for (const text of ['bad', 'good']) await emitText(text)
    await eventually(() => received.length === 2)
    await stop()
  })

  it('reconnects after a lost connection and runs onReconnect until that succeeds', async () => {
    await harness.relay()
    let reads = 0
    const { received, stop, consumer } = await startReplica({
      onReconnect: () => {
        reads++
        if (reads === 2) throw new Error('the other service is down')
      },
    })
    await eventually(() => reads === 1)
    const api = managementApi(harness.vhost.managementUrl)
    await eventually(async () => {
      const connections = await api<{ name: string }[]>(
        'GET',
        `${apiPath('vhosts', harness.vhost.name)}/connections`,
      )
      for (const { name } of connections)
        await api('DELETE', apiPath('connections', name)).catch(() => undefined)
      return connections.length > 0
    })
    await eventually(() => reads >= 3 && consumer.listening)
    await eventually(async () => {
      await emitText('again')
      return received.includes('again')
    })
    await stop()
  })

  it('receives an event at once while the broker confirms none of the others in the relay’s batch', async () => {
    const recovered = Promise.withResolvers<void>()
    const broker = withPublish(harness.broker, (publish) => async (message) => {
      if (message.properties.type !== ThingNoted.type) return publish(message)
      await recovered.promise
      return { kind: 'late', reason: 'no confirm' }
    })
    const { received, stop } = await startReplica()
    await inTransaction(harness.db, async (trx) => {
      for (const thingId of ['a', 'b', 'c']) await emit(trx, ThingNoted, { thingId, text: '' })
      await emit(trx, ThingIgnored, { thingId: 'd', text: 'revoked' })
    })
    await harness.relay({ broker })
    await eventually(() => received.length === 1, { what: 'the broadcast' }).finally(async () => {
      expect(await harness.counts()).toMatchObject({ waiting: 4 })
      recovered.resolve()
    })
    await harness.settle({ waiting: 3 })
    await stop()
  })

  it('reads the subject of an event from its header, whatever the body, and ignores replays', async () => {
    const subjects: string[] = []
    const handle = (subject: string) => void subjects.push(subject)
    const { stop } = await startReplica({ subscriptions: [onSubject(ThingIgnored, handle)] })
    const channel = await harness.broker.openChannel()
    const publish = (headers: Record<string, unknown>) =>
      channel.publish('storewright.events', ThingIgnored.type, Buffer.from('not json'), { headers })
    publish({})
    publish({ 'cloudEvents:subject': 'repeated', 'x-replay': true })
    publish({ 'cloudEvents:subject': 'changed' })
    await eventually(() => subjects.length > 0)
    expect(subjects).toEqual(['changed'])
    await channel.close()
    await stop()
  })

  it('ignores a message that does not fit its contract', async () => {
    const { received, stop } = await startReplica()
    const channel = await harness.broker.openChannel()
    channel.publish('storewright.events', ThingIgnored.type, Buffer.from('not json'), {
      type: ThingIgnored.type,
    })
    channel.publish('storewright.events', ThingNoted.type, Buffer.from('{}'), { type: ThingNoted.type })
    await channel.close()
    await harness.relay()
    await emitText('fits')
    await eventually(() => received.length === 1)
    expect(received).toEqual(['fits'])
    await stop()
  })
})
