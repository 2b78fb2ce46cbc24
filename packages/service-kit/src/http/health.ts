import { withTimeout } from '@storewright/runtime/timeout'
import type { FastifyReply } from 'fastify'
import type { Logger } from '../run/logger.ts'
import { metricsRegister } from './metrics.ts'
import type { OverridablePath, ReadyChecks, Server } from './server-types.ts'

const CHECK_TIMEOUT_MS = 2_000

export const sendMetrics = async (reply: FastifyReply) =>
  reply.type(metricsRegister.contentType).send(await metricsRegister.metrics())

/** `/live` checks nothing, `/ready` runs the checks. None is public. */
export const addHealth = (
  app: Server,
  ready: ReadyChecks,
  logger: Logger,
  {
    override = [],
    warnings = [],
  }: { override?: readonly OverridablePath[] | undefined; warnings?: readonly string[] | undefined },
) => {
  const config = { pressureHandler: () => undefined }
  const schema = { hide: true }

  for (const warning of warnings) logger.warn({ warning }, 'runs with a warning')

  app.get('/live', { schema, config }, () => ({ status: 'live' }))

  app.get('/ready', { schema, config }, async (_request, reply) => {
    let ok = true
    const checks = await Promise.all(
      Object.entries(ready).map(async ([name, check]): Promise<[string, unknown]> => {
        try {
          const result = await withTimeout(Promise.resolve().then(check), CHECK_TIMEOUT_MS, 'the answer')
          return [name, result ?? 'ok']
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
      .send({
        status: ok ? 'ready' : 'not-ready',
        checks: Object.fromEntries(checks),
        ...(warnings.length > 0 && { warnings }),
      })
  })

  if (!override.includes('/metrics')) {
    app.get('/metrics', { schema, config }, (_request, reply) => sendMetrics(reply))
  }
  if (!override.includes('/openapi.json')) app.get('/openapi.json', { schema, config }, () => app.swagger())
}
