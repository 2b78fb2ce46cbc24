import { attributeNameKey, type Attributes, type AttributeValue } from '../attributes.ts'
import { findRepeated, tidyName } from '../names.ts'

/** What an attribute of the products of a category has to be. */
export interface AttributeDefinition {
  name: string
  type: 'text' | 'number' | 'boolean' | 'choice' | 'multi-choice'
  /** Of a choice or multi-choice: what may be chosen, in its order. */
  values?: string[]
  unit?: string
  /** Whether lists offer it as a filter. */
  filterable: boolean
}

/** A definition with the category that it is of. */
export interface EffectiveDefinition extends AttributeDefinition {
  categoryId: string
}

/** By the key of the attribute's name. */
export type Definitions = Map<string, EffectiveDefinition>

interface FieldFault {
  path: string
  message: string
}

const hasChoices = ({ type }: Pick<AttributeDefinition, 'type'>) =>
  type === 'choice' || type === 'multi-choice'

export const tidyDefinitions = (
  definitions: (Omit<AttributeDefinition, 'filterable'> & { filterable?: boolean })[],
): AttributeDefinition[] =>
  definitions.map(({ name, type, values, unit, filterable = true }) => ({
    name: tidyName(name),
    type,
    ...(values && { values: values.map(tidyName) }),
    ...(unit !== undefined && { unit: tidyName(unit) }),
    filterable,
  }))

/** What is wrong with the definitions of one category, by the fields of `items`. */
export const findDefinitionFaults = (definitions: AttributeDefinition[]): FieldFault[] => [
  ...findRepeated(definitions.map(({ name }) => name)).map((index) => ({
    path: `items.${index}.name`,
    message: 'is the name of an attribute before it',
  })),
  ...definitions.flatMap((definition, index): FieldFault[] => {
    const path = `items.${index}.values`
    if (!hasChoices(definition))
      return definition.values ? [{ path, message: `has no meaning for the type ${definition.type}` }] : []
    if (!definition.values) return [{ path, message: `is required for the type ${definition.type}` }]
    return findRepeated(definition.values).map((at) => ({
      path: `${path}.${at}`,
      message: 'is a value before it',
    }))
  }),
]

export interface CategoryDefinitions {
  id: string
  parentId: string | null
  definitions: AttributeDefinition[]
}

/** What holds for the products of a category: its own definitions and those above it, of each name the nearest. */
export const effectiveDefinitions = (
  id: string | null,
  categories: ReadonlyMap<string, CategoryDefinitions>,
): Definitions => {
  const effective: Definitions = new Map()
  for (let at = id === null ? undefined : categories.get(id); at;) {
    for (const definition of at.definitions) {
      const key = attributeNameKey(definition.name)
      if (!effective.has(key)) effective.set(key, { ...definition, categoryId: at.id })
    }
    at = at.parentId === null ? undefined : categories.get(at.parentId)
  }
  return effective
}

/** The definitions of all categories of a product; those that disagree on type or unit are faults of `categoryIds`. */
export const mergeDefinitions = (
  ofCategories: Definitions[],
): { merged: Definitions; faults: FieldFault[] } => {
  const merged: Definitions = new Map()
  const faults: FieldFault[] = []
  ofCategories.forEach((definitions, index) => {
    for (const [key, definition] of definitions) {
      const other = merged.get(key)
      if (!other) merged.set(key, definition)
      else if (other.type !== definition.type || other.unit !== definition.unit) {
        const differs = other.type === definition.type ? 'in another unit' : `as ${definition.type}`
        const message = `defines "${definition.name}" ${differs}, another category of the product as ${other.type}`
        faults.push({ path: `categoryIds.${index}`, message })
      } else if (other.values && definition.values)
        merged.set(key, { ...other, values: [...new Set([...other.values, ...definition.values])] })
    }
  })
  return { merged, faults }
}

/** What is wrong with a value; null where it fits. */
export const findValueFault = (
  { type, values = [] }: AttributeDefinition,
  value: AttributeValue,
): string | null => {
  const oneOf = () => `must be one of ${values.slice(0, 20).join(', ')}${values.length > 20 ? ' …' : ''}`
  switch (type) {
    case 'text':
      return typeof value === 'string' ? null : 'must be a text'
    case 'number':
      return typeof value === 'number' ? null : 'must be a number'
    case 'boolean':
      return typeof value === 'boolean' ? null : 'must be true or false'
    case 'choice':
      if (typeof value !== 'string') return 'must be a text'
      return values.includes(value) ? null : oneOf()
    case 'multi-choice':
      if (!Array.isArray(value)) return 'must be a list of texts'
      return value.every((chosen) => values.includes(chosen)) ? null : oneOf()
  }
}

export interface Attributed {
  attributes: Attributes
  categoryIds: string[]
  variants: { attributes: Attributes; deleted: boolean }[]
}

/** Values that do not fit the definitions of the product's categories, and categories that disagree. */
export const findMisfits = (
  { attributes, categoryIds, variants }: Attributed,
  definitionsOf: (categoryId: string) => Definitions,
): FieldFault[] => {
  const { merged, faults } = mergeDefinitions(categoryIds.map(definitionsOf))
  if (merged.size === 0) return faults
  const misfits = (given: Attributes, path: string) =>
    Object.entries(given).flatMap(([name, value]): FieldFault[] => {
      const definition = merged.get(attributeNameKey(name))
      const message = definition ? findValueFault(definition, value) : null
      return message === null ? [] : [{ path: `${path}.${name}`, message }]
    })
  return [
    ...faults,
    ...misfits(attributes, 'attributes'),
    ...variants
      .filter(({ deleted }) => !deleted)
      .flatMap((variant, index) => misfits(variant.attributes, `variants.${index}.attributes`)),
  ]
}

const NUMBER = /^[+-]?\d{1,15}(\.\d{1,15})?$/

/** The text of a cell as a value of the defined type; as text where nothing is defined or it does not fit. */
export const attributeFromText = (
  definition: AttributeDefinition | undefined,
  text: string,
): AttributeValue => {
  switch (definition?.type) {
    case 'number':
      return NUMBER.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' || (text === 'false' ? false : text)
    case 'multi-choice':
      return listFrom(text)
    default:
      return text
  }
}

/** `["blue", "green"]`, or one choice as it is. */
const listFrom = (text: string): AttributeValue => {
  if (!text.startsWith('[')) return [text]
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : text
  } catch {
    return text
  }
}

/** The keys of the names whose values may fit before and not after; a choice of more values demands nothing new. */
export const demandedAnew = (before: Definitions, after: Definitions): string[] => [
  // What is gone allowed its choices to products that another category allows fewer.
  ...[...before].flatMap(([key, { values }]) => (values && !after.has(key) ? [key] : [])),
  ...[...after].flatMap(([key, { type, unit, values }]) => {
    const old = before.get(key)
    const isKept = old?.type === type && old.unit === unit
    return isKept && (old.values ?? []).every((value) => values?.includes(value)) ? [] : [key]
  }),
]
