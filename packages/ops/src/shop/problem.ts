import type { Answer } from './http.ts'

export type ProblemBody = {
  type: string
  title: string
  status: number
  detail: string
  errors?: { path: string; message: string }[]
  [extra: string]: unknown
}

/** The API said no. `kind` is the stable last part of the problem's type. */
export class ShopProblem extends Error {
  readonly status: number
  readonly kind: string
  readonly body: ProblemBody

  constructor(what: string, answer: Answer) {
    const body = (answer.body ?? {}) as ProblemBody
    const faults = (body.errors ?? []).map(({ path, message }) => `${path} ${message}`)
    super([`${what}: ${answer.status}`, body.detail ?? body.title, ...faults].filter(Boolean).join(' – '))
    this.status = answer.status
    this.kind = String(body.type ?? '')
      .split(':')
      .at(-1) as string
    this.body = body
  }
}

/** The body of an answer that is good; throws what the API said otherwise. */
export const expectOk = <Body>(what: string, answer: Answer<Body>): Body => {
  if (answer.status >= 200 && answer.status < 300) return answer.body
  throw new ShopProblem(what, answer)
}
