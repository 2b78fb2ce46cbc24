import { histogram } from '@storewright/runtime/metrics'
import { collectDefaultMetrics, register } from 'prom-client'

const NAME = 'http_request_duration_seconds'

/** Request durations by route pattern; one histogram per process, however many servers it has. */
export const requestDuration = () => {
  if (!register.getSingleMetric(NAME)) collectDefaultMetrics()
  return histogram(NAME, 'Duration of HTTP requests, by route pattern', {
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })
}

export { register as metricsRegister }
