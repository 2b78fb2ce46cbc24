import { problemType, type ProblemDefinition, type ProblemDefinitions } from '../http/problem-kinds.ts'
import { exampleOf } from './generate-examples.ts'
import { isObject, type Json, type JsonObject } from './json.ts'

export type ProblemKind = ProblemDefinition & { kind: string }

interface ProblemResponse {
  description: string
  content: Record<'application/problem+json', { schema: { $ref: string } }>
  'x-kinds': ProblemKind[]
}

const responseOf = (kinds: ProblemKind[]): ProblemResponse => ({
  description: kinds.map(({ title }) => title).join('; '),
  content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
  'x-kinds': kinds,
})

export const responsesOf = (
  names: readonly string[],
  definitions: ProblemDefinitions,
): Record<number, object> => {
  const kinds = [...new Set(names)].map((kind) => ({ kind, ...definitions[kind]! }))
  return Object.fromEntries(
    [...Map.groupBy(kinds, ({ status }) => status)].map(([status, of]) => [status, responseOf(of)]),
  )
}

const kindsOf = (response: unknown): ProblemKind[] | undefined =>
  typeof response === 'object' && response !== null && 'x-kinds' in response
    ? (response['x-kinds'] as ProblemKind[])
    : undefined

/** The route's own responses and those of any route of its shape, with all problems of a status. */
export const joinResponses = (
  expected: Record<string, unknown>,
  own: Record<string, unknown>,
): Record<string, unknown> => {
  const joined = { ...expected, ...own }
  for (const [status, response] of Object.entries(expected)) {
    const [usual, more] = [kindsOf(response), kindsOf(own[status])]
    if (!usual || !more) continue
    joined[status] = responseOf([...new Map([...usual, ...more].map((kind) => [kind.kind, kind])).values()])
  }
  return joined
}

export const kindsByStatus = (responses: Record<string, unknown>): Record<string, ProblemKind[]> =>
  Object.fromEntries(
    Object.entries(responses).flatMap(([status, response]) => {
      const kinds = kindsOf(response)
      return kinds ? [[status, kinds]] : []
    }),
  )

/** Distinguishes services that answer one kind differently. */
const titleOf = ({ extra }: ProblemKind): string | undefined =>
  (extra as { title?: string } | undefined)?.title

/** `cart-empty` → `CartEmptyProblem`, unless the extra members have a title. */
const schemaNameOf = (problem: ProblemKind): string =>
  titleOf(problem) ??
  `${problem.kind.replace(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase())}Problem`

const plainJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as JsonObject

const schemaOf = ({ kind, title, extra }: ProblemKind): JsonObject => {
  const { properties = {}, required = [] } = extra ? plainJson(extra) : {}
  return {
    description: title,
    allOf: [
      { $ref: '#/components/schemas/Problem' },
      {
        type: 'object',
        required: ['type', ...(required as string[])],
        properties: { type: { type: 'string', const: problemType(kind) }, ...(properties as JsonObject) },
      },
    ],
  }
}

const exampleFor = (problem: ProblemKind): JsonObject => {
  const { kind, status, title, extra } = problem
  const members = exampleOf(extra && plainJson(extra))
  return {
    ...(isObject(members) ? members : {}),
    type: problemType(kind),
    title,
    status,
    detail: `${title}.`,
    instance: '/v1/example',
    requestId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
  }
}

export const describeProblems = (kinds: readonly ProblemKind[]) => {
  const schemas = Object.fromEntries(kinds.map((kind) => [schemaNameOf(kind), schemaOf(kind)]))
  const references = Object.keys(schemas).map((name): JsonObject => ({
    $ref: `#/components/schemas/${name}`,
  }))
  const schema: Json = references.length === 1 ? references[0]! : { oneOf: references }
  const examples = Object.fromEntries(kinds.map((kind) => [kind.kind, { value: exampleFor(kind) }]))
  return {
    name: kinds.map((problem) => titleOf(problem) ?? problem.kind).join('_'),
    schemas,
    response: {
      description: kinds.map(({ kind, title }) => `${title} (\`${kind}\`)`).join('; '),
      content: { 'application/problem+json': { schema, examples } },
    } as JsonObject,
  }
}

export const describeProblemResponses = (responses: Record<number, object>) =>
  Object.entries(kindsByStatus(responses)).map(([status, kinds]) => ({ status, ...describeProblems(kinds) }))
