import {
  errnoOf,
  IdempotencyMismatch,
  IdempotencyRunning,
  isConnectionLost,
  isOverloaded,
  isRetryable,
} from '@storewright/database'
import { Problem } from './problem.ts'
import type { GeneralProblem } from './problem-kinds.ts'

const KIND_BY_STATUS: Record<number, GeneralProblem> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  408: 'request-timeout',
  413: 'payload-too-large',
  414: 'uri-too-long',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  431: 'headers-too-large',
  503: 'busy',
}

/** Too large, too long, not in the column's charset, not a time. */
const DOES_NOT_FIT = new Set([1264, 1265, 1366, 1406, 1690, 1525])
/** Compared with a column that holds ASCII only, as ids do: an id that cannot exist. */
const CANNOT_EXIST = new Set([1267, 1270, 1271, 3854])

const statusOf = (error: unknown): number | undefined => {
  const status: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'statusCode') : undefined
  return typeof status === 'number' ? status : undefined
}

/** The problem that a client gets for an error; it reveals nothing of an unexpected one, which is logged. */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  if (error instanceof IdempotencyMismatch) {
    return new Problem('idempotency-mismatch', 'Use another Idempotency-Key for another request.')
  }
  if (error instanceof IdempotencyRunning) {
    return new Problem('idempotency-running', 'Try again in a moment.', { retryAfter: 1 })
  }
  if (isConnectionLost(error)) {
    return new Problem('unavailable', 'Try again in a moment.', { retryAfter: 2 }, { cause: error })
  }
  if (isOverloaded(error) || isRetryable(error)) {
    return new Problem('busy', 'Try again in a moment.', { retryAfter: 1 }, { cause: error })
  }
  if (CANNOT_EXIST.has(errnoOf(error) ?? 0)) {
    return new Problem('not-found', 'There is nothing with this id.', {}, { cause: error })
  }
  if (DOES_NOT_FIT.has(errnoOf(error) ?? 0)) {
    return new Problem(
      'invalid-request',
      'A value is too large, too long, or has characters that are not allowed.',
      {},
      { cause: error },
    )
  }
  const status = statusOf(error)
  if (status === 503) {
    return new Problem('busy', 'Try again in a moment.', { retryAfter: 5 }, { cause: error })
  }
  if (status !== undefined && status >= 400 && status < 500) {
    const detail = error instanceof Error ? error.message : 'The request cannot be read.'
    return new Problem(KIND_BY_STATUS[status] ?? 'malformed-request', detail, {}, { cause: error })
  }
  return new Problem('internal', 'The error was recorded under this request id.', {}, { cause: error })
}
