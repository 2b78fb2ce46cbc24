import { defineProblems } from '@storewright/service-kit/http'

/** The problems of forwarding requests besides those of every service. */
export const { Problem, problemResponses } = defineProblems({
  'bad-gateway': { status: 502, title: 'A part of the shop gave no proper answer' },
  'gateway-timeout': { status: 504, title: 'A part of the shop did not answer in time' },
})

/** No connection was made, so the service has seen nothing of the request. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])
/** The connection broke; the service may have done its work. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

const codeOf = (error: unknown): string => {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? code : ''
}

export type Failure = 'not-sent' | 'broken' | 'other'

export const failureOf = (error: unknown): Failure => {
  const code = codeOf(error)
  if (NOT_SENT.has(code)) return 'not-sent'
  return BROKEN.has(code) ? 'broken' : 'other'
}

/** The problem that answers a request to which no service responded. */
export const toFailureProblem = (error: unknown) => {
  if (error instanceof Problem) return error
  const code = codeOf(error)
  if (failureOf(error) !== 'other') {
    return new Problem('unavailable', 'Try again in a moment.', { retryAfter: 1 }, { cause: error })
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new Problem(
      'gateway-timeout',
      'Whether the request took effect is not known.',
      {},
      { cause: error },
    )
  }
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return new Problem('malformed-request', 'The request cannot be passed on as it is.', {}, { cause: error })
  }
  return new Problem('bad-gateway', 'Try again in a moment.', {}, { cause: error })
}
