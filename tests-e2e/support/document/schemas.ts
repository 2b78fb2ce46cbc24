import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { OpenApi } from './openapi.ts'

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Closed: what a schema does not name is not documented. References lead to the closed components. */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed)
  if (!isObject(value)) return value
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? inner.replace(/^#/, 'document#') : closed(inner),
    ]),
  )
  const isOpen =
    isObject(copy['properties']) && copy['type'] === 'object' && !('additionalProperties' in copy)
  return isOpen && !('patternProperties' in copy) ? { ...copy, additionalProperties: false } : copy
}

export type Check = (value: unknown) => string[]

const errorTexts = ({ errors }: ValidateFunction, value: unknown) =>
  (errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || 'the body'} ${message} ${JSON.stringify(params)} in ${JSON.stringify(value)?.slice(0, 500)}`,
  )

/** Compiles schemas of the document, each once; `coerce` is for headers, which are text. */
export const createSchemas = (document: OpenApi) => {
  const newAjv = (coerceTypes: boolean) => {
    const ajv = new Ajv2020({ strict: false, coerceTypes, allErrors: true })
    formats.default(ajv)
    ajv.addSchema({ $id: 'document', components: closed(document.components) })
    return ajv
  }
  const [exact, coercing] = [newAjv(false), newAjv(true)]
  const compiled = new Map<object, Check>()

  return (schema: object, { coerce = false } = {}): Check => {
    const known = compiled.get(schema)
    if (known) return known
    const validate = (coerce ? coercing : exact).compile(closed(schema) as object)
    const check: Check = (value) =>
      validate(coerce ? { value }.value : value) ? [] : errorTexts(validate, value)
    compiled.set(schema, check)
    return check
  }
}
