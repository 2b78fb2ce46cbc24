import { Counter, Gauge, register } from 'prom-client'

const once = <Metric>(name: string, make: () => Metric): Metric =>
  (register.getSingleMetric(name) as Metric | undefined) ?? make()

/** Requests that were refused, by the limit that refused them. */
export const refusals = once(
  'storewright_rate_limited_total',
  () =>
    new Counter({
      name: 'storewright_rate_limited_total',
      help: 'Requests refused by a rate limit, by limit',
      labelNames: ['limit'] as const,
    }),
)

/** 0 while the store is away and each process counts for itself. */
export const storeUp = once(
  'storewright_rate_limit_store_up',
  () =>
    new Gauge({
      name: 'storewright_rate_limit_store_up',
      help: '1 while rate limits are counted together with all replicas, 0 while by this process alone',
    }),
)
