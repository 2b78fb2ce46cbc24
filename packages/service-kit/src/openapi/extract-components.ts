import { mapSchemas, mapValues, type Json, type JsonObject } from './json.ts'

const NAME = /^[A-Z][A-Za-z0-9]*$/

/** A title that is a name becomes a component. A request's schema that differs from a response's is `…Input`. */
export const nameSchemas = (document: JsonObject): JsonObject => {
  const named = new Map<string, { body: string; schema: JsonObject }>()

  const place = (
    title: string,
    { description, examples, ...schema }: JsonObject,
    suffixes: string[],
  ): JsonObject => {
    const body = JSON.stringify(schema)
    const name = suffixes
      .map((suffix) => `${title}${suffix}`)
      .find((candidate) => (named.get(candidate)?.body ?? body) === body)
    if (name === undefined) throw new Error(`two different schemas are called ${title}`)
    const known = named.get(name)?.schema
    named.set(name, { body, schema: { ...schema, ...(examples ? { examples } : {}), ...known } })
    return { $ref: `#/components/schemas/${name}`, ...(description === undefined ? {} : { description }) }
  }
  const moveOut = (value: Json, suffixes = ['']) =>
    mapSchemas(value, (schema) => {
      const { type, title, enum: choices } = schema
      const isType = type === 'object' || Array.isArray(choices)
      const isNamed = isType && typeof title === 'string' && NAME.test(title)
      return isNamed ? place(title, schema, suffixes) : schema
    })

  const eachOperation = (paths: Json, change: (operation: JsonObject) => JsonObject) =>
    mapValues(paths as JsonObject, (methods) =>
      mapValues(methods as JsonObject, (operation) => change(operation as JsonObject)),
    )

  const { paths = {}, components = {}, ...rest } = document
  const others = moveOut(components) as Record<string, JsonObject>
  // Responses first: theirs is the plain name.
  const answering = eachOperation(paths, ({ responses = {}, ...operation }) => ({
    ...operation,
    responses: moveOut(responses),
  }))
  const asking = eachOperation(answering, ({ requestBody, ...operation }) =>
    requestBody === undefined
      ? operation
      : { ...operation, requestBody: moveOut(requestBody, ['', 'Input']) },
  )
  const schemas = Object.fromEntries([...named].map(([name, { schema }]) => [name, schema]))
  return { ...rest, paths: asking, components: { ...others, schemas: { ...others['schemas'], ...schemas } } }
}
