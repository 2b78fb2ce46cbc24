import { setTimeout as pause } from 'node:timers/promises'
import { connect, type ChannelModel } from 'amqplib'
import type { Logger } from 'pino'
import { brokerBlocked, brokerConnected } from '../metrics.ts'
import { coalesceWrites } from './coalesce-writes.ts'
import { backoff, orAborted, within } from './waiting.ts'

const HEARTBEAT_SECONDS = 8
const CONNECT_TIMEOUT_MS = 10_000
const SETUP_TIMEOUT_MS = 60_000
/** A connection that ends sooner counts as a failed one, so that a refusing broker is not hammered. */
const STEADY_MS = 5_000

/** One connection while it lasts. */
export interface Session {
  readonly model: ChannelModel
  /** Aborted when the connection is gone. */
  readonly gone: AbortSignal
  /** While the broker has blocked publishing: resolves when it lets go or the connection ends. */
  readonly blocked: Promise<void> | undefined
}

/** A connection that heals itself. */
export interface Link {
  readonly connected: boolean
  /** The connection that is up now, or the next one. */
  session(signal?: AbortSignal): Promise<Session>
  stop(): Promise<void>
}

class BrokerStopped extends Error {
  override readonly name = 'BrokerStopped'
  constructor() {
    super('the connection to the broker was closed by us')
  }
}

const withHeartbeat = (url: string) => {
  const target = new URL(url)
  if (!target.searchParams.has('heartbeat')) target.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS))
  return target.href
}

/** One connection, as good as it gets: no recovery. */
export const dial = async (url: string, name: string) => {
  const model = await connect(withHeartbeat(url), {
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    clientProperties: { connection_name: name },
  })
  coalesceWrites(model)
  return model
}

/** Opens a connection and keeps it open: backoff with jitter, and `setUp` on every new one before it is used. */
export const openLink = ({
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
}): Link => {
  const stopped = new AbortController()
  const labels = { name, purpose }
  let current = Promise.withResolvers<Session>()
  let connected = false
  // Waiting for it is optional.
  current.promise.catch(() => undefined)

  const sessionOf = (model: ChannelModel) => {
    const gone = new AbortController()
    let release: (() => void) | undefined
    let blocked: Promise<void> | undefined
    const letGo = () => {
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
    model.on('unblocked', letGo)
    const ended = new Promise<void>((resolve) => {
      model.once('close', () => {
        gone.abort(new Error('the connection to the broker ended'))
        letGo()
        resolve()
      })
    })
    const session: Session = {
      model,
      gone: gone.signal,
      get blocked() {
        return blocked
      },
    }
    return { session, ended }
  }

  const once = async () => {
    const began = performance.now()
    const model = await dial(url, `${name} ${purpose}`)
    const { session, ended } = sessionOf(model)
    const end = () => void model.close().catch(() => undefined)
    stopped.signal.addEventListener('abort', end)
    if (stopped.signal.aborted) end()
    try {
      await within(orAborted(setUp(model), session.gone), SETUP_TIMEOUT_MS, 'declaring the topology')
      if (!stopped.signal.aborted) {
        connected = true
        brokerConnected.set(labels, 1)
        current.resolve(session)
        logger.info({ purpose }, 'connected to the broker')
      }
      await ended
    } catch (error) {
      end()
      throw error
    } finally {
      stopped.signal.removeEventListener('abort', end)
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
        failures = (await once()) > STEADY_MS ? 0 : failures + 1
        if (!stopped.signal.aborted) logger.warn({ purpose }, 'the connection to the broker ended')
      } catch (error) {
        if (!stopped.signal.aborted)
          logger.warn({ err: error, purpose, failures }, 'no connection to the broker')
        failures++
      }
      await pause(backoff(failures), undefined, { signal: stopped.signal }).catch(() => undefined)
    }
    current.reject(new BrokerStopped())
  }
  const running = run()

  return {
    get connected() {
      return connected
    },
    session: (signal) => (signal ? orAborted(current.promise, signal) : current.promise),
    stop: async () => {
      stopped.abort(new BrokerStopped())
      await within(running, 5_000, 'closing the connection').catch(() => undefined)
    },
  }
}
