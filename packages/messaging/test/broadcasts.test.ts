import { inTransaction } from '@storewright/database'
import { createBroadcasts, onEveryReplica } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { apiPath, eventually, managementApi } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startRig, type Rig } from './support/rig.ts'
import { silent } from './support/service.ts'
import { ThingIgnored, ThingNoted } from './support/things.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.close())
afterEach(() => rig.clear())

const replica = async (options: Partial<Parameters<typeof createBroadcasts>[0]> = {}) => {
  const heard: string[] = []
  const broadcasts = createBroadcasts({
    broker: rig.broker,
    service: 'test',
    subscriptions: [onEveryReplica(ThingIgnored, ({ data }) => void heard.push(data.text))],
    logger: silent,
    ...options,
  })
  await broadcasts.start()
  await eventually(() => broadcasts.listening)
  return { heard, stop: () => broadcasts.stop(), broadcasts }
}
const say = (text: string) => inTransaction(rig.db, (trx) => emit(trx, ThingIgnored, { thingId: 'a', text }))
const queues = () =>
  managementApi(rig.vhost.managementUrl)<{ name: string }[]>('GET', `${apiPath('queues', rig.vhost.name)}`)

describe('a broadcast', () => {
  it('reaches every replica, and leaves no queue behind', async () => {
    await rig.relay()
    const replicas = await Promise.all([replica(), replica(), replica()])
    await say('drop it')
    for (const { heard } of replicas) await eventually(() => heard.length === 1)
    for (const { stop } of replicas) await stop()
    await eventually(async () => !(await queues()).some(({ name }) => name.includes('broadcast')))
  })

  it('goes on after a handler that fails', async () => {
    await rig.relay()
    const heard: string[] = []
    const fussy = onEveryReplica(ThingIgnored, ({ data }) => {
      heard.push(data.text)
      if (data.text === 'bad') throw new Error('no')
    })
    const { stop } = await replica({ subscriptions: [fussy] })
    for (const text of ['bad', 'good']) await say(text)
    await eventually(() => heard.length === 2)
    await stop()
  })

  it('is heard again after the connection was lost, and what is in force is read anew, until that succeeds', async () => {
    await rig.relay()
    let reads = 0
    const { heard, stop, broadcasts } = await replica({
      onReconnect: () => {
        reads++
        if (reads === 2) throw new Error('the other service is down')
      },
    })
    await eventually(() => reads === 1)
    const api = managementApi(rig.vhost.managementUrl)
    await eventually(async () => {
      const connections = await api<{ name: string }[]>(
        'GET',
        `${apiPath('vhosts', rig.vhost.name)}/connections`,
      )
      for (const { name } of connections)
        await api('DELETE', apiPath('connections', name)).catch(() => undefined)
      return connections.length > 0
    })
    await eventually(() => reads >= 3 && broadcasts.listening)
    await eventually(async () => {
      await say('again')
      return heard.includes('again')
    })
    await stop()
  })

  it('that does not fit its contract is passed over', async () => {
    const { heard, stop } = await replica()
    const channel = await rig.broker.openChannel()
    channel.publish('storewright.events', ThingIgnored.type, Buffer.from('not json'), {
      type: ThingIgnored.type,
    })
    channel.publish('storewright.events', ThingNoted.type, Buffer.from('{}'), { type: ThingNoted.type })
    await channel.close()
    await rig.relay()
    await say('fits')
    await eventually(() => heard.length === 1)
    expect(heard).toEqual(['fits'])
    await stop()
  })
})
