import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  generalProblems,
  MAX_DETAIL,
  problemType,
  type FieldError,
  type GeneralProblem,
  type ProblemDefinitions,
} from './problem-kinds.ts'

export interface ProblemExtra {
  errors?: FieldError[]
  /** Seconds; becomes the Retry-After header. */
  retryAfter?: number
  [member: string]: unknown
}

/** A request that must not happen. `kind` is stable and public; `detail` may be reworded. */
export class Problem extends Error {
  static readonly kinds: ProblemDefinitions = generalProblems
  override readonly name = 'Problem'
  readonly kind: string
  readonly status: number
  readonly title: string
  readonly extra: ProblemExtra
  constructor(kind: GeneralProblem, detail: string, extra: ProblemExtra = {}, options?: ErrorOptions) {
    super(detail, options)
    const { status, title } = new.target.kinds[kind]!
    this.kind = kind
    this.status = status
    this.title = title
    this.extra = extra
  }
}

export const notFound = (thing: string, id: string): never => {
  throw new Problem('not-found', `There is no ${thing} ${id}.`)
}

export const renderProblem = (problem: Problem, instance: string, requestId: string) => {
  const { retryAfter, ...extra } = problem.extra
  const { kind, status, title } = problem
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json; charset=utf-8',
    // A cache may keep a 404 by itself, also for callers with the right token.
    'cache-control': 'no-store',
    'x-request-id': requestId,
  }
  if (retryAfter !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfter)))
  if (status === 401) {
    headers['www-authenticate'] = kind === 'invalid-token' ? 'Bearer error="invalid_token"' : 'Bearer'
  }
  const body = JSON.stringify({
    ...extra,
    type: problemType(kind),
    title,
    status,
    detail: problem.message.slice(0, MAX_DETAIL),
    instance,
    requestId,
  })
  return { status, headers, body }
}

/** Bypasses the route's response schema, which describes its successes. */
export const sendProblem = (problem: Problem, request: FastifyRequest, reply: FastifyReply) => {
  const path = request.url.split('?', 1)[0] ?? '/'
  const { status, headers, body } = renderProblem(problem, path, request.id)
  return reply.code(status).headers(headers).send(body)
}
