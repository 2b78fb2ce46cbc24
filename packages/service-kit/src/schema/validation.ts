import { isOneLine } from '@storewright/runtime/text'
import { Ajv2020 as Ajv, type ErrorObject, type Options } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { Problem } from '../http/problem.ts'
import type { FieldError } from '../http/problem-kinds.ts'
import { addBounds, isSchema } from './schemas.ts'

const MAX_ERRORS_SHOWN = 100
const MAX_ERRORS_READ = 500
/** Names of unknown properties are as long as the client likes. */
const MAX_PATH = 500
const MAX_MESSAGE = 2_000

const FORMATS = new Map([
  ['text', 'must be well-formed text without NUL'],
  ['line', 'must be one line of visible text, without control and invisible characters'],
])

const newAjv = (options: Options) => {
  const ajv = new Ajv({ useDefaults: true, strict: false, ...options })
  formats.default(ajv)
  // Neither can be stored faithfully everywhere, and no honest client sends them.
  ajv.addFormat('text', (text: string) => text.isWellFormed() && !text.includes('\0'))
  ajv.addFormat('line', isOneLine)
  return ajv
}

/** One stops at the first fault, one finds all: only what failed is worth its price. */
const newPair = (coerceTypes: false | 'array') => ({
  first: newAjv({ coerceTypes, verbose: true }),
  all: newAjv({ coerceTypes, verbose: true, allErrors: true }),
})

const exact = newPair(false)
/** For what arrives as text only: query, path, headers, environment. */
const coercing = newPair('array')

/** Of a body with more values than this only the first fault is reported, to bound the time spent on it. */
const MAX_VALUES = 20_000

const isSmall = (value: unknown): boolean => {
  let left = MAX_VALUES
  const waiting = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue
    const inner: unknown[] = Object.values(next)
    left -= inner.length
    if (left < 0) return false
    waiting.push(...inner.filter((item) => typeof item === 'object' && item !== null))
  }
  return true
}

const pathOf = (error: ErrorObject): string => {
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName } = error.params as Record<
    string,
    string | undefined
  >
  const last = missingProperty ?? additionalProperty ?? unevaluatedProperty ?? propertyName
  const parts = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return [...parts, ...(last === undefined ? [] : [last])].join('.')
}

const messageOf = (error: ErrorObject): string => {
  switch (error.keyword) {
    case 'required':
      return 'is required'
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not known'
    case 'enum':
      return `must be one of ${(error.schema as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`
    case 'const':
      return `must be ${JSON.stringify(error.schema)}`
    case 'format':
      return FORMATS.get(String(error.schema)) ?? `must be a valid ${String(error.schema)}`
    default:
      return error.message ?? 'is not valid'
  }
}

/** Of an `anyOf` that failed, only the faults of the member that came closest. */
const withoutAlternatives = (errors: ErrorObject[]): ErrorObject[] => {
  const union = errors.find((error) => error.keyword === 'anyOf')
  if (!union) return errors
  const branchOf = (error: ErrorObject) =>
    error.schemaPath.startsWith(`${union.schemaPath}/`) && error.instancePath.startsWith(union.instancePath)
      ? error.schemaPath.slice(union.schemaPath.length + 1).split('/', 1)[0]
      : undefined
  const branches = new Map<string, ErrorObject[]>()
  for (const error of errors) {
    const branch = branchOf(error)
    if (branch !== undefined) branches.set(branch, [...(branches.get(branch) ?? []), error])
  }
  const closest = [...branches.values()].sort((a, b) => a.length - b.length)[0] ?? []
  const outside = errors.filter((error) => error !== union && branchOf(error) === undefined)
  return withoutAlternatives([...outside, ...closest])
}

export const fieldErrors = (errors: ErrorObject[]): FieldError[] => {
  const found = withoutAlternatives(errors.slice(0, MAX_ERRORS_READ)).map((error) => ({
    path: pathOf(error).slice(0, MAX_PATH),
    message: messageOf(error).slice(0, MAX_MESSAGE),
  }))
  const distinct = new Map(found.map((error) => [`${error.path}\n${error.message}`, error]))
  return [...distinct.values()].slice(0, MAX_ERRORS_SHOWN)
}

export type Validate = (value: unknown) => { value: unknown } | { error: ErrorObject[] }

/** `coerce` turns text into the numbers and booleans that it asks for. */
export const compileSchema = (schema: object, { coerce }: { coerce: boolean }): Validate => {
  const { first, all } = coerce ? coercing : exact
  const complete = addBounds(schema)
  const check = first.compile(complete)
  let checkAll: typeof check | undefined
  return (value) => {
    if (check(value)) return { value }
    if (!isSmall(value)) return { error: check.errors ?? [] }
    checkAll ??= all.compile(complete)
    checkAll(value)
    return { error: checkAll.errors ?? check.errors ?? [] }
  }
}

/** Only bodies are taken as they are, an absent one as an empty one, so that what it lacks is named. */
export const validatorCompiler = ({
  schema,
  httpPart,
}: {
  schema: unknown
  httpPart?: string | undefined
}) => {
  const validate = compileSchema(schema as object, { coerce: httpPart !== 'body' })
  const isObject = httpPart === 'body' && isSchema(schema) && schema.type === 'object'
  return (value: unknown) => validate(isObject ? (value ?? {}) : value)
}

const PART: Record<string, string> = {
  body: 'body',
  querystring: 'query',
  headers: 'headers',
}

export const schemaErrorFormatter = (errors: object[], part: string): Problem => {
  // An id that cannot exist is like one that nothing has.
  if (part === 'params') return new Problem('not-found', 'There is nothing under this path.')
  const found = fieldErrors(errors as ErrorObject[])
  const [first] = found
  const what = first && first.path !== '' ? ` (${first.path} ${first.message})` : ''
  return new Problem('invalid-request', `The ${PART[part] ?? part} does not fit${what}.`, { errors: found })
}
