import { isObject, mapValues, type Json, type JsonObject } from './json.ts'

/** Undefined where a required part has no example. */
export const exampleOf = (schema: Json | undefined): Json | undefined => {
  if (!isObject(schema)) return undefined
  const { examples, enum: choices, const: only, default: usual, type, properties, items, anyOf } = schema
  if (Array.isArray(examples)) return (examples as Json[])[0]
  if (only !== undefined) return only
  if (usual !== undefined) return usual
  if (Array.isArray(choices)) return (choices as Json[])[0]
  if (Array.isArray(anyOf)) return (anyOf as Json[]).map(exampleOf).find((value) => value !== undefined)
  if (type === 'boolean') return false
  if (type === 'null') return null
  if (type === 'array') {
    const item = exampleOf(items)
    return item === undefined ? undefined : [item]
  }
  return type === 'object' ? objectOf(properties, schema['required']) : undefined
}

const objectOf = (properties: Json | undefined, required: Json | undefined): JsonObject | undefined => {
  const made: JsonObject = {}
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
    const value = exampleOf(property)
    if (value !== undefined) made[name] = value
    else if (Array.isArray(required) && (required as Json[]).includes(name)) return undefined
  }
  return made
}

export const withMadeExamples = (content: Json | undefined): JsonObject =>
  mapValues(isObject(content) ? content : {}, (media) => {
    if (!isObject(media) || 'example' in media || 'examples' in media) return media
    const example = exampleOf(media['schema'])
    return example === undefined ? media : { ...media, example }
  })
