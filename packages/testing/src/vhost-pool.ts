import { randomBytes } from 'node:crypto'
import { consumerGroups, EVENTS_EXCHANGE } from '@storewright/contracts'
import { connectBroker, createTopology } from '@storewright/messaging'
import { createLogger } from '@storewright/service-kit/run'
import { eventually } from './eventually.ts'
import {
  apiPath,
  managementApi,
  nameVhostsOfRun,
  serversFromEnvironment,
  testLogLevel,
  vhostsOfRun,
  type ManagementApi,
} from './servers.ts'

interface Definitions {
  queues: { name: string }[]
  exchanges: { name: string }[]
  bindings: { destination: string; routing_key: string }[]
  policies: { name: string }[]
}

interface Server {
  api: ManagementApi
  rabbitmqUrl: string
}

/** What test files gave back, by server. The queues stay: declaring all anew costs the broker a second of computing. */
const given = new Map<string, string[]>()

const groupOf = (queue: string) =>
  Object.entries<readonly { type: string }[]>(consumerGroups).find(
    ([group]) => queue === group || queue.startsWith(`${group}.`),
  )

const isOwnBinding = ({ destination, routing_key: type }: Definitions['bindings'][number]) =>
  groupOf(destination)?.[1].some((contract) => contract.type === type) ?? false

const urlOf = (rabbitmqUrl: string, name: string) => {
  const url = new URL(rabbitmqUrl)
  url.pathname = `/${encodeURIComponent(name)}`
  return url.href
}

const create = async ({ api, rabbitmqUrl }: Server) => {
  const name = `${vhostsOfRun() ?? 't'}-${randomBytes(5).toString('hex')}`
  const user = decodeURIComponent(new URL(rabbitmqUrl).username) || 'guest'
  await api('PUT', apiPath('vhosts', name))
  await api('PUT', apiPath('permissions', name, user), { configure: '.*', write: '.*', read: '.*' })
  return name
}

const deleteUsedQueues = async (url: string, { queues, bindings }: Definitions) => {
  const rebound = new Set(bindings.filter((one) => !isOwnBinding(one)).map(({ destination }) => destination))
  const logger = createLogger({ name: 'testing', level: testLogLevel() })
  const broker = connectBroker({ url, name: 'testing', logger, topology: createTopology({ groups: {} }) })
  try {
    const channel = await broker.openChannel(AbortSignal.timeout(10_000))
    for (const { name } of queues) {
      const { messageCount, consumerCount } = await channel.checkQueue(name)
      if (consumerCount > 0) return false
      if (messageCount > 0 || rebound.has(name) || !groupOf(name)) await channel.deleteQueue(name)
    }
    return true
  } finally {
    await broker.stop()
  }
}

/** False where somebody is still connected, who could bring back what is removed. */
const empty = async ({ api, rabbitmqUrl }: Server, vhost: string): Promise<boolean> => {
  const isLeft = async () =>
    (await api<unknown[]>('GET', `${apiPath('vhosts', vhost)}/connections`)).length === 0
  if (!(await eventually(isLeft, { within: 2_000 }).catch(() => false))) return false
  const definitions = await api<Definitions>('GET', apiPath('definitions', vhost))
  for (const { name } of definitions.policies) await api('DELETE', apiPath('policies', vhost, name))
  for (const { name } of definitions.exchanges)
    if (name !== EVENTS_EXCHANGE) await api('DELETE', apiPath('exchanges', vhost, name))
  return deleteUsedQueues(urlOf(rabbitmqUrl, vhost), definitions)
}

/** An empty host that nobody is connected to. */
export const takeVhost = async (server: Server): Promise<{ name: string; url: string }> => {
  for (;;) {
    const used = given.get(server.rabbitmqUrl)?.pop()
    const name = used ?? (await create(server))
    if (used === undefined || (await empty(server, name)))
      return { name, url: urlOf(server.rabbitmqUrl, name) }
    await server.api('DELETE', apiPath('vhosts', name))
  }
}

/** Keeps it for the next file of this worker; outside of a test run it is deleted. */
export const giveVhostBack = async ({ api, rabbitmqUrl }: Server, name: string) => {
  if (vhostsOfRun() === undefined) await api('DELETE', apiPath('vhosts', name))
  else given.set(rabbitmqUrl, [...(given.get(rabbitmqUrl) ?? []), name])
}

/** For vitest: names the virtual hosts of a run, and removes them when its workers have ended. */
export const setup = () => {
  const prefix = `t-${randomBytes(4).toString('hex')}`
  nameVhostsOfRun(prefix)
  return async () => {
    const api = managementApi(serversFromEnvironment().managementUrl)
    const vhosts = await api<{ name: string }[]>('GET', '/vhosts')
    for (const { name } of vhosts)
      if (name.startsWith(`${prefix}-`)) await api('DELETE', apiPath('vhosts', name))
  }
}
