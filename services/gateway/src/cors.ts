const EXPOSED_HEADERS = [
  'content-disposition',
  'etag',
  'idempotency-replayed',
  'location',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'server-timing',
  'x-request-id',
]

const originsFrom = (setting: string) => {
  if (setting === '*') return '*'
  return setting === 'none' ? false : setting.split(',').map((origin) => origin.trim())
}

export interface Cors {
  /** For the plugin, which also answers preflight requests. */
  options: { origin: '*' | false | string[] } & Record<string, unknown>
  /** What the plugin adds to a response to a request from that origin, for responses that it does not see. */
  rawHeadersFor(origin: string | undefined): readonly string[]
  vary: { vary?: string }
}

/** Which origins' pages may read responses, from the setting CORS_ORIGINS. */
export const createCors = (setting: string): Cors => {
  const origins = originsFrom(setting)
  const exposed = ['access-control-expose-headers', EXPOSED_HEADERS.join(', ')]
  const everyone = ['access-control-allow-origin', '*', ...exposed]
  const isOpen = origins === '*' || (origins !== false && origins.includes('*'))
  return {
    options: {
      origin: origins,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: EXPOSED_HEADERS,
      maxAge: 600,
      strictPreflight: false,
    },
    rawHeadersFor: (origin) => {
      if (origins === false) return []
      if (isOpen) return everyone
      return origin !== undefined && origins.includes(origin)
        ? ['access-control-allow-origin', origin, ...exposed]
        : exposed
    },
    vary: origins === false || isOpen ? {} : { vary: 'Origin' },
  }
}
