import type { Answer } from './http.ts'
import type { Schema } from './operations.ts'

type Problem = Partial<Schema<'Problem'>>

/** The API refused a call. `kind` is the stable last part of the problem's type. */
export class ApiError extends Error {
  readonly status: number
  readonly kind: string
  readonly body: Problem

  constructor(call: string, answer: Answer) {
    const body = (answer.body ?? {}) as Problem
    const faults = (body.errors ?? []).map(({ path, message }) => `${path} ${message}`)
    super([`${call}: ${answer.status}`, body.detail ?? body.title, ...faults].filter(Boolean).join(' – '))
    this.status = answer.status
    this.kind = String(body.type ?? '')
      .split(':')
      .at(-1) as string
    this.body = body
  }
}

/** The body of a successful answer; throws an ApiError for any other. */
export const expectOk = <Body>(call: string, answer: Answer<Body>): Body => {
  if (answer.status >= 200 && answer.status < 300) return answer.body
  throw new ApiError(call, answer)
}
