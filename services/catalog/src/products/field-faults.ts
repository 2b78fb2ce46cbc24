import { isDeepStrictEqual } from 'node:util'
import type { Attributes } from '../attributes.ts'
import { findMetadataFault, type Metadata } from '../metadata.ts'
import { findRepeated } from '../names.ts'
import { findOptionFaults, type OptionValues, type ProductOption } from './options.ts'

interface FieldFault {
  path: string
  message: string
}

interface Fields {
  attributes: Attributes
  options: ProductOption[]
  metadata: Metadata
  variants: { sku: string; attributes: Attributes; options: OptionValues; deleted: boolean }[]
}

/** Names that differ from one before them by case, accents or blanks alone. */
const repeatedNames = (attributes: Attributes, path: string) => {
  const names = Object.keys(attributes)
  return findRepeated(names).map((index) => ({
    path: `${path}.${names[index]}`,
    message: 'is an attribute that stands here already, spelled otherwise',
  }))
}

/** Faults of the fields that have changed: what an older version stored stays until it is changed. */
export const findFieldFaults = (product: Fields, before: Fields | null): FieldFault[] => {
  const earlier = new Map(before?.variants.map((variant) => [variant.sku, variant.attributes]))
  const named = (attributes: Attributes, was: Attributes | undefined, path: string) =>
    isDeepStrictEqual(attributes, was) ? [] : repeatedNames(attributes, path)
  const variants = product.variants.filter(({ deleted }) => !deleted)
  const isSameMetadata = before !== null && isDeepStrictEqual(product.metadata, before.metadata)
  const metadata = isSameMetadata ? null : findMetadataFault(product.metadata)
  return [
    ...named(product.attributes, before?.attributes, 'attributes'),
    ...variants.flatMap(({ sku, attributes }, index) =>
      named(attributes, earlier.get(sku), `variants.${index}.attributes`),
    ),
    ...findOptionFaults(product.options, variants),
    ...(metadata === null ? [] : [{ path: 'metadata', message: metadata }]),
  ]
}
