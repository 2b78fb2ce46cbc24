import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Readable } from 'node:stream'
import { Agent, request, type Dispatcher } from 'undici'

/** Content of another type than JSON; a stream is opened anew for every try. */
export type Raw = { type: string; content: string | (() => Readable) }

export type Call = {
  token?: string | undefined
  /** Any value becomes JSON; `raw` is sent as it is. */
  body?: unknown
  raw?: Raw
  headers?: Record<string, string>
  idempotencyKey?: string
}

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
  patienceMs?: number
  /** Told before each wait, with what the wait is for. */
  onRetry?: (reason: string) => void
}

/** Sends one request and reads its JSON. */
export type Http = {
  send<Body = unknown>(method: Dispatcher.HttpMethod, path: string, call?: Call): Promise<Answer<Body>>
  close(): Promise<void>
}

// These say "later", not "no". 502 and 504 are what a proxy in front of the gateway answers while it restarts.
const LATER = new Set([429, 502, 503, 504])
const FIRST_WAIT_MS = 50
const LONGEST_WAIT_MS = 2_000

const isLater = (answer: Answer) =>
  LATER.has(answer.status) || (answer.status === 409 && answer.headers['retry-after'] !== undefined)

const jsonOf = (text: string): unknown => {
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

const waitFor = (attempt: number, answer: Answer | undefined) => {
  const asked = Number(answer?.headers['retry-after'])
  const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt)
  // Half of it by chance, so that a crowd that was turned away does not come back as one.
  return (Number.isFinite(asked) ? asked * 1_000 : backoff / 2) + (Math.random() * backoff) / 2
}

/** An HTTP client for the public API that outlives restarts: it repeats what was told to come later. */
export const openHttp = ({ gateways, connections = 64, patienceMs = 0, onRetry }: HttpOptions): Http => {
  const dispatcher = new Agent({ connections, headersTimeout: 60_000, bodyTimeout: 300_000 })
  let turn = 0

  const once = async (method: Dispatcher.HttpMethod, path: string, call: Call): Promise<Answer> => {
    const gateway = gateways[turn++ % gateways.length]
    const response = await request(`${gateway}${path}`, {
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
    })
    return {
      status: response.statusCode,
      headers: response.headers,
      body: jsonOf(await response.body.text()),
    }
  }

  const send = async (method: Dispatcher.HttpMethod, path: string, call: Call = {}): Promise<Answer> => {
    const deadline = Date.now() + patienceMs
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await once(method, path, call).catch((error: unknown) => error as Error)
      const failed = outcome instanceof Error
      if (!failed && !isLater(outcome)) return outcome
      const wait = waitFor(attempt, failed ? undefined : outcome)
      if (Date.now() + wait >= deadline) {
        if (failed) throw new Error(`${method} ${path}: ${outcome.message}`, { cause: outcome })
        return outcome
      }
      onRetry?.(failed ? 'no connection' : String(outcome.status))
      await pause(wait)
    }
  }

  return {
    send: send as Http['send'],
    close: () => dispatcher.destroy(),
  }
}
