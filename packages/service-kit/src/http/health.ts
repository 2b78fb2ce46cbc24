import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import type { Logger } from '../run/logger.ts'
import { metricsRegister } from './metrics.ts'
import type { Server } from './server.ts'

/** Each must resolve for the service to be ready; what it resolves to is told in the answer. */
export type ReadyChecks = Record<string, () => unknown>

const CHECK_TIMEOUT_MS = 2_000

const withTimeout = async (check: () => unknown) => {
  const timeout = new AbortController()
  try {
    return await Promise.race([
      Promise.resolve().then(check),
      pause(CHECK_TIMEOUT_MS, undefined, { signal: timeout.signal, ref: false }).then(() => {
        throw new Error('no answer in time')
      }),
    ])
  } finally {
    timeout.abort()
  }
}

/** Answers with this process's metrics. */
export const sendMetrics = async (reply: FastifyReply) =>
  reply.type(metricsRegister.contentType).send(await metricsRegister.metrics())

/** Paths of the kit that a server may answer in its own way. */
export type OwnPath = '/metrics' | '/openapi.json'

/** `/live` asks nobody; `/ready` asks the checks; `/metrics` is for Prometheus. None goes through the gateway. */
export const addHealth = (app: Server, ready: ReadyChecks, logger: Logger, own: readonly OwnPath[] = []) => {
  // Exempt from load shedding: whoever watches must see a loaded service as alive.
  const config = { pressureHandler: () => undefined }
  const schema = { hide: true }

  app.get('/live', { schema, config }, () => ({ status: 'live' }))

  app.get('/ready', { schema, config }, async (_request, reply) => {
    let ok = true
    const told = await Promise.all(
      Object.entries(ready).map(async ([name, check]): Promise<[string, unknown]> => {
        try {
          return [name, (await withTimeout(check)) ?? 'ok']
        } catch (error) {
          ok = false
          logger.warn({ err: error, check: name }, 'not ready')
          return [name, 'failed']
        }
      }),
    )
    return reply
      .code(ok ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ok ? 'ready' : 'not-ready', checks: Object.fromEntries(told) })
  })

  if (!own.includes('/metrics')) {
    app.get('/metrics', { schema, config }, (_request, reply) => sendMetrics(reply))
  }
  if (!own.includes('/openapi.json')) app.get('/openapi.json', { schema, config }, () => app.swagger())
}
