export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const mapValues = (record: JsonObject, change: (value: Json, key: string) => Json): JsonObject =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]))

const VALUES = new Set(['example', 'examples', 'default', 'enum', 'const'])

/** A copy with `change` applied to each object that may be a schema, innermost first. */
export const mapSchemas = (
  value: Json,
  change: (schema: JsonObject) => JsonObject,
  areProperties = false,
): Json => {
  if (Array.isArray(value)) return value.map((item: Json) => mapSchemas(item, change))
  if (!isObject(value)) return value
  const copy = mapValues(value, (inner, key) =>
    !areProperties && VALUES.has(key)
      ? inner
      : mapSchemas(inner, change, !areProperties && key === 'properties'),
  )
  return areProperties ? copy : change(copy)
}
