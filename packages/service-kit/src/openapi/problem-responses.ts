import { Kinds, problemType, type ProblemKind } from '../http/problem.ts'

/** A response that a problem stands behind; `x-kinds` is for the kit alone and leaves no trace in the document. */
interface ProblemResponse {
  description: string
  content: Record<'application/problem+json', { schema: { $ref: string } }>
  'x-kinds': ProblemKind[]
}

const responseOf = (kinds: ProblemKind[]): ProblemResponse => ({
  description: kinds.map((kind) => Kinds[kind].title).join('; '),
  content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
  'x-kinds': kinds,
})

/** The problems that a route may answer, for its `response`; those of its guards and schemas come by themselves. */
export const problemResponses = (...kinds: ProblemKind[]): Record<number, object> =>
  Object.fromEntries(
    [...Map.groupBy(new Set(kinds), (kind) => Kinds[kind].status)].map(([status, of]) => [
      status,
      responseOf(of),
    ]),
  )

const kindsOf = (response: unknown): ProblemKind[] | undefined =>
  typeof response === 'object' && response !== null && 'x-kinds' in response
    ? (response['x-kinds'] as ProblemKind[])
    : undefined

/** The route's own responses beside those that any route of its shape may answer, with all problems of a status. */
export const joinResponses = (
  expected: Record<string, unknown>,
  own: Record<string, unknown>,
): Record<string, unknown> => {
  const joined = { ...expected, ...own }
  for (const [status, response] of Object.entries(expected)) {
    const [usual, more] = [kindsOf(response), kindsOf(own[status])]
    if (usual && more) joined[status] = responseOf([...new Set([...usual, ...more])])
  }
  return joined
}

/** The kinds behind each status that is a problem. */
export const kindsByStatus = (responses: Record<string, unknown>): Record<string, ProblemKind[]> =>
  Object.fromEntries(
    Object.entries(responses).flatMap(([status, response]) => {
      const kinds = kindsOf(response)
      return kinds ? [[status, kinds]] : []
    }),
  )

/** How the document names the response of these kinds, and what it says there. */
export const describeProblems = (kinds: readonly ProblemKind[]) => {
  const examples = kinds.map((kind): [ProblemKind, object] => {
    const { status, title } = Kinds[kind]
    const told = { type: problemType(kind), title, status, detail: `${title}.` }
    return [
      kind,
      { value: { ...told, instance: '/v1/example', requestId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69' } },
    ]
  })
  return {
    name: kinds.join('_'),
    response: {
      description: kinds.map((kind) => `${Kinds[kind].title} (\`${kind}\`)`).join('; '),
      'x-problem-types': kinds.map(problemType),
      content: {
        'application/problem+json': {
          schema: { $ref: '#/components/schemas/Problem' },
          examples: Object.fromEntries(examples),
        },
      },
    },
  }
}
