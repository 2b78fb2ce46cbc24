import { Agent, request } from 'undici'

export class InternalCallFailed extends Error {
  override readonly name = 'InternalCallFailed'
  readonly service: string
  constructor(service: string, reason: string, options?: ErrorOptions) {
    super(`${service} ${reason}`, options)
    this.service = service
  }
}

export interface InternalCall<Result> {
  method?: 'GET' | 'POST'
  path: string
  body?: unknown
  /** The result of an expected answer; undefined for any other, which counts as a failure. */
  accept: (status: number, body: unknown) => Result | undefined
  /** Whether the next replica may be called after a failure: reads, and what can be done twice. */
  repeatable?: boolean
}

export interface InternalClient {
  call<Result>(call: InternalCall<Result>): Promise<Result>
  close(): Promise<void>
}

const UNHEALTHY_MS = 2_000

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const replicaUrls = (setting: string): string[] =>
  setting.split(',').flatMap((url) => url.trim().replace(/\/+$/, '') || [])

/** Replicas take turns, lately silent ones last. After a call that failed everywhere, calls are rejected at once for `restMs`. */
export const createInternalClient = ({
  service,
  urls: setting,
  token,
  timeoutMs,
  restMs = 0,
  connections = 8,
  requestId = () => undefined,
  clock = () => performance.now(),
}: {
  service: string
  urls: string
  token: string
  timeoutMs: number
  restMs?: number
  connections?: number
  requestId?: () => string | undefined
  clock?: () => number
}): InternalClient => {
  const urls = replicaUrls(setting)
  const agent = new Agent({ connections })
  const unhealthyUntil = new Map<string, number>()
  let turn = 0
  let restUntil = -Infinity

  const inTurn = (): string[] => {
    const now = clock()
    const first = turn++ % urls.length
    const ordered = [...urls.slice(first), ...urls.slice(0, first)]
    const isHealthy = (url: string) => (unhealthyUntil.get(url) ?? -Infinity) <= now
    return [...ordered.filter(isHealthy), ...ordered.filter((url) => !isHealthy(url))]
  }

  const send = async (
    url: string,
    { method, path, body }: { method: 'GET' | 'POST'; path: string; body: unknown },
  ) => {
    const id = requestId()
    try {
      const response = await request(`${url}${path}`, {
        dispatcher: agent,
        method,
        headers: {
          'x-internal-token': token,
          ...(id !== undefined && { 'x-request-id': id }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      })
      const text = await response.body.text()
      unhealthyUntil.delete(url)
      return { status: response.statusCode, text }
    } catch (error) {
      // Only for no answer: an error of one path is not the end of all others.
      unhealthyUntil.set(url, clock() + UNHEALTHY_MS)
      throw new InternalCallFailed(service, 'does not answer', { cause: error })
    }
  }

  return {
    call: async ({ method = 'GET', path, body, accept, repeatable = method === 'GET' }) => {
      if (clock() < restUntil)
        throw new InternalCallFailed(service, 'lately failed; it is not called for a moment')
      let failure = new InternalCallFailed(service, 'has no replica')
      for (const url of inTurn()) {
        try {
          const { status, text } = await send(url, { method, path, body })
          const result = accept(status, parseJson(text))
          if (result !== undefined) return result
          failure = new InternalCallFailed(service, `answered ${status} where another answer was expected`)
        } catch (error) {
          failure = error as InternalCallFailed
        }
        if (!repeatable) break
      }
      restUntil = clock() + restMs
      throw failure
    },
    close: () => agent.destroy(),
  }
}
