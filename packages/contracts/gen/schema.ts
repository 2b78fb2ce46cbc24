export interface Schema {
  type?: string
  description?: string
  required?: string[]
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  const?: string | number | boolean
  [keyword: string]: unknown
}

export const plain = (schema: unknown): Schema => JSON.parse(JSON.stringify(schema)) as Schema

/** Every field with its path, in reading order; `[]` marks the items of a list. */
export const fieldsOf = (
  schema: Schema,
  prefix = '',
): { path: string; schema: Schema; required: boolean }[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`
    const inner = property.type === 'array' ? property.items : property
    const innerPrefix = property.type === 'array' ? `${path}[].` : `${path}.`
    return [
      { path, schema: property, required: schema.required?.includes(name) ?? false },
      ...(inner && !isMoney(inner) ? fieldsOf(inner, innerPrefix) : []),
    ]
  })

export const isMoney = ({ properties }: Schema) =>
  properties !== undefined && Object.keys(properties).sort().join() === 'amount,currency'

const UUID_PATTERN = '^[0-9a-f]{8}-'

export const typeOf = (schema: Schema): string => {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (isMoney(schema)) return 'money'
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`
  if (typeof schema['pattern'] === 'string') {
    if (schema['pattern'].startsWith(UUID_PATTERN)) return 'UUID'
    if (schema['pattern'].includes('T')) return 'time'
    if (schema['pattern'].startsWith('^[A-Z0-9](')) return 'SKU'
  }
  return schema.type ?? 'anything'
}
