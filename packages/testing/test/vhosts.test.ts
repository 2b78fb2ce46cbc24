import { EVENTS_EXCHANGE } from '@storewright/contracts'
import { connectBroker } from '@storewright/messaging'
import { createLogger } from '@storewright/service-kit/run'
import { apiPath, eventually, managementApi, scratchVhost, type ScratchVhost } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { testLogLevel } from '../src/servers.ts'

const GROUP = 'inventory.order-events'

const contentsOf = async ({ name, managementUrl }: ScratchVhost) => {
  const definitions = await managementApi(managementUrl)<
    Record<'queues' | 'exchanges' | 'policies' | 'bindings', Record<string, unknown>[]>
  >('GET', apiPath('definitions', name))
  return {
    queues: definitions.queues.map((queue) => String(queue['name'])).sort(),
    exchanges: definitions.exchanges.map((exchange) => exchange['name']),
    policies: definitions.policies,
    keys: definitions.bindings
      .filter(({ destination }) => destination === GROUP)
      .map((binding) => String(binding['routing_key']))
      .sort(),
  }
}

const openBroker = async ({ url }: ScratchVhost) => {
  const logger = createLogger({ name: 'test', level: testLogLevel() })
  const broker = connectBroker({ url, name: 'test', logger })
  await eventually(() => broker.topologyDeclared)
  return broker
}

describe('a virtual host that a test file gave back', () => {
  it('goes to the next file with the queues of the topology, and with nothing else', async () => {
    const first = await scratchVhost()
    const broker = await openBroker(first)
    const fresh = await contentsOf(first)
    const channel = await broker.openChannel()
    await channel.assertExchange('stray', 'fanout')
    await channel.assertQueue('stray')
    await channel.bindQueue(GROUP, EVENTS_EXCHANGE, 'stray.key')
    await broker.stop()
    const policy = { pattern: '.*', definition: { 'max-length': 1 } }
    await managementApi(first.managementUrl)('PUT', apiPath('policies', first.name, 'stray'), policy)
    for (const queue of [`${GROUP}.dead`, `${GROUP}.retry.1s`]) await first.sendToQueue(queue, 'stray')
    await first.drop()

    const second = await scratchVhost()
    expect(second.name).toBe(first.name)
    const emptied = await contentsOf(second)
    expect(emptied).toMatchObject({ exchanges: [EVENTS_EXCHANGE], policies: [], keys: [] })
    expect(emptied.queues).toContain('order.inventory-events')
    expect(emptied.queues).not.toContain('stray')
    await (await openBroker(second)).stop()
    expect(await contentsOf(second)).toEqual(fresh)
    for (const queue of fresh.queues.filter((name) => name.startsWith(GROUP)))
      expect(await second.peek(queue)).toEqual([])
    await second.drop()
  })

  it('goes to nobody while somebody still consumes from it', async () => {
    const first = await scratchVhost()
    const broker = await openBroker(first)
    const channel = await broker.openChannel()
    await channel.consume(GROUP, () => undefined)
    await first.drop()
    const second = await scratchVhost()
    expect(second.name).not.toBe(first.name)
    await second.drop()
    await broker.stop()
  })
})
