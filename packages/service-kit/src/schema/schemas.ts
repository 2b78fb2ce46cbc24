interface Schema {
  [keyword: string]: unknown
  type?: string | string[]
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  anyOf?: Schema[]
  allOf?: Schema[]
  enum?: unknown[]
}

export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mapValues = (record: Record<string, Schema>, change: (schema: Schema) => Schema) =>
  Object.fromEntries(Object.entries(record).map(([key, schema]) => [key, change(schema)]))

/** A copy with `change` applied to each schema within, innermost first. */
const rewrite = (schema: object, change: (schema: Schema) => Schema): Schema => {
  const inner = (nested: Schema) => (isSchema(nested) ? rewrite(nested, change) : nested)
  const copy: Schema = { ...schema }
  if (copy.properties) copy.properties = mapValues(copy.properties, inner)
  if (copy.patternProperties) copy.patternProperties = mapValues(copy.patternProperties, inner)
  if (isSchema(copy.additionalProperties)) copy.additionalProperties = inner(copy.additionalProperties)
  if (isSchema(copy.items)) copy.items = inner(copy.items)
  if (copy.anyOf) copy.anyOf = copy.anyOf.map(inner)
  if (copy.allOf) copy.allOf = copy.allOf.map(inner)
  return change(copy)
}

const isScalar = (schema: Schema) =>
  typeof schema.type === 'string' && ['string', 'integer', 'number', 'boolean'].includes(schema.type)

/** `anyOf` of constants as `enum`, and "this or null" as a list of types: shorter to read, faster to check. */
const simplify = (schema: Schema): Schema => {
  const { anyOf, ...rest } = schema
  if (!anyOf) return schema
  const constants = anyOf.filter((member) => 'const' in member)
  const nulls = anyOf.filter((member) => member.type === 'null')
  const others = anyOf.filter((member) => !('const' in member) && member.type !== 'null')
  if (
    others.length === 0 &&
    constants.length > 0 &&
    constants.every((member) => typeof member['const'] === 'string')
  ) {
    const values: unknown[] = constants.map((member) => member['const'])
    return nulls.length > 0
      ? { ...rest, type: ['string', 'null'], enum: [...values, null] }
      : { ...rest, type: 'string', enum: values }
  }
  const [only] = others
  if (constants.length === 0 && nulls.length === 1 && others.length === 1 && only && isScalar(only)) {
    const values = only.enum ? { enum: [...only.enum, null] } : {}
    return { ...only, ...rest, type: [String(only.type), 'null'], ...values }
  }
  return schema
}

export const simplifyUnions = (schema: object): Schema => rewrite(schema, simplify)

const withoutDefaulted = (schema: Schema): Schema => {
  const { required, ...rest } = schema
  if (!Array.isArray(required)) return schema
  const missing = required.filter((name) => schema.properties?.[String(name)]?.['default'] === undefined)
  return missing.length > 0 ? { ...rest, required: missing } : rest
}

/** What has a default may be left out. */
export const relaxDefaults = (schema: object): Schema => rewrite(schema, withoutDefaulted)

/** Refuses unknown properties wherever the author wrote nothing else. */
export const closeObjects = (schema: object): Schema => {
  const members = new Set<Schema>()
  const close = (inner: Schema): Schema => {
    if (inner.allOf) {
      // Closed members would each refuse what the others know.
      const open = inner.allOf.map((member) => {
        if (!members.has(member)) return member
        const { additionalProperties: _closed, ...rest } = member
        return rest
      })
      return { ...inner, allOf: open, unevaluatedProperties: false }
    }
    if (inner.properties && inner.additionalProperties === undefined && !inner.patternProperties) {
      const result = { ...inner, additionalProperties: false }
      members.add(result)
      return result
    }
    return inner
  }
  return rewrite(schema, close)
}

const bounded = (schema: Schema): Schema => {
  const types = [schema.type].flat()
  if (types.includes('string') && schema['format'] === undefined) return { ...schema, format: 'text' }
  if (types.includes('integer')) {
    return { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER, ...schema }
  }
  return schema
}

/** Text is well-formed and without NUL, whole numbers are exact. */
export const addBounds = (schema: object): Schema => rewrite(schema, bounded)

/** Unchecked: for a response that does not fit its schema. */
export const pick = (schema: unknown, value: unknown): unknown => {
  if (!isSchema(schema) || typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) return value.map((item) => pick(schema.items, item))
  const variants = [schema, ...(schema.anyOf ?? []), ...(schema.allOf ?? [])].filter(isSchema)
  const known = Object.assign({}, ...variants.map((variant) => variant.properties ?? {})) as Record<
    string,
    Schema
  >
  const open = variants.some(
    (variant) =>
      variant.patternProperties !== undefined ||
      (variant.additionalProperties !== undefined && variant.additionalProperties !== false) ||
      (variant.type === 'object' && variant.properties === undefined),
  )
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => open || Object.hasOwn(known, key))
      .map(([key, inner]) => [key, pick(Object.hasOwn(known, key) ? known[key] : undefined, inner)]),
  )
}
