import { connect as connectTo, type ChannelModel } from 'amqplib'
import type { Logger } from 'pino'
import { pauseBackoff } from '@storewright/runtime/backoff'
import { raceAbort, withTimeout } from '@storewright/runtime/timeout'
import { brokerBlocked, brokerConnected } from '../metrics.ts'
import { coalesceWrites } from './coalesce-writes.ts'

const HEARTBEAT_SECONDS = 8
const CONNECT_TIMEOUT_MS = 10_000
const SETUP_TIMEOUT_MS = 60_000
/** A connection that ends sooner counts as failed, so that a broker that refuses us is not hammered. */
const STABLE_MS = 5_000

export interface Connection {
  readonly model: ChannelModel
  /** Aborted when the connection has ended. */
  readonly ended: AbortSignal
  /** While the broker blocks publishing: resolves when it unblocks or the connection ends. */
  readonly blocked: Promise<void> | undefined
}

export interface ManagedConnection {
  readonly connected: boolean
  current(signal?: AbortSignal): Promise<Connection>
  stop(): Promise<void>
}

class BrokerStopped extends Error {
  override readonly name = 'BrokerStopped'
  constructor() {
    super('this process closed its connection to the broker')
  }
}

const withHeartbeat = (url: string) => {
  const target = new URL(url)
  if (!target.searchParams.has('heartbeat')) target.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS))
  return target.href
}

export const connect = async (url: string, name: string) => {
  const model = await connectTo(withHeartbeat(url), {
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    clientProperties: { connection_name: name },
  })
  coalesceWrites(model)
  return model
}

/** Opens a connection and keeps it open, with back-off; `setUp` runs on each new one before it is used. */
export const openConnection = ({
  url,
  name,
  purpose,
  logger,
  setUp = async () => undefined,
}: {
  url: string
  name: string
  purpose: 'publish' | 'consume'
  logger: Logger
  setUp?: (model: ChannelModel) => Promise<void>
}): ManagedConnection => {
  const stopped = new AbortController()
  const labels = { name, purpose }
  let current = Promise.withResolvers<Connection>()
  let connected = false
  current.promise.catch(() => undefined)

  const watch = (model: ChannelModel) => {
    const ended = new AbortController()
    let release: (() => void) | undefined
    let blocked: Promise<void> | undefined
    const unblock = () => {
      brokerBlocked.set(labels, 0)
      release?.()
      blocked = undefined
    }
    model.on('error', (error) => logger.warn({ err: error, purpose }, 'broker connection failed'))
    model.on('blocked', (reason) => {
      logger.error({ reason, purpose }, 'the broker blocks publishing; events wait in the outbox')
      brokerBlocked.set(labels, 1)
      blocked ??= new Promise((resolve) => (release = resolve))
    })
    model.on('unblocked', unblock)
    const closed = new Promise<void>((resolve) => {
      model.once('close', () => {
        ended.abort(new Error('the connection to the broker ended'))
        unblock()
        resolve()
      })
    })
    const connection: Connection = {
      model,
      ended: ended.signal,
      get blocked() {
        return blocked
      },
    }
    return { connection, closed }
  }

  /** Resolves with its duration in milliseconds. */
  const runOnce = async () => {
    const began = performance.now()
    const model = await connect(url, `${name} ${purpose}`)
    const { connection, closed } = watch(model)
    const close = () => void model.close().catch(() => undefined)
    stopped.signal.addEventListener('abort', close)
    if (stopped.signal.aborted) close()
    try {
      await withTimeout(raceAbort(setUp(model), connection.ended), SETUP_TIMEOUT_MS, 'declaring the topology')
      if (!stopped.signal.aborted) {
        connected = true
        brokerConnected.set(labels, 1)
        current.resolve(connection)
        logger.info({ purpose }, 'connected to the broker')
      }
      await closed
    } catch (error) {
      close()
      throw error
    } finally {
      stopped.signal.removeEventListener('abort', close)
      if (connected) current = Promise.withResolvers()
      current.promise.catch(() => undefined)
      connected = false
      brokerConnected.set(labels, 0)
    }
    return performance.now() - began
  }

  const run = async () => {
    let failures = 0
    while (!stopped.signal.aborted) {
      try {
        failures = (await runOnce()) > STABLE_MS ? 0 : failures + 1
        if (!stopped.signal.aborted) logger.warn({ purpose }, 'the connection to the broker ended')
      } catch (error) {
        if (!stopped.signal.aborted)
          logger.warn({ err: error, purpose, failures }, 'cannot connect to the broker')
        failures++
      }
      await pauseBackoff(failures, stopped.signal)
    }
    current.reject(new BrokerStopped())
  }
  const running = run()

  return {
    get connected() {
      return connected
    },
    current: (signal) => (signal ? raceAbort(current.promise, signal) : current.promise),
    stop: async () => {
      stopped.abort(new BrokerStopped())
      await withTimeout(running, 5_000, 'closing the connection').catch(() => undefined)
    },
  }
}
