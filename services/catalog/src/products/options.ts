import { findRepeated, foldName, tidyName } from '../names.ts'

/** What a customer chooses a variant by. */
export interface ProductOption {
  name: string
  values: string[]
}
export type OptionValues = Record<string, string>

export interface OptionFault {
  /** Relative to the product, e.g. `variants.0.options.Colour`. */
  path: string
  message: string
}

export const tidyOptions = (options: ProductOption[]): ProductOption[] =>
  options.map(({ name, values }) => ({ name: tidyName(name), values: values.map(tidyName) }))

const byKey = (values: OptionValues) =>
  new Map(Object.entries(values).map(([name, value]) => [foldName(name), value]))

const spelled = ({ values }: ProductOption, value: string) =>
  values.find((known) => foldName(known) === foldName(value)) ?? tidyName(value)

/** Names and values spelled as the product spells them, in its order; what it does not know stays, and is a fault. */
export const spellOptions = (options: ProductOption[], stated: OptionValues): OptionValues => {
  const values = byKey(stated)
  const known = options.flatMap((option): [string, string][] => {
    const value = values.get(foldName(option.name))
    return value === undefined ? [] : [[option.name, spelled(option, value)]]
  })
  const keys = new Set(options.map(({ name }) => foldName(name)))
  const unknown = Object.entries(stated).filter(([name]) => !keys.has(foldName(name)))
  return Object.fromEntries([...known, ...unknown])
}

/** A variant's values after its product's options changed: an option that is gone goes, a new one has its first value. */
export const fitOptions = (options: ProductOption[], present: OptionValues): OptionValues => {
  const values = byKey(present)
  return Object.fromEntries(
    options.map((option) => [
      option.name,
      spelled(option, values.get(foldName(option.name)) ?? option.values[0] ?? ''),
    ]),
  )
}

const faultsOfOptions = (options: ProductOption[]): OptionFault[] => [
  ...findRepeated(options.map(({ name }) => name)).map((index) => ({
    path: `options.${index}.name`,
    message: 'is the name of an option before it',
  })),
  ...options.flatMap(({ values }, index) =>
    findRepeated(values).map((at) => ({
      path: `options.${index}.values.${at}`,
      message: 'is a value before it',
    })),
  ),
]

/** What breaks the rule that each variant has one value of each option, and no two variants the same ones. */
export const findOptionFaults = (
  options: ProductOption[],
  variants: { sku: string; options: OptionValues }[],
): OptionFault[] => {
  const faults = faultsOfOptions(options)
  const combinations = new Map<string, string>()
  variants.forEach(({ sku, options: values }, index) => {
    const path = `variants.${index}.options`
    const before = faults.length
    for (const { name, values: known } of options) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined
      if (value === undefined)
        faults.push({ path: `${path}.${name}`, message: `is required: ${sku} has no value of it` })
      else if (!known.includes(value))
        faults.push({ path: `${path}.${name}`, message: `of ${sku} is none of the option's values` })
    }
    const names = new Set(options.map(({ name }) => name))
    for (const name of Object.keys(values))
      if (!names.has(name))
        faults.push({ path: `${path}.${name}`, message: `of ${sku} is no option of the product` })
    if (faults.length > before || options.length === 0) return
    const combination = JSON.stringify(options.map(({ name }) => values[name]))
    const other = combinations.get(combination)
    if (other !== undefined)
      faults.push({ path, message: `the options of ${sku} are those of ${other} already` })
    combinations.set(combination, sku)
  })
  return faults
}
