import { Gauge, register } from 'prom-client'

const NAME = 'storewright_breaker_open'

/** By service: 1 while this gateway does not ask it. */
export const breakerOpen =
  (register.getSingleMetric(NAME) as Gauge<'service'> | undefined) ??
  new Gauge({
    name: NAME,
    help: '1 while a service is not asked because it gave no answers',
    labelNames: ['service'] as const,
  })
