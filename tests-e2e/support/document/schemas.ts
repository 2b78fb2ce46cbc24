import { isOneLine } from '@storewright/runtime/text'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { OpenApi } from './openapi.ts'

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Closes schemas: a property that none of them names is not documented. References lead to the closed components. */
const closeSchemas = (document: OpenApi) => {
  const closeWithin = (schema: Json): Json =>
    Object.fromEntries(
      Object.entries(schema).map(([key, inner]) => [
        key,
        key === '$ref' && typeof inner === 'string' ? inner.replace(/^#/, 'document#') : close(inner),
      ]),
    )

  /** A member of an allOf stays open, since it names only some of the properties. */
  const openMember = (member: Json): Json => {
    const name = typeof member['$ref'] === 'string' ? member['$ref'].split('/').at(-1) : undefined
    const schema = (name === undefined ? member : document.components.schemas?.[name]) as Json
    const { additionalProperties: _open, ...rest } = schema
    return closeWithin(rest)
  }

  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close)
    if (!isObject(value)) return value
    const { allOf, ...rest } = value
    if (Array.isArray(allOf)) {
      return { ...closeWithin(rest), allOf: allOf.map(openMember), unevaluatedProperties: false }
    }
    const copy = closeWithin(value)
    const isOpen =
      isObject(copy['properties']) && copy['type'] === 'object' && !('additionalProperties' in copy)
    return isOpen && !('patternProperties' in copy) ? { ...copy, additionalProperties: false } : copy
  }
  return close
}

export type Check = (value: unknown) => string[]

const errorTexts = ({ errors }: ValidateFunction, value: unknown) =>
  (errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || 'the body'} ${message} ${JSON.stringify(params)} in ${JSON.stringify(value)?.slice(0, 500)}`,
  )

/** Compiles schemas of the document, each once; `coerce` is for headers, which are text. */
export const createSchemas = (document: OpenApi) => {
  const closed = closeSchemas(document)
  const newAjv = (coerceTypes: boolean) => {
    const ajv = new Ajv2020({ strict: false, coerceTypes, allErrors: true })
    formats.default(ajv)
    ajv.addFormat('line', isOneLine)
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
