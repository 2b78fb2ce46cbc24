import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { backoff } from '@storewright/runtime/backoff'
import { Agent, request, type Dispatcher } from 'undici'
import {
  fillPath,
  type PathParts,
  type Call,
  type MethodOf,
  type OperationCall,
  type Path,
  type ResponseBody,
} from './operations.ts'

export type Answer<Body = unknown> = {
  status: number
  body: Body
  headers: Dispatcher.ResponseData['headers']
}

export type HttpOptions = {
  /** One gateway or several, taken in turn. */
  gateways: string[]
  connections?: number
  /** How long one call may be repeated after a 429, a 503 or a lost connection; 0 repeats nothing. */
  retryForMs?: number
  /** Called before each pause with the status, or `no connection`. */
  onRetry?: (reason: string) => void
}

export type Http = {
  /** Calls an operation of openapi.yaml; the body's type is that of its success. */
  call<P extends Path, M extends MethodOf<P>>(
    method: M,
    path: P,
    ...call: object extends OperationCall<M, P> ? [call?: OperationCall<M, P>] : [call: OperationCall<M, P>]
  ): Promise<Answer<ResponseBody<M, P>>>
  /** Sends any request, also one that the document does not know. */
  send<Body = unknown>(method: Dispatcher.HttpMethod, path: string, call?: Call): Promise<Answer<Body>>
  /** GETs a file of any size: the body of a 200 is a stream of its bytes. Repeats nothing. */
  download(path: string, call?: Call): Promise<Answer>
  close(): Promise<void>
}

// 502 and 504 are what a proxy in front of the gateway answers while the gateway restarts.
const RETRYABLE = new Set([429, 502, 503, 504])
const PAUSES = { from: 50, to: 2_000 }

const isRetryable = ({ status, headers }: Answer) =>
  RETRYABLE.has(status) || (status === 409 && headers['retry-after'] !== undefined)

const parseJson = (text: string): unknown => {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const bodyOf = ({ raw, body }: Call) => {
  if (raw) return typeof raw.content === 'string' ? raw.content : raw.content()
  return body === undefined ? null : JSON.stringify(body)
}

// Partly random, so that clients that were refused together do not return together.
const pauseMs = (attempt: number, answer: Answer | undefined) => {
  const retryAfter = Number(answer?.headers['retry-after'])
  return Number.isFinite(retryAfter)
    ? retryAfter * 1_000 + backoff(attempt, { ...PAUSES, spread: [0, 0.5] })
    : backoff(attempt, PAUSES)
}

const FILE_TIMEOUT_MS = 3_600_000

/** An HTTP client for the public API that outlives restarts of the shop: it repeats what may succeed later. */
export const openHttp = ({ gateways, connections = 64, retryForMs = 0, onRetry }: HttpOptions): Http => {
  const dispatcher = new Agent({ connections, headersTimeout: 60_000, bodyTimeout: 300_000 })
  let turn = 0

  const open = (method: Dispatcher.HttpMethod, path: string, call: Call) => {
    const gateway = gateways[turn++ % gateways.length]
    return request(`${gateway}${path}`, {
      method,
      dispatcher,
      headers: {
        accept: 'application/json',
        'x-request-id': randomUUID(),
        ...(call.raw ? { 'content-type': call.raw.type } : {}),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.token ? { authorization: `Bearer ${call.token}` } : {}),
        ...(call.idempotencyKey ? { 'idempotency-key': call.idempotencyKey } : {}),
        ...call.headers,
      },
      body: bodyOf(call),
      // A file is answered when all of it is imported.
      ...(call.raw ? { headersTimeout: FILE_TIMEOUT_MS } : {}),
    })
  }

  const readWhole = async ({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Answer> => ({
    status: statusCode,
    headers,
    body: parseJson(await body.text()),
  })

  const sendOnce = async (method: Dispatcher.HttpMethod, path: string, call: Call): Promise<Answer> =>
    readWhole(await open(method, path, call))

  const download = async (path: string, call: Call = {}): Promise<Answer> => {
    const response = await open('GET', path, call)
    const { statusCode: status, headers, body } = response
    return status === 200 ? { status, headers, body } : readWhole(response)
  }

  const send = async (method: Dispatcher.HttpMethod, path: string, call: Call = {}): Promise<Answer> => {
    const deadline = Date.now() + retryForMs
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await sendOnce(method, path, call).catch((error: unknown) => error as Error)
      const failed = outcome instanceof Error
      if (!failed && !isRetryable(outcome)) return outcome
      const wait = pauseMs(attempt, failed ? undefined : outcome)
      if (Date.now() + wait >= deadline) {
        if (failed) throw new Error(`${method} ${path}: ${outcome.message}`, { cause: outcome })
        return outcome
      }
      onRetry?.(failed ? 'no connection' : String(outcome.status))
      await pause(wait)
    }
  }

  return {
    call: ((method: Dispatcher.HttpMethod, path: string, call: Call & PathParts = {}) =>
      send(method, fillPath(path, call), call)) as Http['call'],
    send: send as Http['send'],
    download,
    close: () => dispatcher.destroy(),
  }
}
