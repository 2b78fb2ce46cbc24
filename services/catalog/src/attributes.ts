import { foldName, tidyName } from './names.ts'

/** A list is what a multi-choice attribute has. */
export type AttributeValue = string | number | boolean | string[]
export type Attributes = Record<string, AttributeValue>

/** Attributes with equal keys are one attribute, however their names are written on different products. */
export const attributeNameKey = (name: string) => foldName(name)

/** The value under this very name; never something that every object inherits. */
export const attributeOf = (attributes: Attributes, name: string): AttributeValue | undefined =>
  Object.hasOwn(attributes, name) ? attributes[name] : undefined

/** Names tidied; two that become one name both stay, so that they are found as repeated. */
export const tidyAttributes = (attributes: Attributes): Attributes => {
  const tidied = new Map<string, AttributeValue>()
  for (const [name, value] of Object.entries(attributes)) {
    const tidy = tidyName(name)
    // JSON has no -0.
    tidied.set(tidied.has(tidy) ? name : tidy, Object.is(value, -0) ? 0 : value)
  }
  return Object.fromEntries(tidied)
}

export const attributeText = (value: AttributeValue): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : String(value)
