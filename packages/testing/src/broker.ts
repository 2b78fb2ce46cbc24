import { randomBytes } from 'node:crypto'
import { EVENTS_EXCHANGE, type Envelope, type EventContract } from '@storewright/contracts'
import { apiPath, managementApi, serversFromEnvironment } from './servers.ts'
import { giveVhostBack, takeVhost } from './vhost-pool.ts'

/** An envelope as AMQP properties (CloudEvents 1.0, binary mode), in the management API's spelling. */
export const toProperties = (event: Envelope) => ({
  message_id: event.id,
  type: event.type,
  timestamp: Math.floor(Date.parse(event.time) / 1_000),
  content_type: 'application/json',
  correlation_id: event.correlationId,
  delivery_mode: 2,
  headers: {
    'cloudEvents:specversion': '1.0',
    'cloudEvents:id': event.id,
    'cloudEvents:type': event.type,
    'cloudEvents:source': event.source,
    'cloudEvents:subject': event.subject,
    'cloudEvents:time': event.time,
    'cloudEvents:dataschema': `urn:storewright:schema:${event.type}`,
    'cloudEvents:aggregateversion': event.aggregateVersion,
    ...(event.causationId === null ? {} : { 'cloudEvents:causationid': event.causationId }),
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    ...(event.replay ? { 'x-replay': true } : {}),
    'x-attempt': 1,
  },
})

export interface Captured {
  type: string
  messageId: string
  correlationId: string
  headers: Record<string, unknown>
  data: unknown
}

export interface ScratchVhost {
  url: string
  managementUrl: string
  name: string
  /** Puts a message straight on a queue, as the broker would. */
  sendToQueue(queue: string, body: string, properties?: Record<string, unknown>): Promise<void>
  /** Publishes an event; false where no queue is bound to it. */
  publish(event: Envelope): Promise<boolean>
  /** A queue of the test's own that receives these events from now on. */
  spyOn(...contracts: EventContract[]): Promise<{ messages(): Promise<Captured[]> }>
  peek(queue: string): Promise<Captured[]>
  drop(): Promise<void>
}

interface GotMessage {
  payload: string
  properties: {
    type?: string
    message_id?: string
    correlation_id?: string
    headers?: Record<string, unknown>
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const toCaptured = ({ payload, properties }: GotMessage): Captured => ({
  type: properties.type ?? '',
  messageId: properties.message_id ?? '',
  correlationId: properties.correlation_id ?? '',
  headers: properties.headers ?? {},
  data: parsed(payload),
})

/** A virtual host with nothing in it but, at most, the queues that every service declares. */
export const scratchVhost = async (): Promise<ScratchVhost> => {
  const { rabbitmqUrl, managementUrl } = serversFromEnvironment()
  const api = managementApi(managementUrl)
  const { name, url } = await takeVhost({ api, rabbitmqUrl })

  const publishTo = async (exchange: string, routingKey: string, payload: string, properties: object) => {
    const { routed } = await api<{ routed: boolean }>(
      'POST',
      `${apiPath('exchanges', name, exchange)}/publish`,
      {
        routing_key: routingKey,
        payload,
        payload_encoding: 'string',
        properties,
      },
    )
    return routed
  }
  const get = (queue: string, ackmode: string) =>
    api<GotMessage[]>('POST', `${apiPath('queues', name, queue)}/get`, {
      count: 10_000,
      ackmode,
      encoding: 'auto',
    })

  return {
    url,
    managementUrl,
    name,
    sendToQueue: async (queue, body, properties = {}) => {
      const routed = await publishTo('amq.default', queue, body, { delivery_mode: 2, ...properties })
      if (!routed) throw new Error(`there is no queue ${queue}`)
    },
    publish: (event) =>
      publishTo(EVENTS_EXCHANGE, event.type, JSON.stringify(event.data), toProperties(event)),
    spyOn: async (...contracts) => {
      const queue = `spy-${randomBytes(5).toString('hex')}`
      await api('PUT', apiPath('exchanges', name, EVENTS_EXCHANGE), { type: 'topic', durable: true })
      await api('PUT', apiPath('queues', name, queue), { durable: true })
      for (const { type } of contracts) {
        await api('POST', `${apiPath('bindings', name)}/e${apiPath(EVENTS_EXCHANGE)}/q${apiPath(queue)}`, {
          routing_key: type,
        })
      }
      const captured: Captured[] = []
      return {
        messages: async () => {
          captured.push(...(await get(queue, 'ack_requeue_false')).map(toCaptured))
          return captured
        },
      }
    },
    peek: async (queue) => (await get(queue, 'ack_requeue_true')).map(toCaptured),
    drop: () => giveVhostBack({ api, rabbitmqUrl }, name),
  }
}
