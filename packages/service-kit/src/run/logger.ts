import { currentCorrelation } from '@storewright/messaging/correlation'
import { pino, type DestinationStream, type Logger } from 'pino'

const SECRET_KEY =
  /^(authorization|cookie|set-cookie|x-order-token|x-internal-token|idempotency-key|.*password.*|.*secret.*|.*token|e-?mail|.*email|cartid)$/i
// Without slashes, so that `node_modules/.pnpm/name@1.2.3/…` in a stack is not taken for one.
const EMAIL = /[^\s@'"<>(),:;/\\]{1,64}@[^\s@'"<>(),:;/\\]{1,255}\.[a-z]{2,}/gi
/** A duplicate-key message quotes the value, which may be anybody's address. */
const QUOTED_ENTRY = /(Duplicate entry )'.*?'( for key)/g
const MAX_DEPTH = 6

const clean = (text: string): string =>
  text.includes('@') || text.includes('Duplicate entry')
    ? text.replace(QUOTED_ENTRY, "$1'…'$2").replace(EMAIL, '[e-mail]')
    : text

const isPlain = (value: object) => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const redacted = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return clean(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '[deep]'
  if (Array.isArray(value)) return value.map((item) => redacted(item, depth + 1))
  if (!isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET_KEY.test(key) ? '[redacted]' : redacted(inner, depth + 1),
    ]),
  )
}

/** A database error's own fields hold the statement with its values. */
const errorFields = (error: unknown, depth = 0): unknown => {
  if (!(error instanceof Error)) return redacted(error)
  const { code, errno, kind } = error as { code?: unknown; errno?: unknown; kind?: unknown }
  return {
    type: error.name,
    message: clean(error.message),
    ...(code === undefined ? {} : { code }),
    ...(errno === undefined ? {} : { errno }),
    ...(kind === undefined ? {} : { kind }),
    stack: clean(error.stack ?? ''),
    ...(error.cause === undefined || depth >= MAX_DEPTH
      ? {}
      : { cause: errorFields(error.cause, depth + 1) }),
  }
}

export const createLogger = (
  { name, level = 'info' }: { name: string; level?: string },
  destination?: DestinationStream,
): Logger =>
  pino(
    {
      name,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redacted(fields) as Record<string, unknown>,
      },
      mixin: () => {
        const correlation = currentCorrelation()
        return correlation ? { correlationId: correlation.correlationId } : {}
      },
      serializers: {
        err: (error: unknown) => errorFields(error),
        error: (error: unknown) => errorFields(error),
      },
      hooks: {
        logMethod(args, method) {
          const cleaned = args.map((arg: unknown) => (typeof arg === 'string' ? clean(arg) : arg))
          method.apply(this, cleaned as Parameters<typeof method>)
        },
      },
    },
    // Synchronous, so that a crash does not lose the lines that explain it.
    destination ?? pino.destination({ sync: true }),
  )

export type { Logger }
