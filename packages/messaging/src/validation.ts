import type { EventContract } from '@storewright/contracts'
import { Compile } from 'typebox/compile'
import type { TObject } from 'typebox'

const MAX_ERRORS = 10

const compiled = new WeakMap<TObject, ReturnType<typeof Compile>>()

const validatorOf = (schema: TObject) => {
  const known = compiled.get(schema)
  if (known) return known
  const validator = Compile(schema)
  compiled.set(schema, validator)
  return validator
}

/** Where `data` breaks its contract. Paths and rules only: values may be personal, and these texts are logged. */
export const validationErrors = <Data extends TObject>(
  { data: schema }: EventContract<Data>,
  data: unknown,
): string[] => {
  const validator = validatorOf(schema)
  if (validator.Check(data)) return []
  return validator
    .Errors(data)
    .slice(0, MAX_ERRORS)
    .map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
}
